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
import { fingerprintOf, issueAgentCertificate, keyHashOf, notAfterOf } from '../pki/authority.ts'
import type { ConsoleKeys } from '../pki/key-store.ts'
import { protectionKeysWith } from '../pki/protection-keys.ts'
import type { Signer } from '../pki/signer.ts'
import type { Store, TokenRow, ViolationRow } from '../store/ports.ts'
import { assertSettingsWithin, type CeilingNow } from './ceiling/assert-within.ts'
import { assertNotEnrolled } from './identity/known-machine.ts'
import { certificateDaysFor } from './identity/lifetimes.ts'
import { policyMediaFor } from './media/policy-media.ts'
import { spokenKeyOf } from './media/spoken-codes.ts'
import { assertModesExist, firstPolicy, signPolicy } from './policies.ts'
import { createKeyDesk } from './protection-keys.ts'

export interface TokenRequest {
  readonly number?: string | undefined
  readonly settings?: PolicySettings | undefined
  readonly validMinutes?: number | undefined
  /** The agent whose place the enrolment takes: its number, its settings. */
  readonly replaces?: string | undefined
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
 * @throws ShoukouError `invalid-request` where the number is taken, `beyond-ceiling` where no such policy could be made.
 */
export async function createToken(
  store: Store,
  keys: ConsoleKeys,
  request: TokenRequest,
  by: {
    readonly account: string
    readonly now: number
    readonly ceiling?: CeilingNow | undefined
  },
): Promise<MadeToken> {
  const replaced = request.replaces === undefined ? null : await replacedBy(store, request.replaces)
  const settings = request.settings ?? replaced?.settings ?? DEFAULT_POLICY_SETTINGS
  assertModesExist(settings)
  assertSettingsWithin(by.ceiling, settings)
  const taken = new Set((await store.computers()).map((computer) => computer.number))
  if (replaced !== null) taken.delete(replaced.number)
  let number = replaced?.number ?? request.number ?? (await store.nextComputerNumber())
  if (request.number !== undefined && taken.has(number)) {
    throw new ShoukouError('invalid-request', `The number ${number} is taken; choose another.`)
  }
  // Somebody may have chosen by hand what counting arrives at.
  const isTaken = async () =>
    taken.has(number) ||
    // What is counted off for a new computer is none that the register has for another one.
    (request.number === undefined &&
      replaced === null &&
      (await store.takenLedgerNumbers('computers', [number])).length > 0)
  while (await isTaken()) number = await store.nextComputerNumber()
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
    replaces: request.replaces ?? null,
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
  known: {
    readonly agentPort: number
    readonly now: number
    readonly signer: Signer
    readonly ceiling?: CeilingNow | undefined
    /** Where it came from, for the evidence of a conflict. */
    readonly address?: string
    readonly raised?: (violation: ViolationRow) => void
    /** Since when the certificate is good, Unix ms. Left out: `now`. */
    readonly certificateFrom?: number
  },
): Promise<EnrolmentAnswer> {
  const token = await store.token(tokenId(request.secret))
  assertUsable(token, known.now)
  const replaces = token.replaces ?? null
  const { hardware = null } = request
  if (hardware !== null) {
    const { now, address = '', raised = () => undefined } = known
    await assertNotEnrolled({ store, now, address, raised }, hardware, {
      number: token.number,
      replaces,
    })
  }
  const agent = randomUUID()
  const issued = await issueAgentCertificate(keys.authority, {
    agent,
    pem: request.certificateRequest,
    now: known.certificateFrom ?? known.now,
    days: certificateDaysFor(token.settings.networkMode),
  })
  const first = firstPolicy({
    agent,
    computer: token.number,
    settings: token.settings,
    baseline: request.baseline,
    now: known.now,
  })
  const { media } = await policyMediaFor(store, first)
  const row = await signPolicy(
    { ...first, media },
    {
      account: token.createdBy,
      reason: 'enrolment',
      signer: known.signer,
    },
  )
  await store.addComputer(
    {
      agent,
      number: token.number,
      hostname: showRawText(request.hostname),
      certificateSerial: issued.serial,
      certificate: issued.certificate,
      certificateNotAfter: notAfterOf(issued.certificate),
      certificateKeyHash: keyHashOf(issued.certificate),
      enrolledAt: known.now,
    },
    row,
    token.id,
  )
  if (hardware !== null)
    await store.noteHardware(agent, { facts: hardware, at: known.now, from: 'enrolment' })
  // The register may have been written since it was read for this policy, when nobody knew of this computer yet.
  await store.addMediaPolicyDue({ computers: [token.number], account: token.createdBy, reason: 'enrolment' })
  return {
    v: 1,
    agent,
    computer: token.number,
    certificate: issued.certificate,
    authority: keys.authority.certificate,
    policyKey: known.signer.publicKey,
    policy: JSON.parse(row.envelope) as Envelope,
    ...(known.ceiling ? { ceiling: known.ceiling.signed } : {}),
    agentPort: known.agentPort,
    spokenKey: spokenKeyOf(keys.grantKey, agent).toString('base64url'),
    bundleKey: keys.bundleKey.publicKey,
    ...(await createKeyDesk(store, protectionKeysWith(keys.protectionKey)).forEnrolment(agent)),
  }
}

/** @throws ShoukouError `not-found` where there is no such computer, `edit-conflict` where it was enrolled anew. */
async function replacedBy(
  store: Store,
  agent: string,
): Promise<{ readonly number: string; readonly settings: PolicySettings }> {
  const computer = await store.computer(agent)
  const policy = computer === null ? null : await store.policy(agent, computer.policyVersion)
  if (computer === null || policy === null) {
    throw new ShoukouError('not-found', 'No computer is enrolled under this name; see the list of computers.')
  }
  if ((await store.enrolments(agent))[0]?.agent !== agent)
    throw new ShoukouError('edit-conflict', 'This computer was enrolled anew already; see its newest entry.')
  return { number: computer.number, settings: policy.settings }
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
