/**
 * Looks at clocks and at the register of media now and then: tells, once for each step, whoever is to know that time runs
 * out; makes the violations that only a register can tell, and ends them. What is told is `rules/`; that it is told once is
 * the store's, also over a restart.
 */
import type { Level, ViolationId } from '@shoukou/protocol'
import type { Log } from '../../base/log.ts'
import { mediumMissing, notHandedIn } from '../../rules/custody.ts'
import { severityOf } from '../../rules/judge.ts'
import type { Judgement } from '../../rules/judgement.ts'
import { OF_REGISTERS } from '../../store/clock-ports.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import { stepName } from './clock-settings.ts'
import type { Clocks } from './create-clocks.ts'
import { stepsDue } from './escalations.ts'

export interface ClockWatchOptions {
  readonly store: Store
  /** Called with a violation that began; that ended. */
  readonly raised: (violation: ViolationRow) => void
  readonly ended: (violation: ViolationRow) => void
  readonly log: Log
  readonly clocks: Clocks
  readonly now: () => number
  readonly lookMs?: number
}

const lookMsDefault = 5_000
/** Looked at in one turn; the rest comes with the next. */
const clocksMax = 400
const mediaMax = 500

/** Told beyond those that are looked at: of each step, in one turn; after a turn in which there was none, the next comes later. */
const untoldMax = 50
const untoldRestMs = 60_000

/** When those beyond the first are looked for again, by the console's clock. */
export interface UntoldPace {
  nextAt: number
}

/** Starts looking; the returned function stops it and waits for the look under way. */
export function watchClocks(options: ClockWatchOptions): () => Promise<void> {
  let looking: Promise<void> | null = null
  const pace: UntoldPace = { nextAt: 0 }
  const look = (): void => {
    looking ??= lookAtClocks(options, pace)
      .catch((err: unknown) => options.log.error({ err }, 'clocks could not be looked at'))
      .finally(() => {
        looking = null
      })
  }
  look()
  const timer = setInterval(look, options.lookMs ?? lookMsDefault)
  return async () => {
    clearInterval(timer)
    await looking
  }
}

/** One look. */
export async function lookAtClocks(
  options: ClockWatchOptions,
  pace: UntoldPace = { nextAt: 0 },
): Promise<void> {
  await tellMissing(options)
  await tellNotHandedIn(options)
  await escalate(options, pace)
}

async function escalate(options: ClockWatchOptions, pace: UntoldPace): Promise<void> {
  const { clocks, now } = options
  const read = await clocks.read({ perState: clocksMax })
  await tell(options, read.clocks)
  const listed = read.clocks.filter((clock) => clock.end === null).length
  // A flood of suspected leaks must not hide one of them from whoever is to be told.
  const isWaiting = now() >= pace.nextAt || now() < pace.nextAt - untoldRestMs
  if (read.running + read.overdue <= listed || !isWaiting) return
  const untold = await clocks.untold(untoldMax)
  if (untold.length === 0) pace.nextAt = now() + untoldRestMs
  for (const violation of untold)
    await tell(options, (await clocks.read({ violation, perState: clocksMax })).clocks)
}

async function tell(
  { store, clocks, now }: ClockWatchOptions,
  shown: Awaited<ReturnType<Clocks['read']>>['clocks'],
): Promise<void> {
  const { steps } = await clocks.settings()
  for (const clock of shown) {
    for (const step of stepsDue(clock, steps)) {
      await store.addEscalation({
        violation: clock.violation,
        clock: clock.kind,
        // Another date that was agreed is told of anew.
        step: clock.kind === 'rectification' ? `${stepName(step)} ${clock.startedAt}` : stepName(step),
        at: now(),
        role: step.role,
        person: step.person,
        leftMs: clock.leftMs,
        dueAt: clock.dueAt,
        severity: clock.state === 'overdue' ? 'critical' : clock.severity,
      })
    }
  }
}

async function tellMissing(options: ClockWatchOptions): Promise<void> {
  const { store } = options
  for (const { number, at } of await store.mediaFound()) await end(options, `missing:${number}`, at)
  for (const medium of await store.missingMediaUntold(mediaMax)) {
    const [seen] = await store.lastSightings([medium.number])
    const lastSeen = seen === undefined ? null : { at: seen.endedAt ?? seen.at, computer: seen.computer }
    await raise(options, mediumMissing(medium, lastSeen), {
      key: `media-missing:${medium.number}:${medium.at}`,
      level: medium.level,
      at: medium.at,
      lasting: `missing:${medium.number}`,
    })
  }
}

async function tellNotHandedIn(options: ClockWatchOptions): Promise<void> {
  const { store, clocks, now } = options
  const { last } = await clocks.campaigns()
  if (last === null) return
  const { year, dueAt } = last
  const of = { year, registeredBy: dueAt, limit: mediaMax }
  for (const medium of await store.handIns({ ...of, isHandedIn: false, isUntold: true })) {
    await raise(options, notHandedIn(medium, last, now()), {
      key: handInKey(medium.number, year),
      level: medium.level,
      at: now(),
      occurredAt: dueAt,
      lasting: handInLasting(medium.number, year),
    })
  }
}

/** Ends what a hand-in makes good. */
export async function handedIn(
  options: Pick<ClockWatchOptions, 'store' | 'ended'>,
  numbers: readonly string[],
  { year, at }: { readonly year: number; readonly at: number },
): Promise<void> {
  for (const number of numbers) await end(options, handInLasting(number, year), at)
}

function handInKey(number: string, year: number): string {
  return `media-year-end-overdue:${year}:${number}`
}
function handInLasting(number: string, year: number): string {
  return `hand-in:${year}:${number}`
}

async function raise(
  { store, raised }: ClockWatchOptions,
  judgement: Extract<Judgement, { type: ViolationId }>,
  about: {
    readonly key: string
    readonly level: Level
    /** When the console knew it. */
    readonly at: number
    readonly occurredAt?: number
    readonly lasting: string
  },
): Promise<void> {
  const violation = await store.addViolation(
    OF_REGISTERS,
    {
      key: about.key,
      type: judgement.type,
      severity: severityOf(judgement),
      level: about.level,
      policyVersion: 0,
      evidence: JSON.stringify(judgement.evidence),
      epoch: null,
      seq: null,
      occurredAt: about.occurredAt ?? about.at,
      lasting: about.lasting,
    },
    about.at,
  )
  if (violation !== null) raised(violation)
}

async function end(
  { store, ended }: Pick<ClockWatchOptions, 'store' | 'ended'>,
  lasting: string,
  at: number,
): Promise<void> {
  for (const violation of await store.endCustody(lasting, at)) ended(violation)
}
