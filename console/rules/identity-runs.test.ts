import { describe, expect, it } from 'vitest'
import { judgeRun, NO_RUNS, type Runs } from './identity-runs.ts'

const after = (...ids: readonly string[]): Runs =>
  ids.reduce((runs, id) => judgeRun(runs, id, false).runs, NO_RUNS)

describe('runs of an agent', () => {
  it('follow each other where the agent starts anew', () => {
    expect(judgeRun(NO_RUNS, 'a', false).kind).toBe('goes-on')
    expect(judgeRun(after('a'), 'a', true).kind).toBe('goes-on')
    expect(judgeRun(after('a', 'b'), 'c', false)).toEqual({
      kind: 'goes-on',
      runs: { current: 'c', replaced: ['b', 'a'] },
    })
  })

  it('are two machines where one that was replaced comes back', () => {
    const verdict = judgeRun(after('a', 'b'), 'a', false)
    expect(verdict).toEqual({ kind: 'came-back', runs: { current: 'a', replaced: ['b'] } })
    expect(judgeRun(verdict.runs, 'b', false).kind).toBe('came-back')
  })

  it('are two machines where the known one answers, and it keeps its place', () => {
    expect(judgeRun(after('a'), 'b', true)).toEqual({ kind: 'two-alive', runs: after('a') })
  })

  it('are remembered up to a bound', () => {
    const many = after(...Array.from({ length: 40 }, (_, n) => `run-${n}`))
    expect(many.replaced).toHaveLength(16)
    expect(judgeRun(many, 'run-30', false).kind).toBe('came-back')
    expect(judgeRun(many, 'run-2', false).kind).toBe('goes-on')
  })
})
