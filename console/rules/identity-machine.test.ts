import { type HardwareFact, type HardwarePart, hardwareFact } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { isSameMachine, judgeMachine } from './identity-machine.ts'

const facts = (told: Partial<Record<HardwarePart, string | readonly string[]>>): HardwareFact[] =>
  Object.entries(told).flatMap(([part, numbers]) =>
    [numbers].flat().map((number) => hardwareFact(part as HardwarePart, number)),
  )
const own = facts({
  'product-uuid': '4c4c4544-0042-3510-8056-b4c04f564433',
  'board-serial': 'CN7016342100A1',
  disk: ['S4EWNX0M812345', '50026B7784AB12CD'],
  adapter: '00:1b:21:3a:4f:10',
})

describe('the machine of an agent', () => {
  it('is the same where everything is, in whatever order and case', () => {
    expect(judgeMachine(own, own.toReversed()).kind).toBe('same')
    expect(hardwareFact('product-uuid', ' ABCD ')).toEqual(hardwareFact('product-uuid', 'abcd'))
    expect(hardwareFact('disk', 'abcd')).not.toEqual(hardwareFact('adapter', 'abcd'))
  })

  it.each([
    ['a disk', { disk: 'S5GXNX0T999999' }],
    ['every disk', { disk: [] }],
    ['a card', { adapter: '00:1b:21:ff:ff:ff' }],
    ['disks and cards together', { disk: 'OTHER-DISK-1', adapter: '00:1b:21:ff:ff:ff' }],
    ['a UUID, by its firmware', { 'product-uuid': '00112233-4455-6677-8899-aabbccddeeff' }],
    [
      'the board, behind its disk and its card',
      { 'product-uuid': 'other-uuid-1', 'board-serial': 'other-board' },
    ],
  ] as const)('has changed, and is no other one, where %s was exchanged', (_what, change) => {
    const kept = own.filter(({ part }) => !Object.hasOwn(change, part))
    expect(judgeMachine(own, [...kept, ...facts(change)]).kind).toBe('changed')
  })

  it('is another one where nothing of its own is there', () => {
    const other = facts({
      'product-uuid': '4c4c4544-0051-4410-8033-c3c04f464e32',
      'board-serial': 'CN7016342100B9',
      disk: 'S5GXNX0T000001',
      adapter: '00:1b:21:99:99:99',
    })
    expect(judgeMachine(own, other)).toEqual({ kind: 'other', inCommon: 0 })
    // The disk alone was carried there: the identity stands on it.
    const withDisk = [...other, ...facts({ disk: 'S4EWNX0M812345' })]
    expect(judgeMachine(own, withDisk)).toEqual({ kind: 'other', inCommon: 1 })
  })

  it('is not known where one side names nothing, or other numbers than the other', () => {
    expect(judgeMachine(own, null).kind).toBe('unknown')
    expect(judgeMachine(own, []).kind).toBe('unknown')
    expect(judgeMachine([], own).kind).toBe('unknown')
    expect(judgeMachine([], []).kind).toBe('unknown')
    expect(judgeMachine(facts({ disk: 'A-DISK-1234' }), facts({ disk: 'B-DISK-1234' })).kind).toBe('unknown')
    expect(
      judgeMachine(facts({ 'product-uuid': 'uuid-one-1' }), facts({ 'board-serial': 'board-one-1' })).kind,
    ).toBe('unknown')
  })
})

describe('one machine under two keys', () => {
  it('is known by two numbers, one of them of the machine itself', () => {
    expect(isSameMachine(own, own)).toBe(true)
    expect(isSameMachine(own, facts({ 'board-serial': 'CN7016342100A1', disk: 'S4EWNX0M812345' }))).toBe(true)
  })

  it.each([
    ['one number that many machines bear', { 'product-uuid': '4c4c4544-0042-3510-8056-b4c04f564433' }],
    ['disks and cards alone', { disk: 'S4EWNX0M812345', adapter: '00:1b:21:3a:4f:10' }],
    [
      'a board that contradicts',
      {
        'product-uuid': '4c4c4544-0042-3510-8056-b4c04f564433',
        'board-serial': 'other',
        disk: 'S4EWNX0M812345',
      },
    ],
  ] as const)('is not concluded from %s', (_what, told) => {
    expect(isSameMachine(own, facts(told))).toBe(false)
  })
})
