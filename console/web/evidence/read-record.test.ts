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

  it('calls a medium by its number in the register, else by what it calls itself, and never by both', () => {
    const examined = (number: string | null) =>
      summarizeFact({
        kind: 'media.examined',
        passport: { usb: { product: 'Data\u202eTraveler' }, inquiry: null },
        identity: { result: 'match', number },
        seal: { state: 'valid' },
        right: 'read-only',
      } as unknown as Fact)
    expect(examined('U-1')[0]).toEqual({ kind: 'raw', text: 'U-1' })
    expect(examined(null)[0]).toEqual({ kind: 'raw', text: 'Data\u202eTraveler' })
    expect(examined(null).at(-1)).toEqual({ kind: 'words', key: 'value.right.read-only' })
  })

  it('keeps the code of a cause that has no words', () => {
    const parts = summarizeFact({
      kind: 'media.access',
      place: { disk: 'sdb', usbPath: '1-1' },
      number: null,
      right: 'none',
      cause: 'something-new',
    } as unknown as Fact)
    expect(parts.at(-1)).toEqual({
      kind: 'words',
      key: 'value.cause.something-new',
      otherwise: 'something-new',
    })
  })
})
