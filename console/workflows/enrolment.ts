/** Enrols a computer: a token is made once, used once, and gives a certificate, a number and the first policy. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  DEFAULT_POLICY_SETTINGS,
  type EnrolmentAnswer,
  type EnrolmentRequest,
  type Envelope,
  formatEnrolmentToken,
  type PolicySettings,
  ShoukouError,
  showRawText,
} from '@shoukou/protocol'
import { fingerprintOf, issueAgentCertificate } from '../pki/authority.ts'
import type { ConsoleKeys } from '../pki/key-store.ts'
import type { Store, TokenRow } from '../store/ports.ts'
import { policyMediaFor } from './media/policy-media.ts'
import { spokenKeyOf } from './media/spoken-codes.ts'
import { assertModesExist, firstPolicy, signPolicy } from './policies.ts'

export interface TokenRequest {
  readonly number?: string | undefined
  readonly settings?: PolicySettings | undefined
  readonly validMinutes?: number | undefined
}

export interface MadeToken {
  readonly token: string
  readonly number: string
  readonly expiresAt: number
}

const defaultValidMinutes = 60

/**
 * Makes a token. Only the secret's hash is kept.
 *
 * @throws ShoukouError `invalid-request` where the number is taken.
 */
export async function createToken(
  store: Store,
  keys: ConsoleKeys,
  request: TokenRequest,
  by: { readonly account: string; readonly now: number },
): Promise<MadeToken> {
  const settings = request.settings ?? DEFAULT_POLICY_SETTINGS
  assertModesExist(settings)
  const taken = new Set((await store.computers()).map((computer) => computer.number))
  let number = request.number ?? (await store.nextComputerNumber())
  if (request.number !== undefined && taken.has(number)) {
    throw new ShoukouError('invalid-request', `The number ${number} is taken; choose another.`)
  }
  // Somebody may have chosen by hand what counting arrives at.
  while (taken.has(number)) number = await store.nextComputerNumber()
  const secret = randomBytes(32).toString('base64url')
  const expiresAt = by.now + (request.validMinutes ?? defaultValidMinutes) * 60_000
  await store.addToken({
    id: tokenId(secret),
    number,
    settings,
    createdAt: by.now,
    createdBy: by.account,
    expiresAt,
    usedAt: null,
    usedBy: null,
  })
  const authorityFingerprint = fingerprintOf(keys.authority.certificate)
  return { token: formatEnrolmentToken({ secret, authorityFingerprint }), number, expiresAt }
}

/**
 * Answers an enrolment request.
 *
 * @throws ShoukouError `token-refused` or `request-refused`; then nothing is stored and the token stays good.
 */
export async function enrol(
  store: Store,
  keys: ConsoleKeys,
  request: EnrolmentRequest,
  known: { readonly agentPort: number; readonly now: number },
): Promise<EnrolmentAnswer> {
  const token = await store.token(tokenId(request.secret))
  assertUsable(token, known.now)
  const agent = randomUUID()
  const issued = await issueAgentCertificate(keys.authority, {
    agent,
    pem: request.certificateRequest,
    now: known.now,
  })
  const first = firstPolicy({
    agent,
    computer: token.number,
    settings: token.settings,
    baseline: request.baseline,
    now: known.now,
  })
  const { media } = await policyMediaFor(store, first)
  const row = signPolicy(
    { ...first, media },
    {
      account: token.createdBy,
      reason: 'enrolment',
      privateKey: keys.policyKey.privateKey,
    },
  )
  await store.addComputer(
    {
      agent,
      number: token.number,
      hostname: showRawText(request.hostname),
      certificateSerial: issued.serial,
      certificate: issued.certificate,
      enrolledAt: known.now,
    },
    row,
    token.id,
  )
  // The register may have been written since it was read for this policy, when nobody knew of this computer yet.
  await store.addMediaPolicyDue({ computers: [token.number], account: token.createdBy, reason: 'enrolment' })
  return {
    v: 1,
    agent,
    computer: token.number,
    certificate: issued.certificate,
    authority: keys.authority.certificate,
    policyKey: keys.policyKey.publicKey,
    policy: JSON.parse(row.envelope) as Envelope,
    agentPort: known.agentPort,
    spokenKey: spokenKeyOf(keys.grantKey, agent).toString('base64url'),
  }
}

function assertUsable(token: TokenRow | null, now: number): asserts token is TokenRow {
  if (token === null)
    throw new ShoukouError('token-refused', 'The enrolment token is unknown here; make a new one.')
  if (token.usedAt !== null)
    throw new ShoukouError('token-refused', 'The enrolment token was used already; make a new one.')
  if (token.expiresAt < now)
    throw new ShoukouError('token-refused', 'The enrolment token has expired; make a new one.')
}

function tokenId(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
