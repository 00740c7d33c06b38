import { describe, expect, it } from 'vitest'
import { idleState } from './idle-state.ts'

const limits = { idleMs: 600_000, warningMs: 60_000 }

describe('a page that nobody touches', () => {
  it('warns for a minute, then locks, before the console ends the session', () => {
    expect(idleState(0, limits)).toEqual({ kind: 'in-use' })
    expect(idleState(509_999, limits)).toEqual({ kind: 'in-use' })
    expect(idleState(510_000, limits)).toEqual({ kind: 'warning', secondsLeft: 60 })
    expect(idleState(569_001, limits)).toEqual({ kind: 'warning', secondsLeft: 1 })
    expect(idleState(570_000, limits)).toEqual({ kind: 'over' })
  })

  it('never counts down to zero while it is open', () => {
    for (let untouched = 510_000; untouched < 570_000; untouched += 777)
      expect(idleState(untouched, limits)).toMatchObject({ kind: 'warning' })
  })
})
