/** The one line of a record about a person's session at a computer. Pure. */
import type { Fact } from '@shoukou/protocol/events/facts.ts'
import type { Origin } from '@shoukou/protocol/events/shapes.ts'
import type { RawText } from '@shoukou/protocol/raw-text.ts'
import { raw, type SummaryPart, words } from './summary-parts.ts'

type SessionFact = Extract<Fact, { kind: 'session.opened' | 'session.closed' }>

/** Reports whether a fact is about a session. */
export function isSessionFact(fact: Fact): fact is SessionFact {
  return fact.kind === 'session.opened' || fact.kind === 'session.closed'
}

/** Returns who, where, and from where; how it came or how it ended. */
export function summarizeSessionFact(fact: SessionFact): SummaryPart[] {
  const { user, line, seat, remoteHost } = fact.session
  return [
    ...raw(user),
    ...raw(line ?? seat),
    ...fromOf(remoteHost),
    ...(fact.kind === 'session.closed' ? [words(`value.ending.${fact.ending}`)] : cameOf(fact.origin)),
  ]
}

function fromOf(remoteHost: RawText | null): SummaryPart[] {
  if (remoteHost === null) return []
  return remoteHost === '' ? [words('session.from-unknown')] : [words('session.from'), ...raw(remoteHost)]
}

/** Where it began while the agent watched there is nothing to add. */
function cameOf(origin: Origin): SummaryPart[] {
  if (origin === 'appeared') return []
  return [words(origin === 'still-present' ? 'session.still-present' : `value.origin.${origin}`)]
}
