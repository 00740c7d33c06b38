/**
 * Whether a signed policy may take the place of the one in force. Pure.
 *
 * Versions only rise, across restarts too: an older policy, however well signed, is how somebody would bring back
 * rules that have been withdrawn. Where this agent holds a ceiling, the policy is signed by a daily key that the ceiling
 * vouches for now, and allows nothing that the ceiling does not.
 */
import {
  type Beyond,
  type Ceiling,
  dailyKeyPems,
  type Envelope,
  judgeAgainstCeiling,
  openEnvelope,
  type Policy,
  PolicySchema,
  vouchesFor,
} from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'

const check = checkOf(PolicySchema)

export interface PolicyStanding {
  readonly agent: string
  /** Ed25519 public key pinned at enrolment, SPKI PEM. Under a ceiling it counts only while the ceiling vouches for it. */
  readonly policyKey: string
  /** The highest version ever accepted; 0 before the first. */
  readonly versionMax: number
  /** Left out or null: no ceiling is held. */
  readonly under?: UnderCeiling | null
}

export interface UnderCeiling {
  readonly ceiling: Ceiling
  /** The policy in force, as signed; null at enrolment. */
  readonly before: Policy | null
  /** Wall clock. */
  readonly nowMs: number
}

export type PolicyRefusal =
  | 'bad-signature'
  | 'malformed'
  | 'foreign-agent'
  | 'older-version'
  | 'daily-key-not-vouched'
  | 'beyond-ceiling'

export type PolicyVerdict =
  | {
      readonly kind: 'accepted'
      readonly policy: Policy
      readonly payload: Buffer
      /** The key whose signature holds, SPKI PEM. */
      readonly key: string
    }
  /** `same`: the version in force came again; nothing to do, nothing to report. */
  | { readonly kind: 'same'; readonly policy: Policy; readonly payload: Buffer; readonly key: string }
  | {
      readonly kind: 'refused'
      readonly reason: PolicyRefusal
      readonly version: number | null
      /** Of `beyond-ceiling`: what lies beyond. */
      readonly beyond?: readonly Beyond[]
    }

/** Judges a policy's envelope. */
export function judgePolicy(envelope: Envelope, standing: PolicyStanding): PolicyVerdict {
  const { under = null, policyKey } = standing
  const keys = under === null ? [policyKey] : [...dailyKeyPems(under.ceiling), policyKey]
  const opened = openWithOne('policy', envelope, keys)
  if (opened === null) return { kind: 'refused', reason: 'bad-signature', version: null }
  const { payload, key } = opened
  const policy = parsePolicy(payload)
  if (policy === null) return { kind: 'refused', reason: 'malformed', version: null }
  const { version } = policy
  if (policy.agent !== standing.agent) return { kind: 'refused', reason: 'foreign-agent', version }
  if (version < standing.versionMax) return { kind: 'refused', reason: 'older-version', version }
  const isSame = version === standing.versionMax
  if (under !== null && !isSame) {
    const { ceiling, before, nowMs } = under
    if (!vouchesFor(ceiling, key, { issuedAtMs: policy.issuedAtMs, nowMs }))
      return { kind: 'refused', reason: 'daily-key-not-vouched', version }
    const beyond = judgeAgainstCeiling({ kind: 'policy', policy, before: before ?? undefined }, ceiling)
    if (beyond.length > 0) return { kind: 'refused', reason: 'beyond-ceiling', version, beyond }
  }
  return { kind: isSame ? 'same' : 'accepted', policy, payload, key }
}

/** Opens an envelope with the first of some keys under which its signature holds; null where there is none. */
export function openWithOne(
  kind: Envelope['kind'],
  envelope: Envelope,
  keys: readonly string[],
): { readonly payload: Buffer; readonly key: string } | null {
  for (const key of new Set(keys)) {
    const payload = openEnvelope(kind, envelope, key)
    if (payload !== null) return { payload, key }
  }
  return null
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
