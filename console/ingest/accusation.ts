/** Which refusals of a frame are breaks that can't be a fault of the wire. Pure. */
import type { RecordsFrame, ShoukouError } from '@shoukou/protocol'
import { broken } from '../rules/journal-rules.ts'
import type { Judgement } from '../rules/judgement.ts'

/** Returns what a refused frame is a violation of; null where of nothing. */
export function accusationOf(error: ShoukouError, { header }: RecordsFrame): Judgement | null {
  const lastSeq = header.firstSeq + header.count - 1
  if (error.code === 'replayed-differently')
    return broken('replayed-differently', header.epoch, header.firstSeq, lastSeq)
  if (error.code !== 'chain-broken') return null
  return {
    type: 'log-gap-or-clock-tamper',
    evidence: {
      cause: 'chain-broken',
      epoch: header.epoch,
      firstSeq: header.firstSeq,
      lastSeq,
      expectedHead: String(error.context['expectedHead']),
      claimedHead: String(error.context['claimedHead']),
      byMs: null,
    },
  }
}
