/** A whole agent whose network sensor a test speaks through: facts, conditions, orders and coverage, up to the console. */
import { readFile } from 'node:fs/promises'
import { type Command, type Fact, signEnvelope } from '@shoukou/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { writeRelease } from './actions/hold-marks-linux.ts'
import { configOf } from './base/config.ts'
import { createLog } from './base/log.ts'
import { LazyPoller } from './base/poll-linux.ts'
import { stateFolder } from './base/state-folder.ts'
import type { AgentStatus } from './base/status-file.ts'
import { runAgent } from './main.ts'
import { GOOD_PICTURE } from './policy/network/testing/pictures.ts'
import type { NetworkSensor } from './sensors/network/network-sensor.ts'
import type { SensorContext } from './sensors/sensor.ts'
import { makeEnrolledFolder } from './testing/link-bench.ts'
import { startStandInConsole } from './testing/stand-in-console.ts'
import { makeTestAuthority } from './testing/test-authority.ts'
import { testAgent } from './testing/test-facts.ts'

const wait = { timeout: 10_000, interval: 10 }

function puppet() {
  const started = Promise.withResolvers<SensorContext>()
  const sensor: NetworkSensor = {
    name: 'network',
    async run(context) {
      context.cover({ state: 'watching', method: 'puppet', reason: null, remedy: null })
      context.ready()
      started.resolve(context)
      await new Promise<void>((resolve) =>
        context.signal.addEventListener('abort', () => resolve(), { once: true }),
      )
    },
    rescan: () => Promise.resolve(),
    currentTables: () => null,
  }
  return { sensor, context: started.promise }
}

it('judges what the network sensor tells, and keeps an order to isolate over its end', async () => {
  const authority = await makeTestAuthority()
  const peer = await startStandInConsole(authority)
  onTestFinished(() => peer.close())
  const { stateDir } = await makeEnrolledFolder(peer.port, authority)
  const poller = new LazyPoller()
  const start = () => {
    const stop = new AbortController()
    const { sensor, context } = puppet()
    const ended = runAgent({
      config: configOf({ stateDir, watchConnections: false }),
      signal: stop.signal,
      log: createLog('error', () => {}),
      sensors: { sensors: [sensor], network: sensor, poller, close: async () => {} },
    })
    const end = async () => {
      stop.abort('SIGTERM')
      await ended
    }
    return { context, end }
  }
  const facts = <K extends Fact['kind']>(kind: K) =>
    peer.records.flatMap((record) => (record.fact.kind === kind ? [{ ...record, fact: record.fact }] : []))

  const agent = start()
  const context = await agent.context
  for (const adapter of GOOD_PICTURE.interfaces)
    context.emit({
      kind: 'network.interface-added',
      origin: 'appeared',
      sighting: 'snapshot',
      interface: adapter,
    })
  const forwarding = {
    service: 'forwarding-ipv4',
    detail: 'all',
    port: null,
    pid: null,
    program: null,
  } as const
  context.emit({
    kind: 'network.picture',
    cause: 'start',
    picture: { ...GOOD_PICTURE, sharing: [forwarding] },
  })
  context.emit({ kind: 'network.picture', cause: 'changed', picture: GOOD_PICTURE })
  await expect
    .poll(() => facts('network.condition').map(({ sensor, fact }) => ({ sensor, fact })), wait)
    .toMatchObject([
      { sensor: 'network', fact: { condition: 'forwarding', state: 'began', origin: 'baseline' } },
      { sensor: 'network', fact: { condition: 'forwarding', state: 'ended' } },
    ])
  expect(facts('agent.coverage').map(({ fact }) => fact)).toMatchObject([
    {
      coverage: {
        sensor: 'connections',
        state: 'not-watched',
        reason: expect.stringContaining('watchConnections'),
      },
    },
    { coverage: { sensor: 'network', state: 'watching' } },
  ])

  const ordered = { v: 1 as const, id: 'order-1', agent: testAgent, issuedAtMs: Date.now() }
  const command: Command = { ...ordered, name: 'isolate', reason: 'drill' }
  const { privateKey } = authority.policyKey
  const envelope = signEnvelope('command', Buffer.from(JSON.stringify(command)), privateKey)
  peer.send({ v: 1, type: 'command', envelope })
  await expect
    .poll(() => facts('command.done').map(({ fact }) => fact), wait)
    .toMatchObject([{ name: 'isolate', outcome: 'partly-failed' }])
  expect(facts('network.acted').map(({ fact }) => fact)).toMatchObject([
    { act: 'isolated', order: 'order-1' },
  ])
  await agent.end()

  const again = start()
  await again.context
  const statusOf = async () =>
    (JSON.parse(await readFile(stateFolder(stateDir).statusFile, 'utf8')) as AgentStatus).network
  await expect
    .poll(statusOf, wait)
    .toMatchObject({ mode: 'observe', isIsolated: true, isolationReason: 'drill' })
  await again.end()

  // What the console ordered waits while an administrator has released the computer, and that is said.
  await writeRelease(stateFolder(stateDir), { v: 1, policyVersion: 1, releasedAtMs: 1, reason: 'locked out' })
  const released = start()
  await released.context
  await expect
    .poll(() => facts('control.state').map(({ fact }) => fact), wait)
    .toContainEqual(
      expect.objectContaining({
        group: 'network',
        state: 'released',
        cause: 'released-by-hand',
        reason: 'locked out',
      }),
    )
  await expect.poll(statusOf, wait).toMatchObject({ isIsolated: false })
  await released.end()
  await poller.close()
}, 40_000)
