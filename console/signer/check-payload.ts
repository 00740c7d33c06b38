/**
 * Whether a payload may be signed: read as what it claims to be, and held to the ceiling. Pure.
 *
 * A signature is never given for bytes that are not understood: whoever holds the console must not get the daily key's word on
 * something that another reader takes for another thing.
 */
import {
  assertCeiling,
  type Beyond,
  type Ceiling,
  CommandSchema,
  type Envelope,
  type ErrorCode,
  firstFault,
  judgeAgainstCeiling,
  LIMITS,
  PolicySchema,
  SealSchema,
  ShoukouError,
  sayBeyond,
  vouchesFor,
} from '@shoukou/protocol'
import { ReturnOrderSchema } from '@shoukou/protocol/bundle/return-package.ts'
import { checkOf } from '@shoukou/protocol/schema-check.ts'

export interface SigningStanding {
  /** The one that this process verified itself; null where it holds none. */
  readonly ceiling: { readonly ceiling: Ceiling; readonly payload: string } | null
  /** The daily key that signs here, SPKI PEM. */
  readonly publicKey: string
  readonly nowMs: number
}

type Check = (value: unknown, standing: SigningStanding) => void

const policy = checkOf(PolicySchema)
const command = checkOf(CommandSchema)
const seal = checkOf(SealSchema)
const returnOrder = checkOf(ReturnOrderSchema)
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** One row a kind: a kind without a row does not compile, and is not signed. */
const checks: Readonly<Record<Envelope['kind'], Check>> = {
  policy: (value, standing) => {
    if (!policy.Check(value)) throw malformed('policy', firstFault(policy.Errors(value)))
    const { ceiling } = standing
    if (ceiling === null) return
    assertVouched(value.issuedAtMs, ceiling.ceiling, standing)
    refuseBeyond(judgeAgainstCeiling({ kind: 'policy', policy: value }, ceiling.ceiling))
  },
  command: (value, standing) => {
    if (!command.Check(value)) throw malformed('command', firstFault(command.Errors(value)))
    const { ceiling } = standing
    if (ceiling === null) return
    assertVouched(value.issuedAtMs, ceiling.ceiling, standing)
    // The computer's level is not known here; the agent knows its own.
    refuseBeyond(judgeAgainstCeiling({ kind: 'command', command: value, level: null }, ceiling.ceiling))
  },
  seal: (value, standing) => {
    if (!seal.Check(value)) throw malformed('seal', firstFault(seal.Errors(value)))
    const { ceiling } = standing
    if (ceiling === null) return
    assertVouched(value.issuedAtMs, ceiling.ceiling, standing)
    refuseBeyond(judgeAgainstCeiling({ kind: 'seal', seal: value }, ceiling.ceiling))
  },
  // The way home of a computer that no network reaches: what lies in it is signed by itself, and held to the ceiling there.
  return: (value) => {
    if (!returnOrder.Check(value)) throw malformed('return', firstFault(returnOrder.Errors(value)))
  },
  'first-ceiling': (value, { ceiling }) => {
    assertCeiling(value)
    // Only the one that is held: agents that have none take this key's word for it.
    if (ceiling !== null && JSON.stringify(ceiling.ceiling) === JSON.stringify(value)) return
    throw refused('ceiling-refused', 'Only the ceiling that the signing process holds is vouched for.')
  },
}

/**
 * Reads a payload and refuses what may not be signed.
 *
 * @throws ShoukouError `request-refused` for what is not what it claims to be, `beyond-ceiling`, `ceiling-refused`.
 */
export function assertMaySign(kind: Envelope['kind'], payload: Uint8Array, standing: SigningStanding): void {
  if (payload.length > LIMITS.policyBytesMax) throw malformed(kind, 'is above its bound')
  if (!Object.hasOwn(checks, kind)) throw malformed('kind', 'is none that is signed')
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(payload))
  } catch (cause) {
    throw refused('request-refused', `The ${kind} is not JSON in UTF-8.`, cause)
  }
  checks[kind](value, standing)
}

function assertVouched(issuedAtMs: number, ceiling: Ceiling, { publicKey, nowMs }: SigningStanding): void {
  if (vouchesFor(ceiling, publicKey, { issuedAtMs, nowMs })) return
  throw refused(
    'beyond-ceiling',
    'The ceiling does not vouch for the daily key of this console now; have a ceiling signed that names it.',
  )
}

function refuseBeyond(beyond: readonly Beyond[]): void {
  if (beyond.length === 0) return
  const words = beyond.slice(0, 8).map((one) => `${sayBeyond(one, 'zh')} ${sayBeyond(one, 'en')}`)
  throw refused('beyond-ceiling', words.join('\n'))
}

function malformed(what: string, why: string): ShoukouError {
  return refused('request-refused', `The ${what} ${why}.`)
}

function refused(code: ErrorCode, words: string, cause?: unknown): ShoukouError {
  return new ShoukouError(code, words, cause === undefined ? {} : { cause })
}
