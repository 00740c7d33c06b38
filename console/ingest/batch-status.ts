/** What a batch, or a heartbeat, says of a computer's status. Pure. */
import type { HeartbeatFrame, Record } from '@shoukou/protocol'
import type { ComputerStatus } from '../store/ports.ts'

/**
 * A clean stop is known by the journal's last word alone; anything after it means that the agent runs. The seal over that
 * word is no word: null where there is nothing else.
 */
export function statusAfter(records: readonly Record[], claimedSeq: number): ComputerStatus | null {
  const record = records.findLast(({ fact }) => fact.kind !== 'journal.sealed')
  if (record === undefined) return null
  return record.fact.kind === 'agent.stopping' && record.seq >= claimedSeq ? 'stopped' : 'online'
}

/** The last policy version that the records say was applied. */
export function appliedIn(records: readonly Record[]): number | null {
  const applied = records.flatMap(({ fact }) => (fact.kind === 'policy.applied' ? [fact.version] : []))
  return applied.at(-1) ?? null
}

/** Answers that say nothing new are noted so often, ms: the span of the ordinary heartbeats, less what they are early. */
const notedEveryMs = 8_000

/** Knows which heartbeats need no write: an answer to a challenge says that the agent lives, and mostly nothing else. */
export class HeardPace {
  #at = Number.NEGATIVE_INFINITY
  #said = ''

  /** Reports whether a heartbeat is to be written down. `around`: what else would be written with it. */
  isNews({ answer, coverage, policyVersion }: HeartbeatFrame, around: string, now: number): boolean {
    const said = JSON.stringify([coverage, policyVersion, around])
    const isRecent = now >= this.#at && now - this.#at < notedEveryMs
    if (answer !== undefined && isRecent && said === this.#said) return false
    this.#at = now
    this.#said = said
    return true
  }
}
