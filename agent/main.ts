/**
 * The agent: builds its parts in the order in which facts flow, and stops them in reverse.
 *
 *   sensors → pipeline → journal → link
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Command,
  type Coverage,
  type Fact,
  type FactNamed,
  type HelloIdentity,
  type Policy,
  PRODUCT_VERSION,
  ShoukouError,
} from '@shoukou/protocol'
import { readFileIfThere } from './base/atomic-file.ts'
import { openBootClock } from './base/boot-clock-linux.ts'
import type { Clock } from './base/clock.ts'
import type { AgentConfig } from './base/config.ts'
import { readHardware } from './base/hardware-linux.ts'
import type { Log } from './base/log.ts'
import { openRunMark } from './base/run-mark.ts'
import { type StateFolder, stateFolder } from './base/state-folder.ts'
import { takeStateLock } from './base/state-lock.ts'
import { statusFile } from './base/status-file.ts'
import type { UeventSource } from './base/uevents-linux.ts'
import { BundleDesk } from './bundle/bundle-desk.ts'
import type { Journal } from './journal/journal.ts'
import { openJournal } from './journal/open-journal.ts'
import { CommandStore } from './link/command-store.ts'
import { type Identity, readIdentity } from './link/identity.ts'
import { Link } from './link/link.ts'
import { liveIdentity } from './link/live-identity.ts'
import { PolicyStore } from './link/policy-store.ts'
import { Renewals } from './link/renewals.ts'
import { WitnessStore } from './link/witness-store.ts'
import {
  type OpenedControl,
  openMediaControl,
  policyThatHolds,
  readStanding,
} from './open-media-control-linux.ts'
import { type OpenedNetworkControl, openNetworkControl } from './open-network-control-linux.ts'
import { openProtection, openSealer, type Protection } from './open-protection-linux.ts'
import { createPipeline, type Pipeline, recordMaker } from './pipeline.ts'
import { PresentThings } from './present-things.ts'
import { baselineKeys } from './sensors/baseline-keys.ts'
import { createSensors, type Sensors } from './sensors/create-sensors-linux.ts'
import { readTraces } from './sensors/history/read-traces-linux.ts'
import type { Sensor } from './sensors/sensor.ts'
import { StatusWriter } from './status-writer.ts'
import { SensorSupervisor } from './supervise-sensors.ts'
import { ABSENCE_MS, tellHistory } from './tell-history.ts'

export interface RunOptions {
  readonly config: AgentConfig
  /** Aborted to stop the agent. */
  readonly signal: AbortSignal
  readonly log: Log
  /** Stands in for the sensors of this computer. */
  readonly sensors?: SensorSet
  readonly clock?: Clock
  /** Where the configuration was read, to be watched. Left out: that of the state folder. */
  readonly configPath?: string | null
  /** Told when each sensor has looked at what was there at the start. */
  readonly onReady?: () => void
}

export interface SensorSet {
  readonly sensors: readonly Sensor[]
  /** The kernel's events, where the sensors are those of this computer: then its media and its network are controlled too. */
  readonly uevents?: UeventSource
  readonly network?: Sensors['network']
  readonly poller?: Sensors['poller']
  /** Ends what the sensors share, when all have ended. */
  close(): Promise<void>
}

/** How long a stop may take to get its last record to the disk, and to the console where it is connected. */
const stopMsMax = 3_000
/** The record of a removal waits so long for the console, ms. */
const removalAckMsMax = 10_000
/** A sensor that hangs in the kernel does not hold the last record up. */
const sensorStopMsMax = 2_000

/**
 * Runs the agent until the signal aborts; resolves when all is written and closed.
 *
 * @throws ShoukouError `not-enrolled`, `journal-locked`, `policy-refused`.
 */
export async function runAgent(options: RunOptions): Promise<void> {
  const { config, log, signal } = options
  const folder = stateFolder(config.stateDir)
  const identity = await requireIdentity(folder, config)
  const lock = takeStateLock(folder)
  try {
    await runLocked(options, folder, identity)
  } finally {
    lock.release()
  }
  log.info({ reason: String(signal.reason ?? 'signal') }, 'agent stopped')
}

async function runLocked(options: RunOptions, folder: StateFolder, enrolled: Identity): Promise<void> {
  const { config, log, signal } = options
  const set = options.sensors ?? createSensors({ folders: config.watchedFolders })
  const identity = liveIdentity(enrolled, (await readFileIfThere(folder.pairFile)) !== null)
  const onDamaged = (path: string) => log.error({ path }, 'state file damaged, set aside')
  const clock = options.clock ?? (await openClock())
  const policy = await PolicyStore.open(folder, identity, onDamaged)
  const commands = await CommandStore.open(folder, { owner: identity, rules: policy }, onDamaged)
  const witness = await WitnessStore.open(folder.witnessFile, onDamaged)
  const standing = await readStanding(folder, onDamaged)
  const policyNow = (): Policy => policyThatHolds(policy.current, standing)
  const makeRecord = recordMaker({ agent: identity.agent, clock, policy: policyNow })
  const mark = await openRunMark(folder.runFile, onDamaged)
  const sealer = await openSealer(folder, identity.agent, log)
  const journal = await openJournal({
    sealer,
    folder: folder.journal,
    agent: identity.agent,
    bytesMax: config.journalBytesMax,
    chainHash: config.chainHash,
    buildOwn: (fact) => makeRecord('agent', fact, null),
    wallMs: () => clock.wallMs(),
    log,
  })
  let media: OpenedControl | null = null
  let network: OpenedNetworkControl | null = null
  const pipeline = createPipeline({
    journal,
    makeRecord,
    policy: policyNow,
    workingKeyboards: () => media?.control.workingKeyboards ?? 0,
    act: (fact, decision) => {
      media?.control.onDecided(fact, decision)
      network?.control.onDecided(fact, decision)
    },
  })
  const aliveWallMs = await readLastSign(folder)
  const present = await openPresent({ folder, clock, journal, log }, onDamaged)
  await mark.running().catch((fault: unknown) => log.error({ fault: String(fault) }, 'run mark not written'))
  // Not waited for: on a full disk the sensors watch all the same; the order is the journal's.
  void pipeline.tell('agent', {
    kind: 'agent.started',
    previous: mark.previous,
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
  })
  // The link is built below; nobody asks before it stands.
  let acknowledged = async (_seq: number): Promise<boolean> => false
  const protection = await openProtection({
    ...{ folder, clock, log, sealer, journal, onDamaged },
    agent: identity.agent,
    tell: (fact) => pipeline.tell('agent', fact),
    acknowledged: (seq) => acknowledged(seq),
    previous: mark.previous,
    configPath: options.configPath ?? null,
    // A test's sensors stand for another computer than the one whose process this is.
    script: options.sensors === undefined ? (process.argv[1] ?? null) : null,
  })
  if (set.uevents !== undefined) {
    // Before the sensors look: what they find is decided on with the denial in force.
    media = await openMediaControl({
      ...{ folder, identity, pipeline, policy: policyNow, standing, clock, log, onDamaged },
      ceiling: policy,
      uevents: set.uevents,
    })
  }
  // It touches what the link and the supervisor below say; nothing of it runs before they stand.
  let touch = (): void => undefined
  if (set.network !== undefined && set.poller !== undefined) {
    network = await openNetworkControl({
      ...{ folder, identity, pipeline, policy: policyNow, standing, clock, log, onDamaged },
      signedPolicy: () => policy.current,
      sensors: { network: set.network, poller: set.poller },
      watchConnections: config.watchConnections,
      isFirstStart: mark.previous === 'first-start',
      onChange: () => touch(),
    })
  }
  const supervisor = new SensorSupervisor({
    sensors: set.sensors,
    pipeline,
    present,
    baseline: policy.current.baseline,
    baselineKeys: baselineKeys(policy.current.baseline),
    isFirstStart: mark.previous === 'first-start',
    log,
    signal,
    onCoverage: () => status.touch(),
  })
  let judgedUnder: Policy | null = null
  const judgeAnew = (before: Policy): void => {
    // While the sensors have not told yet what is there, the policy before the first change counts.
    judgedUnder ??= before
    void supervisor.ready.then(() => {
      if (judgedUnder === null) return
      const told = pipeline.judgeAnew(judgedUnder)
      judgedUnder = null
      if (told > 0) log.info({ told }, 'judged anew what was there, by the new policy')
    })
  }
  const coverage = (): readonly Coverage[] => [
    ...coverageWith(supervisor.coverage, media?.control.trouble ?? null),
    ...(network?.control.coverage ?? []),
  ]
  const onPolicy = (before: Policy): void => {
    judgeAnew(before)
    media?.control.onPolicy()
    network?.control.onPolicy()
  }
  const carryOut = async (command: Command): Promise<string> => {
    if (command.name === 'isolate' || command.name === 'end-isolation')
      return (await network?.control.carryOut(command)) ?? 'not-controlled'
    if (command.name !== 'rescan') return (await media?.control.carryOut(command)) ?? 'not-controlled'
    const failed = await supervisor.rescan()
    await network?.control.rescan()
    return failed.length === 0 ? 'done' : 'partly-failed'
  }
  const machine = await readMachine(config, clock)
  const renewals = new Renewals({
    ...{ folder, identity, clock, log, onDamaged },
    lookup: network?.lookup,
    tell: (fact) => pipeline.tell('agent', fact),
    reconnect: () => link.reconnect(),
    onChange: () => status.touch(),
  })
  const link = new Link({
    identity,
    machine,
    journal,
    policy,
    commands,
    witness,
    clock,
    log,
    coverage,
    ...(network === null ? {} : { lookup: network.lookup }),
    proof: protection.proof,
    tell: (fact: Fact) => pipeline.tell('agent', fact),
    onPolicy,
    carryOut,
    onChange: () => {
      const { phase, trouble } = link.status
      if (phase === 'waiting') network?.control.onLinkTrouble()
      if (phase === 'streaming') renewals.welcomed()
      else if (phase === 'waiting') renewals.onLinkTrouble(trouble)
      status.touch()
    },
  })
  const status = new StatusWriter({
    ...{ folder, identity, journal, policy, coverage, clock, log },
    // A handshake that is refused gives no reason: what the console answered when it was asked is one.
    link: {
      get status() {
        const found = link.status
        return found.phase === 'streaming' ? found : { ...found, trouble: renewals.trouble ?? found.trouble }
      },
    },
    network: () => network?.control.status ?? null,
  })
  touch = () => status.touch()
  acknowledged = async (seq) => {
    await link.acknowledged(seq, removalAckMsMax)
    return (journal.acked?.seq ?? 0) >= seq
  }
  const desk = new BundleDesk({
    ...{ folder, identity, journal, policy, commands, log, onDamaged, carryOut, onPolicy, witness },
    tell: (fact: Fact) => pipeline.tell('agent', fact),
    renew: (answer) => renewals.take(answer),
  })
  status.start()
  supervisor.start()
  link.start()
  renewals.start()
  desk.start()
  log.info({ agent: identity.agent, version: PRODUCT_VERSION, previous: mark.previous }, 'agent started')
  void supervisor.ready.then(() => options.onReady?.())
  const history = tellPast({
    options,
    pipeline,
    clock,
    aliveWallMs,
    previous: mark.previous,
    policy: policyNow,
  })
  await aborted(signal)
  await Promise.race([renewals.stop(), sleep(stopMsMax, undefined, { ref: false })])
  await Promise.race([supervisor.stopped(), sleep(sensorStopMsMax, undefined, { ref: false })])
  await media?.close()
  await Promise.race([network?.close(), sleep(stopMsMax, undefined, { ref: false })])
  await Promise.race([history, sleep(sensorStopMsMax, undefined, { ref: false })])
  await Promise.race([set.close(), sleep(sensorStopMsMax, undefined, { ref: false })])
  await Promise.race([desk.stop(), sleep(sensorStopMsMax, undefined, { ref: false })])
  await protection.close()
  await sayGoodbye({ pipeline, link, journal, protection })
  await link.stop()
  // On a full disk nothing is ever synced: then it is not remembered as told either.
  await Promise.race([present.saved(), sleep(stopMsMax, undefined, { ref: false })])
  await journal.close(stopMsMax)
  await mark.stopped().catch((fault: unknown) => log.error({ fault: String(fault) }, 'run mark not written'))
  await status.stop()
}

/** The last sign of life of the run before this one; null where there was none. */
async function readLastSign(folder: StateFolder): Promise<number | null> {
  const found = await statusFile.peek(folder.statusFile)
  return found === null || found === 'damaged' ? null : found.writtenAtMs
}

interface Past {
  readonly options: RunOptions
  readonly pipeline: Pipeline
  readonly clock: Clock
  readonly aliveWallMs: number | null
  readonly previous: FactNamed<'agent.started'>['previous']
  readonly policy: () => Policy
}

/** What the system keeps of the time before enrolment, or of the agent's absence; beside everything else. */
async function tellPast({ options, pipeline, clock, aliveWallMs, previous, policy }: Past): Promise<void> {
  const { log, signal, sensors } = options
  const toWallMs = clock.wallMs()
  const isFirst = previous === 'first-start'
  const wasAway = aliveWallMs === null || Math.abs(toWallMs - aliveWallMs) > ABSENCE_MS
  // A test's sensors stand for another computer than the one whose files these are.
  if (sensors !== undefined || (!isFirst && !wasAway)) return
  try {
    await tellHistory({
      cause: isFirst ? 'enrolment' : 'absence',
      fromWallMs: isFirst ? null : aliveWallMs,
      toWallMs,
      rules: policy().settings.network ?? null,
      read: readTraces,
      tell: (fact) => pipeline.tellDecided('network', fact, null),
      signal,
    })
  } catch (fault) {
    log.error({ fault: String(fault) }, 'traces of earlier connections not told')
  }
}

async function requireIdentity(folder: StateFolder, config: AgentConfig): Promise<Identity> {
  const identity = await readIdentity(folder)
  if (identity === null) {
    throw new ShoukouError(
      'not-enrolled',
      `This computer is not enrolled (nothing in ${folder.identity}); run: shoukou-agent enroll --console URL --token TOKEN --state ${folder.root}`,
      { context: { folder: folder.root } },
    )
  }
  return config.agentPort === null ? identity : { ...identity, agentPort: config.agentPort }
}

/** Which machine and process this is, as each hello says it. */
async function readMachine(config: AgentConfig, clock: Clock): Promise<() => HelloIdentity> {
  const runId = randomBytes(16).toString('hex')
  const hardware = config.tellHardware ? await readHardware() : null
  return () => ({ runId, bootMs: Math.max(0, Math.round(clock.bootMs())), hardware })
}

async function openClock(): Promise<Clock> {
  const boot = await openBootClock()
  return { wallMs: () => Date.now(), bootMs: () => boot.nowMs(), bootId: boot.bootId }
}

function openPresent(
  parts: { folder: StateFolder; clock: Clock; journal: Journal; log: Log },
  onDamaged: (path: string) => void,
): Promise<PresentThings> {
  const { folder, clock, journal, log } = parts
  return PresentThings.open(
    {
      path: folder.presentFile,
      bootId: clock.bootId,
      flushed: () => journal.flushed(),
      onFault: (fault) => log.error({ fault: String(fault) }, 'present things not written'),
    },
    onDamaged,
  )
}

/** The last record: on the disk, and at the console where there is a connection. A clean stop must not look like silence. */
async function sayGoodbye(parts: {
  readonly pipeline: Pipeline
  readonly link: Link
  readonly journal: Journal
  readonly protection: Protection
}): Promise<void> {
  const { pipeline, link, journal, protection } = parts
  const reason = await protection.stopReason()
  const told = pipeline.tell('agent', { kind: 'agent.stopping', reason }).then(async (place) => {
    // The seal over it goes along, where there is one.
    if (place !== null) await journal.seal()
    return place === null ? null : journal.end
  })
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), stopMsMax)
  const place = await Promise.race([told, late])
  clearTimeout(timer)
  if (place !== null) await link.acknowledged(place.seq, stopMsMax)
}

/** A denial that does not stand is no watching: green is earned. */
function coverageWith(coverage: readonly Coverage[], trouble: string | null): readonly Coverage[] {
  if (trouble === null) return coverage
  const reason = `media control: ${trouble}`.slice(0, 1_000)
  const remedy = 'see the control.state records of this computer'
  return coverage.map((each) =>
    each.sensor === 'media' && each.state === 'watching'
      ? { ...each, state: 'fallback', reason, remedy }
      : each,
  )
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
