import { describe, expect, it } from 'vitest'
import { judgeDestination } from './destination.ts'

const registered = { device: 'sdb', number: 'U-0001', right: 'read-write' } as const

describe('where a bundle may be written', () => {
  it('is a registered medium that may be written here', () => {
    expect(judgeDestination(true, [registered], 'sdb')).toEqual({
      kind: 'may',
      medium: 'U-0001',
      isWarned: false,
    })
  })

  it('is, where the policy enforces, nothing else, and each reason has its word', () => {
    const why = (...asked: Parameters<typeof judgeDestination>) => {
      const verdict = judgeDestination(...asked)
      return verdict.kind === 'may-not' ? verdict.why : verdict.kind
    }
    expect(why(true, null, 'sdb')).toBe('no-agent')
    expect(why(true, [registered], 'sda')).toBe('not-a-medium')
    expect(why(true, [registered], null)).toBe('not-a-medium')
    expect(why(true, [{ ...registered, number: null }], 'sdb')).toBe('not-registered')
    expect(why(true, [{ ...registered, right: 'read-only' }], 'sdb')).toBe('read-only')
  })

  it('is, where the policy only observes, anywhere, with a warning and no medium’s number', () => {
    const anywhere = { kind: 'may', medium: null, isWarned: true }
    expect(judgeDestination(false, null, null)).toEqual(anywhere)
    expect(judgeDestination(false, [{ ...registered, right: 'read-only' }], 'sdb')).toEqual(anywhere)
  })
})
