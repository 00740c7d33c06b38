import { VIOLATION_IDS, VIOLATIONS } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import type { StoredRecord, ViolationRow } from '../../store/ports.ts'
import { parsePlace, placeOf, withinBytes } from './record-view.ts'
import { timelineOf } from './timeline.ts'
import { catalogueView, violationItem } from './violation-view.ts'

function record(seq: number, wallMs: number, receivedAt: number, bytes = 10): StoredRecord {
  const raw = Buffer.alloc(bytes, 0x20)
  return {
    agent: 'a',
    epoch: 'e',
    seq,
    kind: 'usb.attached',
    sensor: 'usb',
    wallMs,
    receivedAt,
    policyVersion: 1,
    raw,
    head: '',
  }
}

const row: ViolationRow = {
  id: 1,
  agent: 'a',
  number: 'JM-0001',
  key: 'k',
  type: 'unregistered-media-inserted',
  severity: 'high',
  level: 'secret',
  policyVersion: 1,
  evidence: '{}',
  epoch: 'e',
  seq: 1,
  occurredAt: 1,
  receivedAt: 2,
  endedAt: null,
}

describe('a violation', () => {
  it('whose evidence has an older shape is still told, by its name', () => {
    const { headline } = violationItem({ ...row, evidence: '{"older":true}' })
    expect(headline.zh).toBe(`机密计算机 JM-0001：${VIOLATIONS['unregistered-media-inserted'].name.zh}`)
    expect(headline.en).toContain('JM-0001 (Secret 机密)')
  })

  it('has a number, a name and a legal basis in both languages, whichever it is', () => {
    for (const id of VIOLATION_IDS) {
      const { number, name, basis } = catalogueView(id)
      expect(number, id).toBe(VIOLATIONS[id].number)
      expect(basis.length, id).toBeGreaterThan(0)
      for (const text of [name, ...basis])
        expect(
          [text.zh, text.en].every((words) => words.length > 3),
          id,
        ).toBe(true)
    }
  })

  it('of a type that the catalogue does not have is told as it is', () => {
    expect(catalogueView('__proto__')).toEqual({
      number: null,
      name: { zh: '__proto__', en: '__proto__' },
      basis: [],
    })
  })
})

describe('the timeline', () => {
  const frame = {
    occurredAt: 1_000_000,
    receivedAt: 5_000_000,
    windowMs: 600_000,
    recordsMax: 3,
    bytesMax: 1_000,
  }

  it('holds what is near by either clock, once, oldest first', () => {
    const found = [
      record(3, 1_600_000, 9e9),
      record(1, 400_000, 9e9),
      record(2, 9e9, 5_600_000),
      record(1, 400_000, 9e9),
    ]
    expect(timelineOf(found, frame)).toMatchObject({
      rows: [{ seq: 1 }, { seq: 2 }, { seq: 3 }],
      isWhole: true,
    })
  })

  it('leaves out what is one ms farther than its window', () => {
    expect(timelineOf([record(1, 399_999, 9e9), record(2, 9e9, 5_600_001)], frame).rows).toEqual([])
  })

  it('keeps the nearest of too many, and says that it is not whole', () => {
    const found = [1, 2, 3, 4].map((seq) => record(seq, 1_000_000 + seq, 9e9))
    const { rows, isWhole } = timelineOf(found, frame)
    expect([rows.map(({ seq }) => seq), isWhole]).toEqual([[1, 2, 3], false])
    expect(timelineOf([record(1, 1_000_000, 0, 600), record(2, 1_000_001, 0, 600)], frame)).toMatchObject({
      rows: [{ seq: 1 }],
      isWhole: false,
    })
  })
})

describe('a page of records', () => {
  it('stops at its bytes, and holds at least one', () => {
    const rows = [record(3, 0, 0, 600), record(2, 0, 0, 400), record(1, 0, 0, 1)]
    expect(withinBytes(rows, 1_000)).toHaveLength(2)
    expect(withinBytes(rows, 1_001)).toHaveLength(3)
    expect(withinBytes(rows, 1)).toHaveLength(1)
  })

  it('names its end so that the next begins behind it', () => {
    expect(parsePlace(placeOf(record(7, 1, 99)))).toEqual({ receivedAt: 99, seq: 7 })
  })
})
