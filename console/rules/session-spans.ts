/**
 * From records of sessions to spans: who was logged on to a computer from when to when. Pure.
 *
 * A session whose end nobody told ends where the agent last could have seen it: at its stop, at its last record before the
 * computer started again, or not yet. Which of these it was is said, because only some of them are an end that was seen.
 */
import type { Fact, FactNamed, Session } from '@shoukou/protocol'

export const SESSION_SPAN_ENDS = [
  'logged-out',
  'process-gone',
  'gone',
  'while-away',
  'shutdown',
  'next-boot',
  'agent-stopped',
  'not-ended',
] as const
/**
 * `while-away`: between the agent's last run and its next. `shutdown`: with the computer. `next-boot`: the computer started
 * again, and nobody saw the end. `agent-stopped`: what came after is not known. `not-ended`: as far as was told.
 */
export type SessionSpanEnd = (typeof SESSION_SPAN_ENDS)[number]

export interface SessionSpan {
  /** As the latest record has it. */
  readonly session: Session
  readonly fromMs: number
  /** Null: it has not ended, as far as was told. */
  readonly toMs: number | null
  readonly end: SessionSpanEnd
  /** The record that first told of it. */
  readonly epoch: string
  readonly seq: number
}

/** A record of a session, read. */
export interface SessionRecord {
  readonly epoch: string
  readonly seq: number
  readonly wallMs: number
  readonly fact: Extract<Fact, { kind: 'session.opened' | 'session.closed' }>
}

/** A run of the agent, as much as this needs. */
export interface SessionRun {
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly bootId: string | null
  readonly began: string
  readonly fromMs: number
  readonly toMs: number
  readonly stop: { readonly reason: string; readonly atMs: number } | null
}

/** Returns the spans, the oldest first. `records` and `runs` oldest first. */
export function sessionSpans(
  records: readonly SessionRecord[],
  runs: readonly SessionRun[],
): readonly SessionSpan[] {
  const told = new Map<string, SessionRecord[]>()
  for (const record of records) {
    const { id } = record.fact.session
    const list = told.get(id)
    if (list === undefined) told.set(id, [record])
    else list.push(record)
  }
  return [...told.values()]
    .flatMap((list) => spanOf(list, runs))
    .toSorted((a, b) => a.fromMs - b.fromMs || a.seq - b.seq)
}

function spanOf(list: readonly SessionRecord[], runs: readonly SessionRun[]): SessionSpan[] {
  const first = list[0]
  const last = list.at(-1)
  if (first === undefined || last === undefined) return []
  const { session } = last.fact
  const fromMs = Math.min(session.openedWallMs ?? first.wallMs, first.wallMs)
  const { toMs, end } =
    last.fact.kind === 'session.closed' ? closed(last, last.fact, list, runs) : open(last, runs)
  return [
    {
      ...{ session, fromMs, end },
      toMs: toMs === null ? null : Math.max(fromMs, toMs),
      ...{ epoch: first.epoch, seq: first.seq },
    },
  ]
}

interface End {
  readonly toMs: number | null
  readonly end: SessionSpanEnd
}

function closed(
  { wallMs }: SessionRecord,
  { closedWallMs, ending, found }: FactNamed<'session.closed'>,
  list: readonly SessionRecord[],
  runs: readonly SessionRun[],
): End {
  if (closedWallMs !== null) return { toMs: Math.min(closedWallMs, wallMs), end: ending }
  if (found === 'while-watching') return { toMs: wallMs, end: ending }
  // It ended after it was last seen, and before it was missed: no later than is proven.
  const seen = list.findLast(({ fact }) => fact.kind === 'session.opened')
  const until = seen === undefined ? null : open(seen, runs).toMs
  return { toMs: Math.min(until ?? wallMs, wallMs), end: 'while-away' }
}

/** Until when a session was seen that no later record tells of. */
function open(record: SessionRecord, runs: readonly SessionRun[]): End {
  const { epoch, seq, wallMs } = record
  let at = runs.findIndex((run) => run.epoch === epoch && run.firstSeq <= seq && seq <= run.lastSeq)
  let run = runs[at]
  if (run === undefined) return { toMs: wallMs, end: 'agent-stopped' }
  // Numbers are missing, and the agent ran on: it would have told of an end, or of what it told before.
  for (let next = runs[at + 1]; next?.began === 'gap' && next.epoch === epoch; next = runs[at + 1]) {
    if (next.bootId !== null && run.bootId !== null && next.bootId !== run.bootId) break
    at += 1
    run = { ...next, bootId: next.bootId ?? run.bootId }
  }
  if (run.stop !== null)
    return { toMs: run.stop.atMs, end: run.stop.reason === 'shutdown' ? 'shutdown' : 'agent-stopped' }
  const next = runs[at + 1]
  if (next === undefined) return { toMs: null, end: 'not-ended' }
  return { toMs: run.toMs, end: next.bootId === run.bootId ? 'agent-stopped' : 'next-boot' }
}
