import { readFile, writeFile } from 'node:fs/promises'
import type { UsbDevice } from '@shoukou/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { configOf } from './base/config.ts'
import { createLog } from './base/log.ts'
import { stateFolder } from './base/state-folder.ts'
import type { AgentStatus } from './base/status-file.ts'
import { runAgent } from './main.ts'
import type { Sensor, SensorContext } from './sensors/sensor.ts'
import { type EnrolledFolder, makeEnrolledFolder } from './testing/link-bench.ts'
import { type StandInConsole, startStandInConsole } from './testing/stand-in-console.ts'
import { makeTestAuthority } from './testing/test-authority.ts'
import { fileFact } from './testing/test-facts.ts'

const wait = { timeout: 10_000, interval: 10 }

const stick: UsbDevice = {
  path: '1-1',
  bus: 1,
  device: 5,
  vendorId: '0951',
  productId: '1666',
  deviceRelease: null,
  deviceClass: '00',
  serial: { b64: '/w==' },
  manufacturer: '<script>\u202e',
  product: null,
  speedMbps: null,
  authorized: true,
  interfaces: [{ configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '50' }],
  descriptors: 'EgEAAgAAAEA=',
  descriptorFaults: [],
}

/** A sensor that a test speaks through. */
function puppet() {
  const started = Promise.withResolvers<SensorContext>()
  const sensor: Sensor = {
    name: 'usb',
    async run(context) {
      context.cover({ state: 'watching', method: 'puppet', reason: null, remedy: null })
      context.ready()
      started.resolve(context)
      await new Promise<void>((resolve) =>
        context.signal.addEventListener('abort', () => resolve(), { once: true }),
      )
    },
    rescan: () => Promise.resolve(),
  }
  return { sensor, context: started.promise }
}

function startAgent({ stateDir }: EnrolledFolder) {
  const { sensor, context } = puppet()
  const stop = new AbortController()
  const ended = runAgent({
    config: configOf({ stateDir }),
    signal: stop.signal,
    log: createLog('error', () => {}),
    sensors: { sensors: [sensor], close: () => Promise.resolve() },
  })
  return {
    context,
    ended,
    async stop() {
      stop.abort('SIGTERM')
      await ended
    },
  }
}

async function prepare(): Promise<{ console: StandInConsole; folder: EnrolledFolder }> {
  const authority = await makeTestAuthority()
  const peer = await startStandInConsole(authority)
  onTestFinished(() => peer.close())
  return { console: peer, folder: await makeEnrolledFolder(peer.port, authority) }
}

const kinds = (peer: StandInConsole) => peer.records.map(({ fact }) => fact.kind)

describe('agent', { timeout: 30_000 }, () => {
  it('brings what a sensor saw to the console, decided, stamped and in order; its clean stop as well', async () => {
    const { console: peer, folder } = await prepare()
    const agent = startAgent(folder)
    const context = await agent.context
    context.emit({ kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: stick })
    await expect.poll(() => peer.records.length, wait).toBe(4)
    await agent.stop()
    expect(kinds(peer)).toEqual([
      'journal.opened',
      'agent.started',
      'agent.coverage',
      'usb.attached',
      'agent.stopping',
    ])
    expect(peer.records[1]?.fact).toMatchObject({ previous: 'first-start', pid: process.pid })
    expect(peer.records[3]).toMatchObject({
      sensor: 'usb',
      policyVersion: 1,
      level: 'confidential',
      networkMode: 'classified-lan',
      fact: { device: { serial: { b64: '/w==' }, manufacturer: '<script>\u202e' } },
      decision: { outcome: 'detected', would: 'block', rule: 'medium-to-be-examined' },
    })
  })

  it('stops in seconds while fifty thousand facts wait: says goodbye, and counts each one that it could not take', async () => {
    const { console: peer, folder } = await prepare()
    peer.window = { records: 1_000, bytes: 4_000_000 }
    const agent = startAgent(folder)
    const context = await agent.context
    for (let n = 0; n < 50_000; n += 1) context.emit(fileFact(`/file-${n}`))
    const before = performance.now()
    await agent.stop()
    expect(performance.now() - before).toBeLessThan(15_000)
    const again = startAgent(folder)
    await again.context
    const isTold = () => peer.records.some(({ fact }) => fact.kind === 'journal.loss')
    await expect.poll(isTold, { timeout: 20_000 }).toBe(true)
    await again.stop()
    const files = peer.records.filter(({ fact }) => fact.kind === 'file.activity').length
    const lost = peer.records.flatMap(({ fact }) => (fact.kind === 'journal.loss' ? [fact] : []))
    expect(files + lost.reduce((sum, { total }) => sum + total, 0)).toBe(50_000)
    expect(lost.every(({ isExact }) => isExact)).toBe(true)
    const seqs = peer.records.map(({ seq }) => seq)
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1))
    const ends = peer.records.flatMap(({ fact }) => (fact.kind === 'agent.started' ? [fact.previous] : []))
    expect(ends).toEqual(['first-start', 'clean-stop'])
  })

  it('knows how the last run ended', async () => {
    const { console: peer, folder } = await prepare()
    for (let round = 0; round < 2; round += 1) {
      const agent = startAgent(folder)
      await agent.context
      await agent.stop()
    }
    await writeFile(stateFolder(folder.stateDir).runFile, JSON.stringify({ v: 1, state: 'running' }))
    const agent = startAgent(folder)
    await agent.context
    await agent.stop()
    const started = peer.records.flatMap(({ fact }) => (fact.kind === 'agent.started' ? [fact.previous] : []))
    expect(started).toEqual(['first-start', 'clean-stop', 'unclean-stop'])
  })

  it('loses nothing while the console is away', async () => {
    const { console: peer, folder } = await prepare()
    await peer.close()
    const agent = startAgent(folder)
    const context = await agent.context
    for (let n = 0; n < 5; n += 1)
      context.emit({ kind: 'usb.detached', sighting: 'event-only', device: { ...stick, device: n } })
    await new Promise((resolve) => setTimeout(resolve, 300))
    await agent.stop()
    const back = await startStandInConsole(folder.authority, folder.identity.agentPort)
    onTestFinished(() => back.close())
    const again = startAgent(folder)
    await expect.poll(() => kinds(back), wait).toContain('agent.coverage')
    await again.stop()
    const seen = back.records.flatMap(({ fact }) =>
      fact.kind === 'usb.detached' ? [fact.device.device] : [],
    )
    expect(seen).toEqual([0, 1, 2, 3, 4])
  })

  it('refuses a second agent on the same folder, in one sentence', async () => {
    const { folder } = await prepare()
    const agent = startAgent(folder)
    await agent.context
    await expect(startAgent(folder).ended).rejects.toMatchObject({
      code: 'journal-locked',
      message: expect.stringContaining(folder.stateDir),
    })
    await agent.stop()
  })

  it('does not start on a stored policy that somebody changed or set back', async () => {
    const { folder } = await prepare()
    const { acceptedFile, policyFile } = stateFolder(folder.stateDir)
    await writeFile(acceptedFile, JSON.stringify({ v: 1, version: 2 }))
    await expect(startAgent(folder).ended).rejects.toMatchObject({ code: 'policy-refused' })
    await writeFile(acceptedFile, JSON.stringify({ v: 1, version: 1 }))
    const envelope = JSON.parse(await readFile(policyFile, 'utf8')) as object
    await writeFile(policyFile, JSON.stringify({ ...envelope, signature: `${'A'.repeat(86)}==` }))
    await expect(startAgent(folder).ended).rejects.toMatchObject({ code: 'policy-refused' })
  })

  it('keeps a fact that is not what its kind requires out of the journal, and says that one was lost', async () => {
    const { console: peer, folder } = await prepare()
    const agent = startAgent(folder)
    const context = await agent.context
    context.emit({
      kind: 'usb.attached',
      origin: 'appeared',
      sighting: 'snapshot',
      device: { ...stick, bus: -1 },
    })
    context.emit({ kind: 'usb.detached', sighting: 'snapshot', device: stick })
    await expect.poll(() => kinds(peer), wait).toContain('journal.loss')
    expect(kinds(peer)).toContain('usb.detached')
    expect(kinds(peer)).not.toContain('usb.attached')
    await agent.stop()
  })

  it('says in its status file what it does, and that it stopped', async () => {
    const { folder } = await prepare()
    const agent = startAgent(folder)
    await agent.context
    const read = async () =>
      JSON.parse(
        await readFile(stateFolder(folder.stateDir).statusFile, 'utf8').catch(() => '{}'),
      ) as Partial<AgentStatus>
    await expect.poll(async () => (await read()).link?.phase, wait).toBe('streaming')
    expect(await read()).toMatchObject({
      pid: process.pid,
      isStopped: false,
      coverage: [{ sensor: 'usb', state: 'watching' }],
    })
    await agent.stop()
    expect(await read()).toMatchObject({ isStopped: true, journal: { writeFault: null } })
  })
})
