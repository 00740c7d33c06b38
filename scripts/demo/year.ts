/**
 * What happens in the unit over the year: which computers run on which days, who uses what, what goes wrong where. Pure, the same
 * for the same seed; a day of a computer is told when it is asked for, so that a year of all of them is never held at once.
 */
import type { SensorName } from '@shoukou/protocol'
import { HOUR_MS, MINUTE_MS } from './calendar.ts'
import { diskOf, mediaControl, pictureOf, REQUIRED_SENSORS, wired } from './facts.ts'
import {
  drawIncident,
  INCIDENT_NAMES,
  type IncidentName,
  ordinaryUse,
  type ToldFact,
  tellIncident,
} from './incidents.ts'
import type { DemoMedium } from './media.ts'
import { createRandom } from './random.ts'
import { loggedOff, loggedOn, ownSession } from './sessions.ts'
import { type DemoComputer, isAway } from './unit.ts'

export interface YearPlan {
  readonly seed: string
  /** Beginnings of the workdays, oldest first. */
  readonly days: readonly number[]
  /** By place of the day, then of the computer: what goes wrong. */
  readonly incidents: ReadonlyMap<number, ReadonlyMap<number, IncidentName>>
}

/** Computers are switched off every evening in this last part, at the end of each week in that before, else with the quarter. */
const dailyDays = 3
const weeklyDays = 15
/** Share of the days on which somebody uses a medium of their own. */
const usedShare = 0.05
/** On the first days everything is only watched, by a unit that begins. */
const firstIncidentDay = 2

/** Returns the plan: about one incident a workday for each 230 computers, and each kind at least once where there is room. */
export function planYear(
  { seed, days }: { readonly seed: string; readonly days: readonly number[] },
  computers: readonly DemoComputer[],
): YearPlan {
  const random = createRandom(`${seed}/year`)
  const watched = computers.filter(({ isStandalone }) => !isStandalone)
  const spread = days.length - firstIncidentDay
  const count = Math.max(Math.ceil((spread * watched.length) / 230), Math.min(INCIDENT_NAMES.length, spread))
  const incidents = new Map<number, Map<number, IncidentName>>()
  for (let at = 0; at < count; at += 1) {
    const day = firstIncidentDay + Math.min(spread - 1, Math.floor(((at + random.next()) * spread) / count))
    const onDay = incidents.get(day) ?? new Map<number, IncidentName>()
    const name = (count < 200 ? INCIDENT_NAMES[at] : undefined) ?? drawIncident(random)
    onDay.set(random.pick(watched).at, name)
    incidents.set(day, onDay)
  }
  return { seed, days, incidents }
}

export interface DayContext {
  readonly computer: DemoComputer
  readonly plan: YearPlan
  /** Place of the day in the plan. */
  readonly day: number
  /** It ran through the night. */
  readonly isRunning: boolean
  /** How its last run ended; null: it never ran. */
  readonly ended: 'clean-stop' | 'unclean-stop' | null
  readonly isEnforcing: boolean
  readonly known: readonly DemoMedium[]
  /** Those of them that are used at this computer. */
  readonly own: readonly DemoMedium[]
}

export interface ToldDay {
  /** In the order of time, each with its own, Unix ms. */
  readonly facts: readonly (Omit<ToldFact, 'afterMs'> & { readonly atMs: number; readonly isBoot?: true })[]
  readonly isRunning: boolean
  readonly ended: DayContext['ended']
  readonly hasIncident: boolean
}

/** Returns what a computer's agent tells of one workday. */
export function tellDay(context: DayContext): ToldDay {
  const { computer, plan, day, isRunning, known, own, isEnforcing } = context
  const dayMs = plan.days[day]
  if (dayMs === undefined) throw new RangeError('the plan has no such day')
  const random = createRandom(`${plan.seed}/${computer.number}/${day}`)
  const facts: ToldDay['facts'][number][] = []
  const bootMs = dayMs + 8 * HOUR_MS + random.int(0, 40) * MINUTE_MS + random.int(0, 59_999)
  if (!isRunning) facts.push(...startFacts(context, bootMs))
  const onMs = bootMs + 3 * MINUTE_MS
  const session = ownSession(computer, onMs, createRandom(`${plan.seed}/${computer.number}/session/${day}`))
  if (!isRunning) facts.push(loggedOn(session, onMs))
  const add = (atMs: number, told: readonly ToldFact[]): void => {
    for (const { afterMs, ...rest } of told) facts.push({ ...rest, atMs: atMs + afterMs })
  }
  if (own.length > 0 && random.chance(usedShare)) {
    const atMs = dayMs + 13 * HOUR_MS + random.int(0, 120) * MINUTE_MS
    add(atMs, ordinaryUse(random.pick(own), { computer, random, atMs, isEnforcing, known }))
  }
  const incident = plan.incidents.get(day)?.get(computer.at)
  if (incident !== undefined) {
    const atMs = dayMs + 9 * HOUR_MS + random.int(0, 180) * MINUTE_MS + random.int(0, 59_999)
    add(atMs, tellIncident(incident, { computer, random, atMs, isEnforcing, known }))
  }
  const end = endOfDay(context)
  const inOrder = facts.toSorted((a, b) => a.atMs - b.atMs)
  // Whoever is behind with work goes home after it.
  const lastMs = Math.max(
    dayMs + 17.5 * HOUR_MS + random.int(0, 90) * MINUTE_MS,
    (inOrder.at(-1)?.atMs ?? 0) + MINUTE_MS,
  )
  if (end === 'clean-stop' && !isRunning) inOrder.push(loggedOff(session, lastMs - MINUTE_MS / 2))
  if (end === 'clean-stop')
    inOrder.push({
      atMs: lastMs,
      sensor: 'agent',
      fact: { kind: 'agent.stopping', reason: 'shutdown' },
      decision: null,
    })
  return {
    facts: inOrder,
    isRunning: end === null,
    ended: end ?? context.ended,
    hasIncident: incident !== undefined,
  }
}

/** How the day ends: null where the computer runs on. */
function endOfDay({ computer, plan, day }: DayContext): DayContext['ended'] {
  const left = plan.days.length - 1 - day
  if (left === 0 && isAway(computer)) return 'unclean-stop'
  if (computer.isServer) return null
  const random = createRandom(`${plan.seed}/${computer.number}/end/${day}`)
  // Power that fails, a cable that is pulled: the agent tells nothing of it.
  if (random.chance(0.002)) return 'unclean-stop'
  if (left < dailyDays) return 'clean-stop'
  const [today, next] = [new Date(plan.days[day] ?? 0), new Date(plan.days[day + 1] ?? 0)]
  const isWeekOver = next.getTime() - today.getTime() > 1.5 * 24 * HOUR_MS
  if (left < weeklyDays) return isWeekOver ? 'clean-stop' : null
  const isQuarterOver = today.getMonth() !== next.getMonth() && today.getMonth() % 3 === 2
  return isQuarterOver ? 'clean-stop' : null
}

/** What an agent tells when it starts: of itself, what it vouches for, which machine it is on. */
export function startFacts(
  {
    computer,
    ended,
    plan,
    day,
    isEnforcing,
  }: Pick<DayContext, 'computer' | 'ended' | 'plan' | 'day' | 'isEnforcing'>,
  atMs: number,
): ToldDay['facts'] {
  const random = createRandom(`${plan.seed}/${computer.number}/start/${day}`)
  const isFirst = ended === null
  const own = (afterMs: number, fact: ToldFact['fact'], sensor: ToldFact['sensor'] = 'agent') => ({
    ...{ atMs: atMs + afterMs, fact, sensor },
    decision: null,
  })
  const blind = blindSensor(computer, plan.seed)
  return [
    ...(isFirst
      ? [own(0, { kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })]
      : []),
    {
      ...own(1, {
        kind: 'agent.started',
        previous: ended ?? 'first-start',
        pid: random.int(300, 900),
        uid: 0,
      }),
      isBoot: true,
    },
    ...REQUIRED_SENSORS.map((sensor) =>
      own(2, {
        kind: 'agent.coverage',
        coverage: coverageOf(sensor, blind === sensor && random.chance(0.8)),
      }),
    ),
    ...(isEnforcing ? [own(3, mediaControl('start'), 'media')] : []),
    ...(isFirst || random.chance(0.1) ? [own(1_500, inventoryOf(computer), 'host')] : []),
    ...(isFirst
      ? [
          own(
            1_600,
            {
              kind: 'network.interface-added',
              origin: 'baseline',
              sighting: 'snapshot',
              interface: wired(computer),
            },
            'network',
          ),
          own(1_700, { kind: 'network.picture', cause: 'start', picture: pictureOf(computer) }, 'network'),
        ]
      : []),
  ]
}

export function coverageOf(sensor: SensorName, isBlind: boolean) {
  return isBlind
    ? ({
        sensor,
        state: 'not-watched',
        method: 'fanotify',
        reason: 'CAP_SYS_ADMIN is missing',
        remedy: 'run the agent as its unit has it',
      } as const)
    : ({ sensor, state: 'watching', method: 'kernel', reason: null, remedy: null } as const)
}

/** One computer in thirty lacks a sensor: green is earned. */
export function blindSensor(computer: DemoComputer, seed: string): SensorName | null {
  const random = createRandom(`${seed}/${computer.number}/blind`)
  return random.chance(0.03) ? random.pick(['files', 'connections'] as const) : null
}

function inventoryOf(computer: DemoComputer): ToldFact['fact'] {
  const { hostname, brand, model, os, diskSerial } = computer
  return {
    kind: 'host.inventory',
    ...{ hostname, model, manufacturer: brand, serial: '', hardwareId: hostname },
    operatingSystem: os,
    kernel: '6.1.0-demo',
    processor: 'x86-64',
    memoryBytes: 17_179_869_184,
    disks: [
      {
        name: '/dev/sda',
        vendor: 'DEMO',
        model: 'DEMO SSD',
        serial: diskSerial,
        sizeBytes: diskOf(computer).sizeBytes ?? 0,
      },
    ],
  }
}
