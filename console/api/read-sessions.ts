/** Reads who was logged on to a computer during a span: sessions with their beginning and their end, or why it has none. */
import { parseRecord } from '@shoukou/protocol'
import { type SessionRecord, type SessionSpan, sessionSpans } from '../rules/session-spans.ts'
import type { Store } from '../store/ports.ts'
import type { TimelineSession } from './contract-sessions.ts'

/** Records in a span; a session has two or three. */
const recordsMax = 2_000
/** Looked at on either side of it: what was open before, and how it ended after. */
const aroundMax = 400
const runsMax = 5_000
/** A run ends no later than its records arrived, whatever the computer's clock said. */
const clockSlackMs = 86_400_000

/** Returns the sessions that lie in a span, the oldest first; null where they are too many to be told one by one. */
export async function readSessions(
  store: Store,
  agent: string,
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<TimelineSession[] | null> {
  const rows = await store.sessionRecords(agent, span, { limit: recordsMax, around: aroundMax })
  const first = rows[0]
  if (first === undefined) return []
  if (rows.filter(({ wallMs }) => wallMs >= span.fromMs && wallMs < span.toMs).length >= recordsMax)
    return null
  const runs = await store.agentRuns(agent, first.wallMs - clockSlackMs, runsMax)
  const records = rows.flatMap(({ epoch, seq, wallMs, raw }): SessionRecord[] => {
    const { fact } = parseRecord(raw)
    return fact.kind === 'session.opened' || fact.kind === 'session.closed'
      ? [{ epoch, seq, wallMs, fact }]
      : []
  })
  return sessionSpans(records, runs)
    .filter(({ fromMs, toMs }) => fromMs < span.toMs && (toMs ?? span.toMs) >= span.fromMs)
    .map(told)
}

function told({ session, fromMs, toMs, end, epoch, seq }: SessionSpan): TimelineSession {
  const { user, uid, line, seat, remoteHost } = session
  return { user, uid, line, seat, remoteHost, fromMs, toMs, end, epoch, seq }
}
