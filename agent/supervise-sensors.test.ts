import type { Baseline, Fact } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { createLog } from './base/log.ts'
import type { Pipeline } from './pipeline.ts'
import { PresentThings } from './present-things.ts'
import type { Sensor, SensorContext } from './sensors/sensor.ts'
import { SensorSupervisor } from './supervise-sensors.ts'
import { makeFolderForTest } from './testing/journal-bench.ts'

const baseline: Baseline = { takenAtMs: 1, usb: [], disks: [], interfaces: [] }
const watching = { state: 'watching', method: 'test', reason: null, remedy: null } as const

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

async function supervise(
  run: (context: SensorContext, attempt: number) => Promise<void>,
  isFirstStart = true,
) {
  const facts: Fact[] = []
  const stop = new AbortController()
  const pipeline: Pipeline = {
    tell(_sensor, fact) {
      facts.push(fact)
      return Promise.resolve(null)
    },
    tellDecided: () => Promise.resolve(null),
    decideUsbAgain: () => ({ outcome: 'allowed', would: 'allow', rule: 'no-rule' }),
    begin: () => {},
    judgeAnew: () => 0,
  }
  const folder = await makeFolderForTest()
  const present = await PresentThings.open(
    { path: `${folder}/present.json`, bootId: 'b', flushed: () => Promise.resolve(), onFault: () => {} },
    () => {},
  )
  let attempt = 0
  const sensor: Sensor = {
    name: 'usb',
    run: (context) => run(context, attempt++),
    rescan: () => Promise.reject(new Error('no')),
  }
  const supervisor = new SensorSupervisor({
    sensors: [sensor],
    pipeline,
    present,
    baseline,
    baselineKeys: new Set(['own']),
    isFirstStart,
    log: createLog('error', () => {}),
    signal: stop.signal,
    onCoverage: () => {},
    restartDelay: { delayMsMin: 1, delayMsMax: 5 },
  })
  supervisor.start()
  return { facts, stop, supervisor, present }
}

const coverages = (facts: readonly Fact[]) =>
  facts.flatMap((fact) => (fact.kind === 'agent.coverage' ? [fact.coverage.state] : []))

describe('supervising sensors', () => {
  it('records a change of coverage once, not each time it is said', async () => {
    const { facts, stop, supervisor } = await supervise(async (context) => {
      context.cover(watching)
      context.cover(watching)
      context.ready()
      await aborted(context.signal)
    })
    await supervisor.ready
    expect(coverages(facts)).toEqual(['watching'])
    stop.abort()
    await supervisor.stopped()
  })

  it('says that nothing is watched while a sensor is dead, and starts it again', async () => {
    const { facts, stop, supervisor } = await supervise(async (context, attempt) => {
      context.cover(watching)
      if (attempt < 2) throw new Error('gone \u001b[2J')
      await aborted(context.signal)
    })
    await expect
      .poll(() => coverages(facts))
      .toEqual(['watching', 'not-watched', 'watching', 'not-watched', 'watching'])
    const dead = facts.find((fact) => fact.kind === 'agent.coverage' && fact.coverage.state === 'not-watched')
    expect(JSON.stringify(dead)).toContain('gone \\\\u{001b}[2J')
    await supervisor.ready
    stop.abort()
    await supervisor.stopped()
  })

  it('takes a sensor that ends by itself for a dead one', async () => {
    const { facts, stop, supervisor } = await supervise(() => Promise.resolve())
    await expect.poll(() => coverages(facts).length).toBeGreaterThan(0)
    expect(supervisor.coverage).toMatchObject([{ sensor: 'usb', state: 'not-watched' }])
    stop.abort()
    await supervisor.stopped()
  })

  it('knows what was told of before the sensor died: it is still present, not new', async () => {
    const origins: string[] = []
    const { stop, supervisor } = await supervise(async (context, attempt) => {
      origins.push(context.originAtStart('stick'), context.originAtStart('own'))
      if (attempt > 0) return await aborted(context.signal)
      context.remember(new Set(['stick']))
      throw new Error('dies')
    })
    await expect.poll(() => origins).toEqual(['present-at-start', 'baseline', 'still-present', 'baseline'])
    stop.abort()
    await supervisor.stopped()
  })

  it('names the sensors that could not look again', async () => {
    const { stop, supervisor } = await supervise((context) => aborted(context.signal))
    expect(await supervisor.rescan()).toEqual(['usb'])
    stop.abort()
    await supervisor.stopped()
  })
})
