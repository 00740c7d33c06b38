import { describe, expect, it } from 'vitest'
import { type AgentClock, type ClockReading, firstClock, readClock, tellStep } from './agent-clock.ts'

const limitMs = 120_000
const startWall = Date.UTC(2026, 5, 1, 8)
const hour = 3_600_000
/** A reading of a clock that is `byMs` off, `lateMs` under way. */
const reading = (atMs: number, byMs = 0, { lateMs = 0, isCaughtUp = true } = {}): ClockReading => ({
  wallMs: startWall + atMs - lateMs + byMs,
  atMs,
  isCaughtUp,
})
/** Reads every 10 s from `fromMs` on; returns the clock and what was found. */
function readAll(clock: AgentClock, readings: readonly ClockReading[]) {
  const found: number[] = []
  let at = clock
  for (const one of readings) {
    const verdict = readClock(at, one, limitMs)
    at = verdict.clock
    if (verdict.setBackMs !== null) found.push(verdict.setBackMs)
  }
  return { clock: at, found }
}
const beats = (fromMs: number, count: number, byMs: number, more = {}): ClockReading[] =>
  Array.from({ length: count }, (_, n) => reading(fromMs + n * 10_000, byMs, more))
const known = firstClock(reading(0))

describe('an agent’s clock', () => {
  it('that was set back by more than its policy allows, untold for a minute, is found once', () => {
    const { found } = readAll(known, beats(10_000, 60, -hour))
    expect(found).toHaveLength(1)
    expect(found[0]).toBeCloseTo(-hour, -2)
  })

  it('is found set back also across connections, and a second time when it is done again', () => {
    const { clock, found } = readAll(known, beats(8 * hour, 8, -2 * hour))
    expect(found).toHaveLength(1)
    expect(readAll(clock, beats(9 * hour, 8, -5 * hour)).found).toHaveLength(1)
  })

  it('within the limit, or forward, accuses nobody', () => {
    expect(readAll(known, beats(10_000, 60, -119_000)).found).toEqual([])
    expect(readAll(known, beats(10_000, 60, 24 * hour)).found).toEqual([])
  })

  it('is found where it was first put forward and then back', () => {
    const ahead = readAll(known, beats(10_000, 6, 24 * hour))
    expect(readAll(ahead.clock, beats(100_000, 10, 0)).found).toHaveLength(1)
  })

  it('that the agent told of, before or within the minute, is left to its record', () => {
    expect(readAll(tellStep(known, -hour, 5_000), beats(10_000, 20, -hour)).found).toEqual([])
    const suspected = readAll(known, beats(10_000, 4, -hour)).clock
    expect(readAll(tellStep(suspected, -hour, 45_000), beats(50_000, 20, -hour)).found).toEqual([])
    // Two steps told as two.
    const twice = tellStep(tellStep(suspected, -hour / 2, 45_000), -hour / 2, 46_000)
    expect(readAll(twice, beats(50_000, 20, -hour)).found).toEqual([])
  })

  it('is not excused by a smaller step, nor by one told long before', () => {
    expect(readAll(tellStep(known, -60_000, 5_000), beats(10_000, 20, -hour)).found).toHaveLength(1)
    const old = tellStep(known, -hour, 5_000)
    expect(readAll(old, [...beats(10_000, 20, 0), ...beats(300_000, 20, -hour)]).found).toHaveLength(1)
  })

  it('whose words were only late accuses nobody', () => {
    const late = beats(10_000, 12, 0, { lateMs: 200_000 })
    expect(readAll(known, [...late.slice(0, 5), reading(65_000), ...late.slice(6)]).found).toEqual([])
  })

  it('waits for an agent that still has records to send', () => {
    const behind = beats(10_000, 30, -hour, { isCaughtUp: false })
    const { clock, found } = readAll(known, behind)
    expect(found).toEqual([])
    expect(readAll(clock, [reading(320_000, -hour)]).found).toHaveLength(1)
  })

  it('that drifts as crystals do is followed, for months', () => {
    let clock = known
    for (let atMs = 0; atMs < 90 * 24 * hour; atMs += hour) {
      const verdict = readClock(clock, reading(atMs, -atMs * 100e-6), limitMs)
      expect(verdict.setBackMs).toBeNull()
      clock = verdict.clock
    }
  })
})
