import type { Fact } from '@shoukou/protocol/events/facts.ts'
import { describe, expect, it } from 'vitest'
import { readRecord, summarizeFact } from './read-record.ts'

describe('readRecord', () => {
  it('returns null for what is no record, so that the page shows it raw', () => {
    expect(readRecord('{')).toBeNull()
    expect(readRecord('"text"')).toBeNull()
    expect(readRecord('{"v":1}')).toBeNull()
    expect(readRecord('{"fact":{"kind":"clock.stepped"}}')).not.toBeNull()
  })
})

describe('summarizeFact', () => {
  it('keeps what a device called itself apart from words of ours', () => {
    const fact = {
      kind: 'usb.attached',
      device: { product: 'value.yes\u202e', vendorId: '0781', productId: '5583', serial: null },
    } as unknown as Fact
    expect(summarizeFact(fact)).toEqual([
      { kind: 'raw', text: 'value.yes\u202e' },
      { kind: 'code', text: '0781:5583' },
    ])
  })

  it('tells a rename from where to where', () => {
    const fact = {
      kind: 'file.activity',
      operation: 'renamed',
      path: 'b',
      renamedFrom: 'a',
      sizeBytes: null,
    } as unknown as Fact
    expect(summarizeFact(fact).map((part) => ('text' in part ? part.text : part.kind))).toEqual([
      'words',
      'a',
      '→',
      'b',
    ])
  })
})
