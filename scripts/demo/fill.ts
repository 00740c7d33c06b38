/**
 * Fills a demonstration: starts a console whose clock is a year behind, has the office set its unit up, lets the year pass day by
 * day with agents that tell what happens over the real link, and the office handle it.
 *
 * Within a day, time stands still at the moments at which something is received; between them it jumps. Nothing but the clock is
 * otherwise than in a unit: chain, certificates, signatures, rules and workflows are the console's own.
 */
import { setTimeout } from 'node:timers/promises'
import { createComputerReader } from '../../console/api/read-computers.ts'
import { lookAtWatch } from '../../console/api/watch-days.ts'
import type { ConsoleConfig } from '../../console/base/config.ts'
import type { Log } from '../../console/base/log.ts'
import { type RunningConsole, startConsole } from '../../console/main.ts'
import { DemoAgent } from './agent.ts'
import { DAY_MS, HOUR_MS, startOfDay, workdaysBefore } from './calendar.ts'
import { type EnrolledAgent, enrolAll, settingsFor } from './enrol.ts'
import { Office } from './handling.ts'
import { inParallel } from './in-parallel.ts'
import { stationExamines } from './incidents.ts'
import { makeMedia } from './media.ts'
import { nameAdministrators } from './people.ts'
import { createRandom } from './random.ts'
import { fillRegisters } from './registers.ts'
import { isAway, makeUnit, type UnitSize } from './unit.ts'
import { planYear, type ToldDay, tellDay } from './year.ts'

export interface FillOptions extends UnitSize {
  readonly config: ConsoleConfig
  readonly log: Log
  /** When the demonstration ends and the real time goes on, Unix ms. */
  readonly endMs: number
  /** How many days back it begins. */
  readonly days: number
  /** Called after each step; `share` from 0 to 1. */
  readonly progress: (step: FillStep, share: number) => void
  readonly webRoot?: string
}
export type FillStep = 'registers' | 'enrolment' | 'year'

export interface Filled {
  readonly agents: readonly EnrolledAgent[]
  readonly records: number
  readonly violations: number
  readonly handled: number
}

const atOnce = 24
/** So many of the last days are received as they happen, and looked at for the strip of thirty days. */
const closeDays = 31
const custodyChanges = 0.12
const policyMsMax = 20_000

/** Fills an empty data folder; what was begun is to be thrown away where it rejects. */
export async function fillDemonstration(options: FillOptions): Promise<Filled> {
  const { seed, endMs, days: daysBack, config, log, progress } = options
  const unit = makeUnit(options)
  const media = makeMedia(unit, options)
  const days = workdaysBefore(endMs, daysBack)
  const plan = planYear({ seed, days }, unit.computers)
  const beginMs = (days[0] ?? startOfDay(endMs)) - DAY_MS + 9 * HOUR_MS
  let nowMs = beginMs
  const now = (): number => nowMs
  const to = (ms: number): void => {
    nowMs = Math.max(nowMs, Math.min(ms, endMs))
  }
  const console = await startConsole({
    ...{ config, log },
    isDemonstration: true,
    clock: { now, monotonicMs: () => nowMs - beginMs },
    ...(options.webRoot === undefined ? {} : { webRoot: options.webRoot }),
  })
  const agents: Simulated[] = []
  try {
    const by = await nameAdministrators(console)
    await fillRegisters({ console, unit, media, seed, now })
    progress('registers', 1)
    const enrolled = await enrolAll({
      ...{ console, unit, seed, now },
      progress: (share) => progress('enrolment', share),
    })
    const peer = { port: console.agentPort, authority: console.keys.authority.certificate, now }
    for (const one of enrolled) {
      const settings = settingsFor(one.computer, 'observe')
      const agent = new DemoAgent(one.identity, { settings, policyVersion: 1, position: null }, peer)
      agents.push({ agent, computer: one.computer, isRunning: false, ended: null })
    }
    await inParallel(agents, atOnce, ({ agent }) => agent.connect())
    const known: typeof media = []
    const office = new Office({ console, by, seed, now })
    const reader = createComputerReader(console.store)
    let [records, violations] = [0, 0]
    for (const [day, dayMs] of days.entries()) {
      to(dayMs + 10 * HOUR_MS)
      if (day === 1) known.push(...(await registerPassports({ console, agents, media, seed, to, now })))
      if (day === Math.floor(days.length / 6)) await enforce(console, agents, 0.35, seed)
      if (day === Math.floor(days.length / 3)) await enforce(console, agents, 0.7, seed)
      if (day > 1) await changeCustody({ console, media, seed, day, days: days.length })
      violations += await office.work()
      const isClose = days.length - day <= closeDays
      if (isClose) await lookAtWatch({ store: console.store, computers: reader, now })
      const told = agents.map((one) => tellOf(one, { plan, day, known }))
      records += told.reduce((sum, { facts }) => sum + facts.length, 0)
      to(dayMs + 21 * HOUR_MS)
      const isDue = isClose || day % 5 === 4
      const due = agents.filter(
        ({ agent }, at) => agent.waiting > 0 && (isDue || told[at]?.hasIncident === true),
      )
      await inParallel(due, atOnce, ({ agent }) => agent.deliver())
      progress('year', (day + 1) / days.length)
    }
    to(endMs - HOUR_MS)
    for (const one of agents) endRun(one, now())
    await inParallel(agents, atOnce, ({ agent }) => agent.deliver())
    violations += await office.work()
    return { agents: enrolled, records, violations, handled: office.steps }
  } finally {
    for (const { agent } of agents) agent.close()
    await console.close()
  }
}

interface Simulated {
  readonly agent: DemoAgent
  readonly computer: EnrolledAgent['computer']
  isRunning: boolean
  ended: ToldDay['ended']
}

function tellOf(one: Simulated, day: Pick<Parameters<typeof tellDay>[0], 'plan' | 'day' | 'known'>): ToldDay {
  const { agent, computer, isRunning, ended } = one
  const told = tellDay({ ...day, computer, isRunning, ended, isEnforcing: agent.isEnforcing })
  for (const fact of told.facts) {
    if (fact.isBoot === true) agent.boot(fact.atMs)
    agent.tell(fact)
  }
  one.isRunning = told.isRunning
  one.ended = told.ended
  return told
}

/** The simulator ends, and with it what ran through the night; those that are away went without a word. */
function endRun({ agent, computer, isRunning }: Simulated, atMs: number): void {
  if (!isRunning || isAway(computer)) return
  agent.tell({
    ...{ atMs, sensor: 'agent', decision: null },
    fact: { kind: 'agent.stopping', reason: 'shutdown' },
  })
}

/** Policies travel: resolves once every agent tells of the newest. */
async function obeyed(console: RunningConsole, agents: readonly Simulated[]): Promise<void> {
  const versions = new Map((await console.store.computers()).map((one) => [one.agent, one.policyVersion]))
  const isObeyed = () =>
    agents.every(({ agent }) => agent.policyVersion >= (versions.get(agent.identity.agent) ?? 0))
  for (let waitedMs = 0; !isObeyed() && waitedMs < policyMsMax; waitedMs += 20) await setTimeout(20)
}

/** A station examines the media that have passports, and the register takes what they are known by. */
async function registerPassports({
  console,
  agents,
  media,
  seed,
  to,
  now,
}: {
  readonly console: RunningConsole
  readonly agents: readonly Simulated[]
  readonly media: ReturnType<typeof makeMedia>
  readonly seed: string
  readonly to: (ms: number) => void
  readonly now: () => number
}): Promise<ReturnType<typeof makeMedia>> {
  const station = agents[0]
  if (station === undefined) return []
  const random = createRandom(`${seed}/station`)
  const examined = media.filter(({ device }) => device !== null)
  const seqs = examined.map((medium) =>
    station.agent.tell({ atMs: now(), ...stationExamines(medium, random) }),
  )
  await station.agent.deliver()
  to(now() + HOUR_MS)
  const { register, policies } = console.workflows.media
  for (const [at, { number }] of examined.entries()) {
    const row = await console.store.medium(number)
    const seq = seqs[at]
    if (row === null || seq === undefined) continue
    const from = station.agent.placeOf(seq)
    await register.setPassport(
      number,
      { baseVersion: row.version, from, reason: '首次登记指纹（演示）' },
      'secadmin',
    )
  }
  await policies.settle()
  await obeyed(console, agents)
  return examined
}

/** Policies go from watching to refusing, computer by computer. */
async function enforce(
  console: RunningConsole,
  agents: readonly Simulated[],
  share: number,
  seed: string,
): Promise<void> {
  const random = createRandom(`${seed}/enforce`)
  for (const { agent, computer } of agents) {
    const isChosen = random.next() < share
    if (!isChosen || agent.isEnforcing) continue
    const row = await console.store.computer(agent.identity.agent)
    if (row === null) continue
    const change = {
      baseVersion: row.policyVersion,
      settings: settingsFor(computer, 'enforce'),
      reason: '试运行结束，转入管控（演示）',
    }
    await console.workflows.policies.change(agent.identity.agent, change, 'secadmin')
  }
  await obeyed(console, agents)
}

/** Media are lent, come back, are suspended, go missing: some each day. */
async function changeCustody({
  console,
  media,
  seed,
  day,
  days,
}: {
  readonly console: RunningConsole
  readonly media: ReturnType<typeof makeMedia>
  readonly seed: string
  readonly day: number
  readonly days: number
}): Promise<void> {
  const random = createRandom(`${seed}/custody/${day}`)
  const plain = media.filter(({ device }) => device === null)
  if (plain.length === 0) return
  const count = Math.max(0, Math.round((media.length * custodyChanges) / days + random.next() - 0.5))
  for (let at = 0; at < count; at += 1) {
    const row = await console.store.medium(random.pick(plain).number)
    if (row === null) continue
    const next = {
      issued: ['lent', 'lent', 'carried-out', 'suspended', 'retired', 'missing'],
      lent: ['issued'],
      'carried-out': ['issued'],
      suspended: ['issued'],
      missing: [],
      retired: ['destroyed'],
      destroyed: [],
    } as const
    const may = next[row.state]
    if (may.length === 0) continue
    const asked = {
      baseVersion: row.version,
      state: random.pick<(typeof may)[number]>(may),
      reason: '台账变更（演示）',
    }
    await console.workflows.media.register.setState(row.number, asked, 'secadmin')
  }
}
