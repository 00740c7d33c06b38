/**
 * From records, one after another, to runs of an agent and marks against them. Pure.
 *
 * A run is a stretch of one journal in which no number is missing and no start is told. Through all of it the agent ran: where
 * it was held still, or its computer slept, it tells so itself, and that is a mark. What lies between two runs is proven by
 * nothing.
 */
import { type Record as AgentRecord, type Fact, parseRecord } from '@shoukou/protocol'

/** What the first record of a run tells of the time before it. `gap`: numbers are missing before it. */
export type RunBegan =
  | 'first-start'
  | 'clean-stop'
  | 'unclean-stop'
  | 'gap'
  | 'enrolled'
  | 'journal-lost'
  | 'console-ahead'
  | 'unknown'

export interface RunStop {
  readonly reason: 'signal' | 'stopped-alone' | 'removal' | 'shutdown' | 'fault'
  readonly atMs: number
  readonly seq: number
}

export interface JournalRun {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly bootId: string | null
  readonly began: RunBegan
  readonly fromMs: number
  readonly toMs: number
  readonly receivedAt: number
  readonly stop: RunStop | null
}

export type RunMarkKind = 'sensor' | 'overflow' | 'paused' | 'clock' | 'loss' | 'policy' | 'control'

/** What a record says of a span of the computer's clock, or from a moment on. */
export interface RunMark {
  readonly kind: RunMarkKind
  readonly seq: number
  readonly fromMs: number
  readonly toMs: number
  /** Sensor, group, or cause; and its state. */
  readonly name: string
  readonly value: string
}

/** As much of a stored record as this needs. */
export interface RunRecord {
  readonly seq: number
  readonly kind: string
  readonly wallMs: number
  readonly raw: Uint8Array
}

const telling: ReadonlySet<string> = new Set<Fact['kind']>([
  'agent.started',
  'agent.stopping',
  'agent.coverage',
  'agent.paused',
  'sensor.overflow',
  'clock.stepped',
  'journal.opened',
  'journal.loss',
  'policy.applied',
  'control.state',
])

export interface RunStep {
  readonly run: JournalRun
  /** Another run begins with this record. */
  readonly isNew: boolean
  readonly mark: RunMark | null
}

/** Takes the next record of a journal. `run`: the last one of the same journal; null where it has none. */
export function stepRun(run: JournalRun | null, record: RunRecord, receivedAt: number): RunStep {
  // A clock that is ahead proves nothing about time that has not come.
  const atMs = Math.min(record.wallMs, receivedAt)
  const told = telling.has(record.kind) ? parseRecord(record.raw) : null
  const fact = told?.fact
  const isFollowed = run !== null && record.seq === run.lastSeq + 1 && run.lastSeq > 0
  const isNew = !isFollowed || fact?.kind === 'agent.started'
  const base: JournalRun = isNew
    ? {
        firstSeq: record.seq,
        lastSeq: record.seq,
        bootId: told?.bootId ?? null,
        began: beganBy(fact, run !== null),
        fromMs: atMs,
        toMs: atMs,
        receivedAt,
        stop: null,
      }
    : { ...run, lastSeq: record.seq, toMs: Math.max(run.toMs, atMs), receivedAt }
  const bootId = base.bootId ?? told?.bootId ?? null
  const stop = fact?.kind === 'agent.stopping' ? { reason: fact.reason, atMs, seq: record.seq } : base.stop
  const mark = told === null ? null : markOf(told, atMs)
  return { run: { ...base, bootId, stop }, isNew, mark }
}

function beganBy(fact: Fact | undefined, hasEarlier: boolean): RunBegan {
  if (fact?.kind === 'agent.started') return fact.previous
  if (fact?.kind === 'journal.opened') return fact.reason
  return hasEarlier ? 'gap' : 'unknown'
}

function markOf({ fact, seq }: AgentRecord, atMs: number): RunMark | null {
  const mark = (kind: RunMarkKind, name: string, value: string, fromMs = atMs, toMs = atMs): RunMark => ({
    ...{ kind, seq, name, value },
    fromMs: Math.min(fromMs, toMs),
    toMs: Math.max(fromMs, toMs),
  })
  if (fact.kind === 'agent.coverage') return mark('sensor', fact.coverage.sensor, fact.coverage.state)
  if (fact.kind === 'sensor.overflow') return mark('overflow', fact.sensor, fact.queue, atMs - fact.rescanMs)
  if (fact.kind === 'agent.paused') {
    // A computer that sleeps does nothing; what is left over is the agent's own standstill.
    const isAsleep = fact.suspendedMs > 0 && fact.pausedMs - fact.suspendedMs < asleepRestMsMax
    const end = fact.fromWallMs + fact.pausedMs
    return mark(
      'paused',
      isAsleep ? 'asleep' : fact.cause,
      fact.tracer === null ? '' : 'traced',
      fact.fromWallMs,
      end,
    )
  }
  if (fact.kind === 'clock.stepped')
    return mark('clock', fact.found, String(fact.byMs), atMs, atMs - fact.byMs)
  if (fact.kind === 'journal.loss')
    return mark(
      'loss',
      fact.isExact ? 'exact' : 'at-least',
      String(fact.total),
      fact.firstWallMs,
      fact.lastWallMs,
    )
  if (fact.kind === 'policy.applied') return mark('policy', 'applied', String(fact.version))
  if (fact.kind === 'control.state') return mark('control', fact.group, fact.state)
  return null
}

/** Going to sleep and waking take so long. */
const asleepRestMsMax = 5_000
