/** `agent-tamper`, as far as it is about an identity that is used elsewhere. */
import type { Judgement } from './judgement.ts'

/**
 * `other-hardware`: shown by a machine with none of the enrolled one's numbers. `two-alive`: two processes at one time.
 * `came-back`: two in turn. `earlier-certificate`: one that was replaced. `same-hardware`: an enrolled machine under a second
 * identity; the violation is the first one's.
 */
export interface CopiedIdentity {
  readonly how: 'other-hardware' | 'two-alive' | 'came-back' | 'earlier-certificate' | 'same-hardware'
  readonly address: string
  /** Numbers of hardware that both name; of the enrolled machine; of the one that came. */
  readonly inCommon: number
  readonly known: number
  readonly told: number
  /** The number under which the second one stands, or wants to. */
  readonly otherComputer: string | null
}

/** Words it. */
export function identityCopied(found: CopiedIdentity): Judgement {
  return {
    type: 'agent-tamper',
    evidence: {
      what: 'identity-copied',
      identity: { ...found, address: found.address.slice(0, 64) },
      path: null,
      expectedHash: null,
      observedHash: null,
      serviceState: null,
      account: null,
    },
  }
}
