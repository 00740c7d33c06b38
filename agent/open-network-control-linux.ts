/** Builds network control around the pipeline of a running agent: its kernel, its memory, the way to the console. */
import { randomUUID } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIPv6, type LookupFunction } from 'node:net'
import {
  type Decision,
  type Fact,
  type NetworkInterface,
  type Picture,
  type Policy,
  ShoukouError,
} from '@shoukou/protocol'
import type { CoarseNet } from './actions/coarse/coarse-net.ts'
import type { ConnectionNet, Opened } from './actions/connections/connection-net.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import type { StateFolder } from './base/state-folder.ts'
import { NetworkBook } from './control/network/network-book.ts'
import { NetworkControl } from './control/network/network-control.ts'
import type { NetworkKernel } from './control/network/network-kernel.ts'
import { openNetworkKernel } from './control/network/network-kernel-linux.ts'
import { PictureMemory } from './control/network/picture-memory.ts'
import { parseConsoleUrl } from './link/enrol.ts'
import type { Identity } from './link/identity.ts'
import { isOff, type Standing } from './open-media-control-linux.ts'
import type { Pipeline } from './pipeline.ts'
import { networkModeOf } from './policy/network/network-mode.ts'
import type { Sensors } from './sensors/create-sensors-linux.ts'
import { readAllInterfaces } from './sensors/network/network-sensor.ts'
import { diffPictures } from './sensors/network/picture/diff-pictures.ts'
import { readPicture } from './sensors/network/picture/read-picture-linux.ts'

export interface NetworkControlParts {
  readonly folder: StateFolder
  readonly identity: Pick<Identity, 'host' | 'agentPort' | 'consoleUrl'>
  readonly pipeline: Pick<Pipeline, 'tellDecided'>
  /** The policy as it was signed. */
  readonly signedPolicy: () => Policy
  /** The policy as it holds here. */
  readonly policy: () => Policy
  readonly standing: Standing
  readonly sensors: Pick<Sensors, 'network' | 'poller'>
  /** False: `agent.json` says that what programs connect to is another agent's matter. */
  readonly watchConnections: boolean
  readonly isFirstStart: boolean
  readonly clock: Clock
  readonly log: Log
  readonly onDamaged: (path: string) => void
  readonly onChange: () => void
}

export interface OpenedNetworkControl {
  readonly control: NetworkControl
  /** Answers for the console's name: it must be found although no name server may be asked. */
  readonly lookup: LookupFunction
  close(): Promise<void>
}

/** Opens it; the nets stand when this resolves, where this kernel and this account can have them. Never throws for that. */
export async function openNetworkControl(parts: NetworkControlParts): Promise<OpenedNetworkControl> {
  const { folder, identity, pipeline, clock, log, onDamaged, standing } = parts
  const onFault = (fault: unknown): void => log.error({ fault: String(fault) }, 'network state not written')
  const book = await NetworkBook.open({ path: folder.networkFile, bootId: clock.bootId, onFault }, onDamaged)
  const tell = (sensor: 'network' | 'connections', fact: Fact, decision: Decision | null) =>
    pipeline.tellDecided(sensor, fact, decision)
  const memory = new PictureMemory({
    path: folder.networkPictureFile,
    bootId: clock.bootId,
    wallMs: () => clock.wallMs(),
    last: await PictureMemory.read(folder.networkPictureFile, onDamaged),
    diff: diffPictures,
    tell: (fact) => tell('network', fact, null),
    onFault,
  })
  const control = new NetworkControl({
    kernel: await kernelOf(parts),
    policy: parts.policy,
    isReleased: () => isOff(standing, parts.signedPolicy().version),
    book,
    tell,
    console: {
      port: identity.agentPort,
      webPort: parseConsoleUrl(identity.consoleUrl).port,
      resolve: () => resolveHost(identity.host),
    },
    interfacesAtStart: await readInterfaces(log),
    isFirstStart: parts.isFirstStart,
    newSeries: () => randomUUID(),
    onPicture: (picture) => memory.came(picture),
    clock,
    log,
    onChange: parts.onChange,
  })
  await control.start()
  tellStanding(parts, book.state.isolation !== null)
  return {
    control,
    lookup: lookupOf(control),
    close: async () => {
      await control.stop()
      await memory.stop()
    },
  }
}

/** Policy, or the console's order, says that something is in force, and it is not: that is said at each start. */
function tellStanding({ standing, signedPolicy, pipeline }: NetworkControlParts, isOrdered: boolean): void {
  const policy = signedPolicy()
  if (!isOff(standing, policy.version)) return
  if (networkModeOf(policy) === 'observe' && !isOrdered) return
  const { isOffAtBoot, release } = standing
  const reason = isOffAtBoot ? 'shoukou.hold=off on the kernel command line' : (release?.reason ?? null)
  const fact: Fact = {
    kind: 'control.state',
    group: 'network',
    state: 'released',
    cause: isOffAtBoot ? 'boot-parameter' : 'released-by-hand',
    reason: reason?.slice(0, 1_000) ?? null,
    layers: [],
  }
  void pipeline.tellDecided('network', fact, null)
}

/** What is there now; nothing where it can't be read: the sensor tells of it in a moment. */
async function readInterfaces(log: Log): Promise<NetworkInterface[]> {
  try {
    return await readAllInterfaces('/sys', '/proc')
  } catch (fault) {
    log.warn({ fault: String(fault) }, 'interfaces not read before the sensors')
    return []
  }
}

async function kernelOf(parts: NetworkControlParts): Promise<NetworkKernel> {
  const { sensors, clock, folder, watchConnections } = parts
  const kernel = await openNetworkKernel({
    poller: sensors.poller,
    clock,
    packetStatePath: folder.packetStateFile,
    readPicture: () => readWhole(sensors),
  })
  if (watchConnections) return kernel
  const reason =
    'agent.json says watchConnections: false: connections of this computer are not watched by this agent.'
  const remedy = 'Take watchConnections out of agent.json and start the agent again.'
  const none = { net: null, reason, remedy }
  return {
    ...kernel,
    openConnections: (): Promise<Opened<ConnectionNet>> => Promise.resolve(none),
    openCoarse: (): Promise<Opened<CoarseNet>> => Promise.resolve(none),
    openPackets: () => Promise.resolve(none),
  }
}

function lookupOf(control: NetworkControl): LookupFunction {
  return (_host, options, answer) => {
    control.consoleAddresses().then(
      (addresses) => {
        const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
        const wanted = all.filter(({ family }) => !options.family || options.family === family)
        const [first] = wanted
        if (options.all === true) answer(null, wanted)
        else answer(null, first?.address ?? '', first?.family ?? 4)
      },
      (fault: unknown) => answer(fault instanceof Error ? fault : new Error(String(fault)), ''),
    )
  }
}

async function readWhole({ network }: Pick<Sensors, 'network'>): Promise<Picture> {
  const tables = network.currentTables()
  if (tables === null)
    throw new ShoukouError(
      'control-unavailable',
      'The network sensor has no tables to read a picture around.',
    )
  return await readPicture(tables)
}

async function resolveHost(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}
