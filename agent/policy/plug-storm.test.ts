import { expect, it } from 'vitest'
import {
  NO_PLUG_STORMS,
  type PlugStorms,
  STORM_ATTACHES_MAX,
  STORM_PORTS_MAX,
  type StormEvent,
  stepPlugStorm,
} from './plug-storm.ts'

const wallMs = (atMs: number): number => 1_700_000_000_000 + atMs
const plug = (atMs: number, port = '1-1'): StormEvent => ({
  kind: 'attached',
  port,
  atMs,
  wallMs: wallMs(atMs),
})
const tick = (atMs: number): StormEvent => ({ kind: 'tick', atMs, wallMs: wallMs(atMs) })

function run(events: readonly StormEvent[]) {
  let state: PlugStorms = NO_PLUG_STORMS
  const steps = events.map((event) => {
    const step = stepPlugStorm(state, event)
    state = step.state
    return step
  })
  return { state, facts: steps.flatMap(({ facts }) => facts), storming: steps.map((step) => step.isStorming) }
}
const plugs = (count: number, everyMs: number, port?: string): StormEvent[] =>
  Array.from({ length: count }, (_, index) => plug(index * everyMs, port))

it('takes twenty attachments a minute for a person, and the twenty-first for a storm that is told at once', () => {
  expect(run(plugs(STORM_ATTACHES_MAX, 1_000))).toMatchObject({ facts: [] })
  const { facts, storming } = run(plugs(STORM_ATTACHES_MAX + 1, 1_000))
  expect(storming.indexOf(true)).toBe(STORM_ATTACHES_MAX)
  expect(facts).toEqual([
    { kind: 'usb.storm', port: '1-1', attaches: 21, firstWallMs: wallMs(0), lastWallMs: wallMs(20_000) },
  ])
})

it('takes twenty-one within a little more than a minute for no storm', () => {
  expect(run(plugs(21, 3_000)).facts).toEqual([])
})

it('counts each attachment of a storm once, however long it lasts and however it is told', () => {
  for (const everyMs of [50, 137, 1_000]) {
    const events = plugs(600, everyMs)
    const end = 600 * everyMs
    const { facts, storming, state } = run([...events, tick(end + 5_000), tick(end + 60_000)])
    expect(facts.reduce((sum, { attaches }) => sum + attaches, 0)).toBe(600)
    expect(facts[0]?.firstWallMs).toBe(wallMs(0))
    expect(facts.at(-1)?.lastWallMs).toBe(wallMs(599 * everyMs))
    expect(storming.filter(Boolean)).toHaveLength(580)
    expect(facts.length).toBeLessThanOrEqual(2 + end / 10_000)
    expect(state.ports.size).toBe(0)
  }
})

it('tells each ten seconds while it lasts', () => {
  const { facts } = run(plugs(400, 100))
  const gaps = facts.slice(2).map(({ lastWallMs }, index) => lastWallMs - (facts[index + 1]?.lastWallMs ?? 0))
  expect(facts.length).toBeGreaterThanOrEqual(4)
  expect(gaps.every((gap) => gap === 10_000)).toBe(true)
})

it('is over when a minute holds no more than a person makes, and the device is looked at again', () => {
  const storm = plugs(30, 100)
  const { storming, facts } = run([...storm, tick(70_000), plug(70_001)])
  expect(storming.at(-1)).toBe(false)
  expect(facts.reduce((sum, { attaches }) => sum + attaches, 0)).toBe(30)
})

it('keeps ports apart', () => {
  const both = plugs(15, 1_000).flatMap((event) => [event, { ...event, port: '1-2' } as StormEvent])
  expect(run(both).facts).toEqual([])
})

it('tells what it counted of a port that it has to forget', () => {
  const others = Array.from({ length: STORM_PORTS_MAX }, (_, index) => plug(5_000, `2-${index}`))
  const { facts, state } = run([...plugs(30, 100, '1-1'), ...others])
  expect(state.ports.size).toBe(STORM_PORTS_MAX)
  expect(facts.reduce((sum, { attaches }) => sum + attaches, 0)).toBe(30)
})

it('puts the earlier time first where the wall clock was set back meanwhile', () => {
  const events = plugs(21, 100).map((event, index) => ({ ...event, wallMs: wallMs(-index) }))
  const [fact] = run(events).facts
  expect(fact?.firstWallMs).toBeLessThan(fact?.lastWallMs ?? 0)
})
