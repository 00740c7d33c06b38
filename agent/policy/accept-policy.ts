/**
 * Whether a signed policy may take the place of the one in force. Pure.
 *
 * Versions only rise, across restarts too: an older policy, however well signed, is how somebody would bring back
 * rules that have been withdrawn.
 */
import { type Envelope, openEnvelope, type Policy, PolicySchema } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'

const check = Compile(PolicySchema)

export interface PolicyStanding {
  readonly agent: string
  /** Ed25519 public key pinned at enrolment, SPKI PEM. */
  readonly policyKey: string
  /** The highest version ever accepted; 0 before the first. */
  readonly versionMax: number
}

export type PolicyVerdict =
  | { readonly kind: 'accepted'; readonly policy: Policy; readonly payload: Buffer }
  /** `same`: the version in force came again; nothing to do, nothing to report. */
  | { readonly kind: 'same'; readonly policy: Policy; readonly payload: Buffer }
  | {
      readonly kind: 'refused'
      readonly reason: 'bad-signature' | 'malformed' | 'foreign-agent' | 'older-version'
      readonly version: number | null
    }

/** Judges a policy's envelope. */
export function judgePolicy(envelope: Envelope, standing: PolicyStanding): PolicyVerdict {
  const payload = openEnvelope('policy', envelope, standing.policyKey)
  if (payload === null) return { kind: 'refused', reason: 'bad-signature', version: null }
  const policy = parsePolicy(payload)
  if (policy === null) return { kind: 'refused', reason: 'malformed', version: null }
  const { version } = policy
  if (policy.agent !== standing.agent) return { kind: 'refused', reason: 'foreign-agent', version }
  if (version < standing.versionMax) return { kind: 'refused', reason: 'older-version', version }
  return { kind: version === standing.versionMax ? 'same' : 'accepted', policy, payload }
}

function parsePolicy(payload: Buffer): Policy | null {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'))
    return check.Check(value) ? value : null
  } catch (fault) {
    if (fault instanceof SyntaxError) return null
    throw fault
  }
}
