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
import { DAY_MS, HOUR_MS, MINUTE_MS, startOfDay, workdaysBefore } from './calendar.ts'
import { changeCustody, clearOldMedia, handIn } from './custody.ts'
import { type EnrolledAgent, enrolAll, settingsFor } from './enrol.ts'
import { Office } from './handling.ts'
import { inParallel } from './in-parallel.ts'
import { type IncidentName, stationExamines, tellIncident } from './incidents.ts'
import { makeMedia, mediaByComputer } from './media.ts'
import { nameAdministrators } from './people.ts'
import { createRandom } from './random.ts'
import { fillRegisters } from './registers.ts'
import { isAway, makeUnit, type UnitSize } from './unit.ts'
import { planYear, startFacts, type ToldDay, tellDay } from './year.ts'

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
  /** Ends it before its end: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}
export type FillStep = 'registers' | 'enrolment' | 'year'

export interface Filled {
  readonly agents: readonly EnrolledAgent[]
  readonly records: number
  readonly violations: number
  readonly handled: number
}

const atOnce = 24
/** So many of the last workdays are received as they happen, and looked at for the strip of thirty days. */
const closeDays = 22
/** What else is told is brought over so often, in workdays; what goes wrong is told on the day. */
const deliverEveryDays = 15
/** The year's hand-in is taken so long before its last day. */
const handInDaysBefore = 4
/** Not seen for longer is a finding: what is used once in a season is none. */
const unseenDays = 180
const policyMsMax = 20_000
/** On the last day, how many hours before its end. */
const ofToday = [
  ['wifi', 4.6],
  ['stranger', 3.9],
  ['phone', 2.8],
  ['tethered', 1.9],
  ['attempt', 1.2],
] as const satisfies readonly (readonly [IncidentName, number])[]

/** Fills an empty data folder; what was begun is to be thrown away where it rejects. */
export async function fillDemonstration(options: FillOptions): Promise<Filled> {
  const { seed, endMs, days: daysBack, config, log, progress } = options
  const { signal = new AbortController().signal } = options
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
  const custody = { console, media, seed, now, missing: new Map<number, string>() }
  try {
    const by = await nameAdministrators(console)
    await fillRegisters({ console, unit, media, seed, now })
    await clearOldMedia(custody)
    progress('registers', 1)
    const enrolled = await enrolAll({
      ...{ console, unit, seed, now, signal },
      progress: (share) => progress('enrolment', share),
    })
    const peer = { port: console.agentPort, authority: console.keys.authority.certificate, now }
    for (const { identity, computer, seal } of enrolled) {
      const settings = settingsFor(computer, 'observe')
      const standing = { settings, policyVersion: 1, position: null, seal }
      agents.push({ agent: new DemoAgent(identity, standing, peer), computer, ...atRest })
    }
    await inParallel(agents, atOnce, ({ agent }) => agent.connect())
    await console.workflows.registers.findings.setUnseenDays(unseenDays)
    const users = new Map(unit.computers.map(({ number, person }) => [number, person.name]))
    const office = new Office({ console, by, seed, now, to, users, log })
    const reader = createComputerReader(console.store)
    let known: typeof media = []
    let own: ReturnType<typeof mediaByComputer> = new Map()
    let [records, violations] = [0, 0]
    /** Agents tell what has happened until a moment; those that are asked for deliver it then. */
    const hear = async (untilMs: number, isDue: (one: Simulated) => boolean): Promise<void> => {
      for (const one of agents) records += tellUntil(one, untilMs)
      to(untilMs)
      await deliver(agents.filter((one) => one.agent.waiting > 0 && isDue(one)))
    }
    let late = null as readonly string[] | null
    for (const [day, dayMs] of days.entries()) {
      signal.throwIfAborted()
      to(dayMs + 8 * HOUR_MS)
      if (day === 1) {
        known = await registerPassports({ console, agents, media, seed, to, now })
        own = mediaByComputer(known)
      }
      if (day === Math.floor(days.length / 6)) await enforce(console, agents, 0.35, seed)
      if (day === Math.floor(days.length / 3)) await enforce(console, agents, 0.7, seed)
      if (day > 1) await changeCustody(custody, { day, days: days.length })
      const isClose = days.length - day <= closeDays
      for (const one of agents) tellOf(one, { plan, day, known, own: own.get(one.computer.number) ?? [] })
      if (isClose) await hear(dayMs + 9.8 * HOUR_MS, () => true)
      violations += await office.work(dayMs + 10 * HOUR_MS)
      if (isClose) await lookAtWatch({ store: console.store, computers: reader, now })
      await office.lookAtClocks()
      await hear(dayMs + 13.4 * HOUR_MS, ({ hasIncident }) => hasIncident)
      violations += await office.work(dayMs + 20.5 * HOUR_MS)
      if (late === null) late = await handIn(custody, dayMs + handInDaysBefore * DAY_MS)
      else if (late.length > 1 && day % 2 === 0) {
        const [number = '', ...rest] = late
        await office.takeLate(number, new Date(dayMs - 60 * DAY_MS).getFullYear())
        late = rest
      }
      const isDue = isClose || day % deliverEveryDays === deliverEveryDays - 1
      await hear(dayMs + 21 * HOUR_MS, ({ hasIncident }) => isDue || hasIncident)
      progress('year', (day + 1) / days.length)
    }
    await deliver(agents)
    await today({ agents, seed, endMs, hear })
    violations += await office.work(endMs - 10 * MINUTE_MS)
    for (const one of agents) endRun(one, now())
    await deliver(agents)
    violations += await office.work(endMs)
    await office.lookAtClocks()
    await console.workflows.registers.findings.look()
    return { agents: enrolled, records, violations, handled: office.steps }
  } finally {
    for (const { agent } of agents) agent.close()
    await console.close()
  }
}

function deliver(agents: readonly Simulated[]): Promise<void> {
  return inParallel(agents, atOnce, ({ agent }) => agent.deliver())
}

const atRest = { isRunning: false, ended: null, ahead: [], hasIncident: false } as const

interface Simulated {
  readonly agent: DemoAgent
  readonly computer: EnrolledAgent['computer']
  isRunning: boolean
  ended: ToldDay['ended']
  /** What happens on this day, and was not told yet. */
  ahead: ToldDay['facts']
  hasIncident: boolean
}

/** Takes up a workday of a computer. */
function tellOf(
  one: Simulated,
  day: Pick<Parameters<typeof tellDay>[0], 'plan' | 'day' | 'known' | 'own'>,
): void {
  const { agent, computer, isRunning, ended } = one
  const told = tellDay({ ...day, computer, isRunning, ended, isEnforcing: agent.isEnforcing })
  one.ahead = told.facts
  one.isRunning = told.isRunning
  one.ended = told.ended
  one.hasIncident = told.hasIncident
}

/** Has it write down what has happened until a moment; returns how many records that were. */
function tellUntil(one: Simulated, untilMs: number): number {
  const { agent, ahead } = one
  const due = ahead.filter(({ atMs }) => atMs <= untilMs)
  for (const fact of due) {
    if (fact.isBoot === true) agent.boot(fact.atMs)
    agent.tell(fact)
  }
  one.ahead = due.length === ahead.length ? [] : ahead.slice(due.length)
  return due.length
}

/** What happens on the day itself before somebody looks: a few computers run, and of some of it the clocks still run. */
async function today({
  agents,
  seed,
  endMs,
  hear,
}: {
  readonly agents: readonly Simulated[]
  readonly seed: string
  readonly endMs: number
  readonly hear: (untilMs: number, isDue: (one: Simulated) => boolean) => Promise<void>
}): Promise<void> {
  const random = createRandom(`${seed}/today`)
  const fitting = agents.filter(({ computer, isRunning }) => !isAway(computer) && !isRunning)
  const chosen = new Set<Simulated>()
  for (const [name, hoursBefore] of ofToday) {
    const one = fitting.length === 0 ? undefined : random.pick(fitting)
    if (one === undefined || chosen.has(one)) continue
    chosen.add(one)
    const { agent, computer, ended } = one
    const { isEnforcing } = agent
    const atMs = endMs - hoursBefore * HOUR_MS
    const plan = { seed, days: [], incidents: new Map() }
    one.ahead = [
      ...startFacts({ computer, ended, plan, day: -1, isEnforcing }, atMs - 20 * MINUTE_MS),
      ...tellIncident(name, { computer, random, atMs, isEnforcing, known: [] })
        .filter(({ afterMs }) => atMs + afterMs < endMs - HOUR_MS / 2)
        .map(({ afterMs, ...fact }) => ({ ...fact, atMs: atMs + afterMs })),
    ]
    one.isRunning = true
  }
  for (const [, hoursBefore] of ofToday)
    await hear(endMs - (hoursBefore - 0.3) * HOUR_MS, (one) => chosen.has(one))
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

/** Media that say something of themselves are brought to where they are used, and the register takes what they are known by. */
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
  const random = createRandom(`${seed}/station`)
  const byNumber = new Map(agents.map((one) => [one.computer.number, one.agent]))
  const examined: { medium: (typeof media)[number]; from: ReturnType<DemoAgent['placeOf']> }[] = []
  for (const medium of media) {
    const agent = byNumber.get(medium.computers?.[0] ?? '')
    if (agent === undefined || medium.device === null) continue
    const atMs = now() + random.int(1, 50) * MINUTE_MS
    for (const { afterMs, ...fact } of stationExamines(medium, random)) {
      const seq = agent.tell({ ...fact, atMs: atMs + afterMs })
      if (fact.fact.kind === 'media.examined') examined.push({ medium, from: agent.placeOf(seq) })
    }
  }
  to(now() + HOUR_MS)
  await deliver(agents)
  const { register, policies } = console.workflows.media
  await inParallel(examined, atOnce, async ({ medium: { number }, from }) => {
    const row = await console.store.medium(number)
    if (row === null) return
    const asked = { baseVersion: row.version, from, reason: '首次登记指纹（演示）' }
    await register.setPassport(number, asked, 'secadmin')
  })
  await policies.settle()
  await obeyed(console, agents)
  return examined.map(({ medium }) => medium)
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
