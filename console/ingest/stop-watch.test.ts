import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_POLICY_SETTINGS, type Fact } from '@shoukou/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../base/log.ts'
import { createFeed } from '../feed/feed.ts'
import type { FeedEvent } from '../feed/ports.ts'
import { restartMsMax } from '../rules/protection-rules.ts'
import type { ViolationRow } from '../store/ports.ts'
import { StopWatch, watchStops } from './stop-watch.ts'
import { type IngestBench, openIngestBench, type TestComputer } from './testing/ingest-bench.ts'

type Stop = Extract<Fact, { kind: 'agent.stopping' }>['reason']

const bootId = 'boot-1'
const enforcing = {
  modes: { ...DEFAULT_POLICY_SETTINGS.modes, media: 'enforce' },
} as const
let bench: IngestBench
let told: FeedEvent[]
/** Of the console: nobody sets it. */
let monotonicMs: number

beforeAll(async () => {
  bench = await openIngestBench()
})
beforeEach(() => {
  told = []
  monotonicMs = 0
})
afterAll(() => bench[Symbol.asyncDispose]())

function options() {
  const feed = createFeed()
  feed.subscribe({ deliver: (message) => told.push(message.event) > 0, resync: () => undefined }, null)
  const { store } = bench
  return { store, feed, log: createLog('silent'), now: () => bench.now, monotonicMs: () => monotonicMs }
}

/** A watch that has looked once: time runs from here. */
async function watching(): Promise<StopWatch> {
  const watch = new StopWatch(options())
  await watch.look()
  return watch
}

function pass(ms: number): void {
  bench.now += ms
  monotonicMs += ms
}

async function stopped(reason: Stop, settings: object = enforcing): Promise<TestComputer> {
  const computer = await bench.computer(settings)
  await computer.send({ kind: 'agent.stopping', reason }, { bootId, bootMs: 50_000 })
  return computer
}

const started = (computer: TestComputer, bootMs: number, boot = bootId): Promise<void> =>
  computer.send({ kind: 'agent.started', previous: 'clean-stop', pid: 7, uid: 0 }, { bootId: boot, bootMs })

const evidenceOf = (row: ViolationRow | undefined): unknown => JSON.parse(row?.evidence ?? 'null')

describe('an agent that was stopped alone', () => {
  it('and does not come back within a restart is violation 38, once, told to whoever watches', async () => {
    const computer = await stopped('stopped-alone')
    const stoppedAt = bench.now
    const watch = await watching()
    pass(restartMsMax - 1)
    await watch.look()
    expect(await computer.types()).toEqual([])
    pass(1)
    for (let looks = 0; looks < 3; looks += 1) await watch.look()
    const [found, ...more] = await computer.violations()
    expect(more).toEqual([])
    expect(found).toMatchObject({
      type: 'agent-tamper',
      severity: 'critical',
      occurredAt: stoppedAt,
      level: DEFAULT_POLICY_SETTINGS.level,
    })
    expect(evidenceOf(found)).toMatchObject({ what: 'stopped', serviceState: 'stopped', openMs: null })
    expect(told.map(({ kind }) => kind)).toEqual(['violation'])
    // Another console, or the same one started anew, finds the same stop told already.
    const anew = await watching()
    pass(restartMsMax)
    await anew.look()
    expect(await computer.types()).toEqual(['agent-tamper'])
  })

  it('and comes back late is the same violation, also where its own record tells it first', async () => {
    const [seen, unseen] = [await stopped('stopped-alone'), await stopped('stopped-alone')]
    const watch = await watching()
    pass(restartMsMax)
    await started(unseen, 50_000 + restartMsMax + 1)
    await watch.look()
    await started(seen, 50_000 + restartMsMax + 1)
    await watch.look()
    for (const computer of [seen, unseen]) expect(await computer.types()).toEqual(['agent-tamper'])
    expect(evidenceOf((await unseen.violations())[0])).toMatchObject({
      what: 'stopped',
      openMs: restartMsMax + 1,
    })
  })

  it('and is back in time was restarted: nobody is accused', async () => {
    const computer = await stopped('stopped-alone')
    const watch = await watching()
    pass(restartMsMax - 1)
    await started(computer, 50_000 + restartMsMax - 1)
    pass(restartMsMax)
    await watch.look()
    expect(await computer.types()).toEqual([])
  })

  it('is told apart from a computer that went down, a removal, a fault, and a stop that nobody explains', async () => {
    const others: Stop[] = ['shutdown', 'removal', 'fault', 'signal']
    const computers = await Promise.all(others.map((reason) => stopped(reason)))
    const watch = await watching()
    pass(10 * restartMsMax)
    await watch.look()
    for (const [at, computer] of computers.entries()) expect(await computer.types(), others[at]).toEqual([])
    // What stopped by a signal is proved by its return in the same boot, and by nothing else.
    await started(computers[3] as TestComputer, 60_000, 'boot-2')
    expect(await computers[3]?.types()).toEqual([])
  })

  it('on a computer that only observes is work on it', async () => {
    const computer = await stopped('stopped-alone', {})
    const watch = await watching()
    pass(10 * restartMsMax)
    await watch.look()
    expect(await computer.types()).toEqual([])
  })

  it('while the console was away gets the time of a restart to come back and say so', async () => {
    const computer = await stopped('stopped-alone')
    pass(86_400_000)
    const watch = await watching()
    pass(restartMsMax - 1)
    await watch.look()
    expect(await computer.types()).toEqual([])
    pass(1)
    await watch.look()
    expect(await computer.types()).toEqual(['agent-tamper'])
  })

  it('is told whatever the console’s clock says: set forward it accuses nobody, set back it hides nothing', async () => {
    const computer = await stopped('stopped-alone')
    const watch = await watching()
    bench.now += 30 * 86_400_000
    await watch.look()
    expect(await computer.types()).toEqual([])
    bench.now -= 60 * 86_400_000
    monotonicMs += restartMsMax
    await watch.look()
    expect(await computer.types()).toEqual(['agent-tamper'])
    bench.now += 30 * 86_400_000
  })

  it('twice is two violations: each stop has its name', async () => {
    const computer = await stopped('stopped-alone')
    const watch = await watching()
    pass(restartMsMax)
    await watch.look()
    await started(computer, 900_000)
    await computer.send({ kind: 'agent.stopping', reason: 'stopped-alone' }, { bootId, bootMs: 950_000 })
    await watch.look()
    pass(restartMsMax)
    await watch.look()
    expect(await computer.types()).toEqual(['agent-tamper', 'agent-tamper'])
  })
})

it('looks by itself, and a look under way is waited for at the end', async () => {
  const computer = await stopped('stopped-alone')
  const stop = watchStops({ ...options(), monotonicMs: () => (monotonicMs += restartMsMax) }, 20)
  await expect.poll(() => computer.types(), { timeout: 30_000, interval: 50 }).toEqual(['agent-tamper'])
  await stop()
  const events = told.length
  await sleep(60)
  expect(told).toHaveLength(events)
}, 40_000)
