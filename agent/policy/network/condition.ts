/** What a condition of the network is, and how it is named and decided on. Pure. */
import { createHash } from 'node:crypto'
import type {
  ConditionCode,
  Confidence,
  Decision,
  NetworkInterface,
  Peer,
  Policy,
  Program,
  RawText,
} from '@shoukou/protocol'
import { networkModeOf } from './network-mode.ts'

/** What is done about it where the network is enforced. */
export type Response = 'none' | 'cut' | 'isolate'

export interface Condition {
  readonly code: ConditionCode
  /** One key for as long as it is so: the same each time it is worked out in one boot. */
  readonly key: string
  /** The same over boots, by names: what enrolment found is known again by it. */
  readonly lastingKey: string
  readonly interface: NetworkInterface | null
  /** The others that it takes to be so. */
  readonly others: readonly NetworkInterface[]
  readonly peer: Peer | null
  readonly peerMac: string | null
  readonly text: RawText | null
  readonly expected: RawText | null
  readonly program: Program | null
  readonly confidence: Confidence
  /** It was so at enrolment, and enrolment made it the computer's own. */
  readonly isBaseline: boolean
  readonly decision: Decision
  readonly response: Response
}

/** What conditions are worked out with, beside picture and policy. */
export interface ConditionSurroundings {
  /** `lastingKey`s of what was so at enrolment. */
  readonly baseline: ReadonlySet<string>
  /** Where the console stands, as resolved: the interface that leads there is the last to be cut. */
  readonly console: readonly { readonly address: string; readonly port: number }[]
}

/** What each condition is made from; the rest follows. */
export interface Found {
  readonly code: ConditionCode
  /** Parts of the key that hold within one boot: interface numbers, addresses. */
  readonly parts: readonly (string | number | null)[]
  /** Parts that hold over boots; `parts` where they do. */
  readonly lastingParts?: readonly (string | number | null)[]
  readonly interface?: NetworkInterface | null
  readonly others?: readonly NetworkInterface[]
  readonly peer?: Peer | null
  readonly peerMac?: string | null
  readonly text?: RawText | null
  readonly expected?: RawText | null
  readonly program?: Program | null
  readonly confidence: Confidence
  readonly response: Response
  /** Names why it may be so; null where it may not. */
  readonly allowedBy?: string | null
  /** What a record names as the rule; the code where left out. */
  readonly rule?: string
}

/**
 * Codes that enrolment makes the computer's own: how it is set up inside. A way out that stood open at enrolment stays
 * what it is.
 */
const ownAtEnrolment: ReadonlySet<ConditionCode> = new Set([
  'forwarding',
  'address-translation',
  'proxy-listening',
  'bridged',
  'packet-socket',
  'routing-rule',
  'other-namespace-link',
])

/** Names, decides and completes what was found. */
export function conditionOf(found: Found, policy: Policy, around: ConditionSurroundings): Condition {
  const { code, parts, lastingParts = parts, confidence, rule = code } = found
  const lastingKey = keyOf(code, lastingParts)
  const isBaseline = ownAtEnrolment.has(code) && around.baseline.has(lastingKey)
  const allowedBy = found.allowedBy ?? (isBaseline ? 'baseline' : null)
  const response = allowedBy === null ? found.response : 'none'
  return {
    code,
    key: keyOf(code, parts),
    lastingKey,
    interface: found.interface ?? null,
    others: (found.others ?? []).slice(0, 16),
    peer: found.peer ?? null,
    peerMac: found.peerMac ?? null,
    text: found.text ?? null,
    expected: found.expected ?? null,
    program: found.program ?? null,
    confidence,
    isBaseline,
    decision: decisionOf(policy, allowedBy, rule, response),
    response,
  }
}

/** Reports whether enrolment may make such a condition the computer's own. */
export function mayBeOwnAtEnrolment(code: ConditionCode): boolean {
  return ownAtEnrolment.has(code)
}

function decisionOf(policy: Policy, allowedBy: string | null, rule: string, response: Response): Decision {
  if (allowedBy !== null) return { outcome: 'allowed', would: 'allow', rule: allowedBy }
  const isEnforced = networkModeOf(policy) === 'enforce' && response !== 'none'
  return { outcome: isEnforced ? 'blocked' : 'detected', would: 'block', rule }
}

const keyLengthMax = 200

/** Joins the parts of a key; what would be too long is named by its digest. */
export function keyOf(code: ConditionCode, parts: readonly (string | number | null)[]): string {
  const whole = [code, ...parts.map((part) => part ?? '')].join('|')
  if (whole.length <= keyLengthMax) return whole
  return `${code}|${createHash('sha256').update(whole, 'utf8').digest('hex')}`
}
