/**
 * The unit as it goes on while somebody looks: every simulated computer connected, a sign of life of each, now and then a medium that
 * is used and something that goes wrong.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Coverage, PolicySettings, Position } from '@shoukou/protocol'
import { protectionKeysWith } from '../../console/pki/protection-keys.ts'
import { openSqliteStoreHere } from '../../console/store/open-store.ts'
import { type AgentIdentity, DemoAgent, type SealKey } from './agent.ts'
import { REQUIRED_SENSORS } from './facts.ts'
import { inParallel } from './in-parallel.ts'
import { drawIncident, type IncidentName, ordinaryUse, type ToldFact, tellIncident } from './incidents.ts'
import { type DemoMedium, makeMedia } from './media.ts'
import { createRandom } from './random.ts'
import { type DemoComputer, isAway, makeUnit, type UnitSize } from './unit.ts'
import { blindSensor, coverageOf, startFacts } from './year.ts'

export interface LiveAgent {
  readonly identity: AgentIdentity
  readonly computer: DemoComputer
  readonly settings: PolicySettings
  readonly policyVersion: number
  readonly position: Position | null
  readonly seal: SealKey | null
  readonly ended: 'clean-stop' | 'unclean-stop'
}

/**
 * Reads how the agents stand in the console's data folder; call while no console runs on it. A real agent keeps the key of its
 * next seal itself: these keep nothing, and are told it by the console that they were made with.
 */
export async function readLiveAgents(
  folder: string,
  size: UnitSize,
  identities: readonly AgentIdentity[],
): Promise<LiveAgent[]> {
  const byNumber = new Map(makeUnit(size).computers.map((one) => [one.number, one]))
  const protection = protectionKeysWith(
    Buffer.from(await readFile(join(folder, 'pki', 'protection.key'), 'utf8'), 'base64'),
  )
  const store = await openSqliteStoreHere(join(folder, 'console.db'))
  try {
    const agents: LiveAgent[] = []
    for (const identity of identities) {
      const [row, computer] = [await store.computer(identity.agent), byNumber.get(identity.number)]
      const policyVersion = row?.appliedPolicyVersion ?? row?.policyVersion ?? 1
      const policy = await store.policy(identity.agent, policyVersion)
      if (row === null || computer === undefined || policy === null) continue
      const sealed = await store.sealRow(identity.agent)
      const index = sealed?.state.nextIndex ?? 0
      const wrapped = sealed?.wrapped ?? null
      const key = wrapped === null ? null : protection.unwrap(identity.agent, index, wrapped)
      const ended = row.status === 'stopped' ? 'clean-stop' : 'unclean-stop'
      agents.push({
        identity,
        computer,
        policyVersion,
        ended,
        settings: policy.settings,
        position: row.position,
        seal: key === null ? null : { index, key },
      })
    }
    return agents
  } finally {
    await store.close()
  }
}

export interface LiveOptions {
  readonly size: UnitSize
  readonly agents: readonly LiveAgent[]
  readonly agentPort: number
  readonly authority: string
  readonly now: () => number
  /** Told once where agents can't connect: the rest goes on. */
  readonly trouble: (error: Error) => void
}

export interface RunningLive {
  /** Resolves once every agent has had its first try. */
  readonly connected: Promise<void>
  stop(): Promise<void>
}

const connectAtOnce = 12
const beatEveryMs = 12_000
const slices = 24
const useEveryMs = 25_000
const incidentEveryMs = 90_000
/** What takes longer in the year is over sooner while somebody looks. */
const storyMsMax = 60_000
/** What is under way when it ends may take so long. */
const endMsMax = 5_000

interface Running {
  readonly agent: DemoAgent
  readonly computer: DemoComputer
  readonly coverage: readonly Coverage[]
  isBusy: boolean
}

export function startLive(options: LiveOptions): RunningLive {
  const { size, agentPort: port, authority, now, trouble } = options
  const random = createRandom(`${size.seed}/live/${now()}`)
  const known = makeMedia(makeUnit(size), size).filter(({ device }) => device !== null)
  const plan = { seed: size.seed, days: [], incidents: new Map<number, ReadonlyMap<number, IncidentName>>() }
  const running = options.agents
    .filter(({ computer }) => !isAway(computer))
    .map(({ identity, computer, ended, ...standing }): Running => {
      const agent = new DemoAgent(identity, standing, { port, authority, now })
      const blind = blindSensor(computer, size.seed)
      const startMs = now() - random.int(1, 20) * 1_000
      agent.boot(startMs)
      const day = random.int(0, 1_000_000)
      const { isEnforcing } = agent
      for (const fact of startFacts({ computer, ended, plan, day, isEnforcing }, startMs)) agent.tell(fact)
      const coverage = REQUIRED_SENSORS.map((sensor) => coverageOf(sensor, sensor === blind))
      return { agent, computer, coverage, isBusy: false }
    })
  let isStopping = false
  let isTold = false
  const timers = new Set<NodeJS.Timeout>()
  const attend = async (one: Running): Promise<void> => {
    if (one.isBusy || isStopping) return
    one.isBusy = true
    try {
      if (!one.agent.isConnected) await one.agent.connect()
      await one.agent.deliver()
      one.agent.beat(one.coverage)
    } catch (error) {
      if (!isTold && !isStopping) trouble(error as Error)
      isTold = true
    } finally {
      one.isBusy = false
    }
  }
  const story = (one: Running, facts: readonly ToldFact[]): void => {
    for (const { afterMs, ...fact } of facts) {
      const timer = setTimeout(
        () => {
          timers.delete(timer)
          one.agent.tell({ ...fact, atMs: now() })
          void attend(one)
        },
        Math.min(afterMs, storyMsMax),
      )
      timers.add(timer)
    }
  }
  const happen = (name: IncidentName | null): void => {
    if (running.length === 0) return
    const one = random.pick(running)
    const context = {
      ...{ random, known, computer: one.computer },
      atMs: now(),
      isEnforcing: one.agent.isEnforcing,
    }
    const medium = ownMedium(known, one.computer)
    if (name !== null) story(one, tellIncident(name, context))
    else if (medium !== null) story(one, ordinaryUse(medium, context))
  }
  const connected = inParallel(running, connectAtOnce, attend)
  let slice = 0
  const intervals = [
    setInterval(() => {
      slice = (slice + 1) % slices
      const due = running.filter((_, at) => at % slices === slice)
      void inParallel(due, connectAtOnce, attend)
    }, beatEveryMs / slices),
    setInterval(() => happen(null), useEveryMs),
    setInterval(() => happen(drawIncident(random)), incidentEveryMs),
  ]
  return {
    connected,
    stop: async () => {
      for (const interval of intervals) clearInterval(interval)
      for (const timer of timers) clearTimeout(timer)
      isStopping = true
      await connected
      for (let waitedMs = 0; running.some(({ isBusy }) => isBusy) && waitedMs < endMsMax; waitedMs += 20)
        await sleep(20)
      await inParallel(
        running.filter(({ agent, isBusy }) => agent.isConnected && !isBusy),
        connectAtOnce,
        async ({ agent }) => {
          agent.tell({
            atMs: now(),
            sensor: 'agent',
            fact: { kind: 'agent.stopping', reason: 'shutdown' },
            decision: null,
          })
          await agent.deliver()
        },
      ).catch(trouble)
      for (const { agent } of running) agent.close()
    },
  }
}

function ownMedium(known: readonly DemoMedium[], { number, level }: DemoComputer): DemoMedium | null {
  return known.find((one) => one.level === level && one.computers?.includes(number) === true) ?? null
}
