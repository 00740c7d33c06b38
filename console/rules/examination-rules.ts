/**
 * Violations 14-16, 18 and 20-22: what an examination found. The agent decides by the certificates of its policy and on
 * the medium (`protocol/media/decide-medium.ts`) and names its rule; here that becomes evidence. A rule that lets the
 * medium be used (registered, lower level, one-way import, baseline, granted) is no violation.
 */
import {
  type Decision,
  type Level,
  type Passport,
  type Policy,
  type Seal,
  SealSchema,
  type SignedSeal,
} from '@shoukou/protocol'
import { timeWindowOf } from '@shoukou/protocol/media/seal-terms.ts'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { busDeviceOfPassport, unknownDevice } from './device-evidence.ts'
import { outcomeOf } from './insertion-rules.ts'
import type { JudgeContext, Judgement, RecordOf } from './judgement.ts'
import type { RegisterEntry, RegisterVerdict } from './register-rules.ts'
import { isNothingRead } from './stays.ts'

type Examined = RecordOf<'media.examined'>

export function judgeExamined(record: Examined, context: JudgeContext): Judgement[] {
  const { fact, decision } = record
  if (decision?.would !== 'block') return []
  const { number, level } = fact.identity
  const { rule } = decision
  if (rule === 'media-identity-mismatch') return [mismatch(record, context.policy)]
  if (rule === 'unregistered-media-inserted') return byRegister(record, context)
  if (number === null || level === null) {
    // Refused by a rule that is not known here, and no registered medium: that much is certain.
    return number === null ? unregistered(record, context) : []
  }
  return registered(record, { number, level }, rule, context.policy)
}

function registered(
  record: Examined,
  medium: { number: string; level: Level },
  rule: string,
  policy: Policy,
): Judgement[] {
  const told = toldOf(record)
  const hostLevel = policy.settings.level
  switch (rule) {
    case 'unclassified-media-on-classified-host':
      return [
        { type: rule, evidence: { medium, hostLevel, filesWritten: null, bytesWritten: null, ...told } },
      ]
    case 'classified-media-on-unclassified-host':
      return [
        {
          type: rule,
          evidence: { medium, hostLevel, hostIsOnNetwork: null, hostIsOnInternet: null, ...told },
        },
      ]
    case 'high-media-on-low-host':
      return [{ type: rule, evidence: { medium, hostLevel, ...told } }]
    case 'media-not-assigned':
      return [notAssigned(record, medium, policy)]
    case 'media-status-invalid':
      return [{ type: rule, evidence: { medium, status: statusOf(record, medium.number, policy), ...told } }]
    default:
      return []
  }
}

/** The agent knows the media of its policy, the console all of them. */
function byRegister(record: Examined, context: JudgeContext): Judgement[] {
  const { register = { kind: 'unknown' } } = context
  switch (register.kind) {
    case 'unknown':
      return unregistered(record, context)
    case 'clone':
      return [mismatchWith(record, register.entry, register.reasons)]
    case 'registered': {
      const { entry, rule } = register
      if (rule === null) return []
      if (rule === 'media-status-invalid') {
        return [
          { type: rule, evidence: { medium: mediumOf(entry), status: stateOf(entry), ...toldOf(record) } },
        ]
      }
      return registered(record, mediumOf(entry), rule, context.policy)
    }
  }
}

function mediumOf({ number, level }: RegisterEntry): { number: string; level: Level } {
  return { number, level }
}

function stateOf({ state }: RegisterEntry): Status {
  if (state === 'missing') return 'lost'
  return state === 'suspended' || state === 'retired' || state === 'destroyed' ? state : 'revoked'
}

function mismatchWith(
  record: Examined,
  entry: RegisterEntry,
  reasons: Extract<RegisterVerdict, { kind: 'clone' }>['reasons'],
): Judgement {
  const { passport, place } = record.fact
  return {
    type: 'media-identity-mismatch',
    evidence: {
      number: entry.number,
      registered: entry.passport === null ? unknownDevice : busDeviceOfPassport(entry.passport, null),
      observed: passport === null ? unknownDevice : busDeviceOfPassport(passport, place.usbPath),
      registeredSizeBytes: entry.passport?.sizeBytes ?? null,
      observedSizeBytes: passport?.sizeBytes ?? null,
      reasons: [...reasons],
      ...toldOf(record),
    },
  }
}

/** What an earlier run of this boot had judged is not judged anew, unless its attachment is known here and waits. */
function unregistered(record: Examined, { stay, isNewStay }: JudgeContext): Judgement[] {
  const { origin } = record.fact
  if (origin === 'baseline' || (origin === 'still-present' && (!stay || isNewStay === true))) return []
  // Gone before it could be examined: its coming was judged.
  if (stay === null && isNothingRead(record.fact)) return []
  return [
    {
      type: 'unregistered-media-inserted',
      evidence: {
        device: null,
        disk: null,
        origin,
        sighting: 'snapshot',
        ...examinedOf(record),
        ...outcomeOf(record.decision),
      },
    },
  ]
}

function notAssigned(record: Examined, medium: { number: string; level: Level }, policy: Policy): Judgement {
  const seal = sealOf(policy, medium.number)
  return {
    type: 'media-not-assigned',
    evidence: {
      medium,
      assignedComputers: seal?.computers ?? [],
      assignedUsers: seal?.users ?? [],
      account: null,
      fault: faultOf(record, medium.number, seal, policy),
      ...toldOf(record),
    },
  }
}

type Fault = 'computer' | 'user' | 'replaced' | 'not-yet-valid' | 'expired'

/** In the agent's order; null where the certificate that decided stands on the medium alone. */
function faultOf(
  { fact, wallMs }: Examined,
  number: string,
  seal: Seal | null,
  policy: Policy,
): Fault | null {
  const isReplaced = policy.media?.revocations.some(
    (one) => one.number === number && one.status === 'replaced',
  )
  if (fact.seal.reason === 'revoked' && isReplaced === true) return 'replaced'
  if (fact.seal.reason === 'expired' || fact.seal.reason === 'not-yet-valid') return fact.seal.reason
  if (seal === null) return null
  if (seal.computers !== null && !seal.computers.includes(policy.computer)) return 'computer'
  const window = timeWindowOf(seal, wallMs)
  if (window !== 'open') return window
  return seal.users === null ? null : 'user'
}

function mismatch(record: Examined, policy: Policy): Judgement {
  const { identity, passport, place } = record.fact
  const seal = identity.number === null ? null : sealOf(policy, identity.number)
  return {
    type: 'media-identity-mismatch',
    evidence: {
      number: identity.number,
      registered: seal === null ? unknownDevice : busDeviceOfPassport(seal.passport, null),
      observed: passport === null ? unknownDevice : busDeviceOfPassport(passport, place.usbPath),
      registeredSizeBytes: seal?.passport.sizeBytes ?? null,
      observedSizeBytes: passport?.sizeBytes ?? null,
      reasons: identity.reasons,
      ...toldOf(record),
    },
  }
}

type Status =
  | 'retired'
  | 'lost'
  | 'destroyed'
  | 'suspended'
  | 'expired'
  | 'not-yet-valid'
  | 'replaced'
  | 'revoked'

function statusOf({ fact }: Examined, number: string, policy: Policy): Status {
  const { reason } = fact.seal
  const revocations = (policy.media?.revocations ?? []).filter((one) => one.number === number)
  const revocation = revocations.find((one) => one.status !== 'replaced') ?? revocations[0]
  if (revocation !== undefined) return revocation.status === 'missing' ? 'lost' : revocation.status
  return reason === 'expired' || reason === 'not-yet-valid' ? reason : 'revoked'
}

interface ToldExamination {
  readonly passport: Passport | null
  readonly method: Examined['fact']['method']
  readonly exposure: 'none' | 'not-verified'
  readonly right: Examined['fact']['right']
  readonly seal: { state: string; reason: string | null }
  readonly faults: string[]
}

function examinedOf({ fact, decision }: Examined): ToldExamination {
  const { passport, method, right, seal, faults } = fact
  return {
    passport,
    method,
    // In the airlock there is no block device, and guarded there is one that the agent alone can open.
    exposure: isProvenClosed(decision, method) ? 'none' : 'not-verified',
    right,
    seal: { state: seal.state, reason: seal.reason },
    faults,
  }
}

function toldOf(record: Examined): ToldExamination & ReturnType<typeof outcomeOf> {
  return { ...examinedOf(record), ...outcomeOf(record.decision) }
}

function isProvenClosed(decision: Decision | null, method: Examined['fact']['method']): boolean {
  return decision?.outcome === 'blocked' && (method === 'airlock' || method === 'guarded')
}

const sealCheck = checkOf(SealSchema)

/** The newest certificate of a number that the policy carried; this console signed it. */
function sealOf(policy: Policy, number: string): Seal | null {
  let newest: Seal | null = null
  for (const signed of policy.media?.seals ?? []) {
    const seal = readSeal(signed)
    if (seal?.number === number && (newest === null || seal.issuedAtMs > newest.issuedAtMs)) newest = seal
  }
  return newest
}

function readSeal({ payload }: SignedSeal): Seal | null {
  const seal: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'))
  return sealCheck.Check(seal) ? seal : null
}
