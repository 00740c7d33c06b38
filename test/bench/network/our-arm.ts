/**
 * This agent's network control in the bench's own namespace and cgroup: the real nets, the real sensor, the real pipeline,
 * a real journal with its syncs. Only the place is another than the whole computer.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DEFAULT_POLICY_SETTINGS,
  type Fact,
  type FactKind,
  type FactNamed,
  type NetworkRules,
  type Policy,
  type Record,
} from '@shoukou/protocol'
import { openBootClock } from '../../../agent/base/boot-clock-linux.ts'
import { createLog } from '../../../agent/base/log.ts'
import { LazyPoller } from '../../../agent/base/poll-linux.ts'
import { NetworkBook } from '../../../agent/control/network/network-book.ts'
import { NetworkControl } from '../../../agent/control/network/network-control.ts'
import { openNetworkKernel } from '../../../agent/control/network/network-kernel-linux.ts'
import { createJournal } from '../../../agent/journal/epoch-folder.ts'
import type { Journal } from '../../../agent/journal/journal.ts'
import { openJournal } from '../../../agent/journal/open-journal.ts'
import { createPipeline, recordMaker } from '../../../agent/pipeline.ts'
import { createNetworkSensor } from '../../../agent/sensors/network/network-sensor.ts'
import { readPicture } from '../../../agent/sensors/network/picture/read-picture-linux.ts'
import type { SensorContext } from '../../../agent/sensors/sensor.ts'
import { APPROVED } from './stage.ts'

export interface OurArm {
  /** Facts of a kind that stand in the journal, synced. */
  journaled<K extends FactKind>(kind: K): Promise<FactNamed<K>[]>
  /** Lets go of the kernel, and ends. */
  stop(): Promise<void>
}

const AGENT = 'bench'
const CHUNK = { records: 500, bytes: 4_194_304 } as const
const baseline = { takenAtMs: 0, usb: [], disks: [], interfaces: [] }
const rules: NetworkRules = {
  prefixes: ['198.18.0.0/15'],
  destinations: [{ prefix: `${APPROVED}/32`, protocol: 'any', ports: null, note: 'bench' }],
  listeners: [],
  gateways: [],
  dnsServers: [],
  dhcpServers: [],
  probe: null,
}
let nextPins = 1

/** Puts it in force. `folder` is on the disk whose syncs count. */
export async function startOurArm(options: {
  readonly mode: Policy['settings']['modes']['network']
  readonly cgroup: string
  readonly folder: string
}): Promise<OurArm> {
  const folder = await mkdtemp(join(options.folder, 'arm-'))
  const log = createLog('error')
  const poller = new LazyPoller()
  const boot = await openBootClock()
  const clock = { bootId: boot.bootId, wallMs: () => Date.now(), bootMs: () => boot.nowMs() }
  let policy = policyOf(options.mode)
  const makeRecord = recordMaker({ agent: AGENT, clock, policy: () => policy })
  const journal = await openBenchJournal(join(folder, 'journal'), (fact) => makeRecord('agent', fact, null))
  let control: NetworkControl | null = null
  const pipeline = createPipeline({
    journal,
    makeRecord,
    policy: () => policy,
    act: (fact, decision) => control?.onDecided(fact, decision),
  })
  const sensor = createNetworkSensor({
    poller,
    readPicture: (tables) => readPicture(tables, { withSockets: false }),
  })
  const kernel = await openNetworkKernel({
    ...{ poller, clock, packetStatePath: join(folder, 'packets.json') },
    connections: { cgroup: options.cgroup, pins: `/sys/fs/bpf/shoukou-bench/${process.pid}-${nextPins++}` },
    readPicture: async () => {
      const tables = sensor.currentTables()
      if (tables === null) throw new Error('the sensor has not looked yet')
      return await readPicture(tables)
    },
  })
  const onFault = (fault: unknown): void => log.error({ fault: String(fault) }, 'state not written')
  const book = await NetworkBook.open(
    { path: join(folder, 'network.json'), bootId: boot.bootId, onFault },
    onFault,
  )
  let series = 0
  control = new NetworkControl({
    ...{ kernel, book, clock, log },
    policy: () => policy,
    isReleased: () => false,
    tell: (name, fact, decision) => pipeline.tellDecided(name, fact, decision),
    console: { port: 8_444, resolve: () => Promise.resolve([APPROVED]) },
    interfacesAtStart: [],
    isFirstStart: true,
    newSeries: () => `series-${(series += 1)}`,
    onPicture: () => undefined,
    onChange: () => undefined,
  })
  await control.start()
  const ending = new AbortController()
  const ready = Promise.withResolvers<undefined>()
  const context: SensorContext = {
    signal: ending.signal,
    emit: (fact) => void pipeline.tell('network', fact),
    cover: () => undefined,
    ready: () => ready.resolve(undefined),
    originAtStart: () => 'baseline',
    remember: () => undefined,
    toldBefore: new Set(),
    ...{ baseline, log },
  }
  const running = sensor.run(context)
  await Promise.race([ready.promise, running])
  await control.rescan()
  const standing = control
  return {
    journaled: (kind) => readKind(journal, kind),
    async stop() {
      policy = policyOf('observe')
      standing.onPolicy()
      await standing.idle()
      ending.abort()
      await running
      await standing.stop()
      await journal.close(5_000)
      await poller.close()
      await rm(folder, { recursive: true })
    },
  }
}

function policyOf(network: Policy['settings']['modes']['network']): Policy {
  const settings = {
    ...DEFAULT_POLICY_SETTINGS,
    modes: { ...DEFAULT_POLICY_SETTINGS.modes, network },
    network: rules,
  }
  return { v: 1, agent: AGENT, computer: AGENT, version: 1, issuedAtMs: 0, settings, baseline }
}

async function openBenchJournal(
  folder: string,
  buildOwn: (fact: Fact) => ReturnType<ReturnType<typeof recordMaker>>,
): Promise<Journal> {
  await createJournal(folder)
  return await openJournal({
    ...{ folder, agent: AGENT, bytesMax: 256 * 1_048_576, buildOwn },
    wallMs: () => Date.now(),
    log: createLog('error'),
  })
}

async function readKind<K extends FactKind>(journal: Journal, kind: K): Promise<FactNamed<K>[]> {
  await journal.flushed()
  const facts: FactNamed<K>[] = []
  for (let next = 1; ; ) {
    const chunk = await journal.read(next, CHUNK)
    if (chunk === null) return facts
    for (const raw of chunk.raws) {
      const { fact } = JSON.parse(raw.toString('utf8')) as Record
      if (fact.kind === kind) facts.push(fact as FactNamed<K>)
    }
    next = chunk.firstSeq + chunk.raws.length
  }
}
