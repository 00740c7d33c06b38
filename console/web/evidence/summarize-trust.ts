/** The one line of a record about the agent itself: held still, altered, sealed, renewed, carried away. Pure. */
import type { Fact } from '@shoukou/protocol/events/facts.ts'
import { code, counted, raw, type SummaryPart, words } from './summary-parts.ts'

const trustKinds = [
  'agent.paused',
  'agent.altered',
  'agent.removal',
  'journal.sealed',
  'identity.renewed',
  'ceiling.applied',
  'ceiling.refused',
  'bundle.exported',
  'bundle.returned',
] as const
type TrustFact = Extract<Fact, { kind: (typeof trustKinds)[number] }>

/** Reports whether a fact is one about the agent itself. */
export function isTrustFact(fact: Fact): fact is TrustFact {
  return trustKinds.some((kind) => kind === fact.kind)
}

/** Returns the few values by which people know one such fact from another. */
export function summarizeTrustFact(fact: TrustFact): SummaryPart[] {
  switch (fact.kind) {
    case 'agent.paused':
      return [
        { kind: 'duration', value: fact.pausedMs },
        words(`value.cause.${fact.cause}`),
        ...raw(fact.tracer),
      ]
    case 'agent.altered':
      return [
        words(`value.thing.${fact.thing}`),
        words(`value.what.${fact.what}`, fact.what),
        ...raw(fact.path),
        ...(fact.isRestored ? [words('value.restored')] : []),
      ]
    case 'agent.removal':
      return [words(`value.removal.${fact.result}`), ...(fact.reason === null ? [] : [code(fact.reason)])]
    case 'journal.sealed':
      return [code(`#${fact.index}`), code(`≤ ${fact.upToSeq}`)]
    case 'identity.renewed':
      return [code(fact.serial)]
    case 'ceiling.applied':
      return [counted('fact.count.version', fact.version)]
    case 'ceiling.refused':
      return [code(fact.reason)]
    case 'bundle.exported':
      return [code(`#${fact.number}`), code(`${fact.firstSeq}–${fact.lastSeq}`), ...raw(fact.medium)]
    case 'bundle.returned':
      return [words(`value.returned.${fact.result}`), ...(fact.reason === null ? [] : [code(fact.reason)])]
  }
}
