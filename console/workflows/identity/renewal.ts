/**
 * Answers an agent that renews its certificate, and one that asks how its certificate stands. Who it is comes from the
 * key that signed, and from nothing that it says.
 *
 * The old certificate goes on until the new one was first used: an answer that is lost on the way costs nothing, the agent
 * asks again with the same key and has the same answer.
 */
import {
  encodeRenewal,
  isRenewalSigned,
  isStandingSigned,
  parseRenewalRequest,
  type RenewalAnswer,
  type RenewalRequest,
  ShoukouError,
  type StandingAnswer,
  type StandingRequest,
} from '@shoukou/protocol'
import { issueAgentCertificate, keyHashOf, notAfterOf, requestKeyHash } from '../../pki/authority.ts'
import type { ConsoleKeys } from '../../pki/key-store.ts'
import type { AgentCertificateRow, Store } from '../../store/ports.ts'
import { certificateDaysFor } from './lifetimes.ts'

const day = 86_400_000
/** A computer that was switched off comes back by itself for so long after its certificate ran out. */
export const RENEWAL_GRACE_MS = 365 * day
/** New certificates that were made and never used: an agent that loses its new key each time is not given more. */
const issuedMax = 4

export interface RenewalParts {
  readonly store: Store
  readonly keys: Pick<ConsoleKeys, 'authority'>
  readonly now: number
}

export interface Renewed {
  readonly answer: RenewalAnswer
  readonly agent: string
  readonly serial: string
  readonly notAfterMs: number
}

/**
 * Answers a request.
 *
 * @throws ShoukouError `renewal-refused` where the proof does not hold, or the certificate is superseded or too long past
 * its end; `certificate-revoked`; `request-refused` where the new key's request is not acceptable.
 */
export async function renew(
  { store, keys, now }: RenewalParts,
  request: RenewalRequest,
  origin: 'renewal' | 'bundle' = 'renewal',
): Promise<Renewed> {
  const row = await store.agentCertificate(request.serial)
  if (row === null || !isRenewalSigned(request, row.certificate)) throw unproven()
  if (row.state === 'revoked') throw new ShoukouError('certificate-revoked')
  if (row.state === 'superseded') {
    throw new ShoukouError(
      'renewal-refused',
      'A later certificate of this computer was used already; enrol the computer anew where that was not it.',
    )
  }
  if (row.notAfter !== null && now > row.notAfter + RENEWAL_GRACE_MS) {
    throw new ShoukouError(
      'renewal-refused',
      'The certificate ran out more than a year ago; enrol the computer anew.',
    )
  }
  const computer = await store.computer(row.agent)
  if (computer === null) throw unproven()
  const keyHash = await requestKeyHash(request.certificateRequest)
  if (keyHash === row.keyHash) throw new ShoukouError('renewal-refused', 'A renewal brings a new key.')
  const waiting = (await store.agentCertificates(row.agent)).find(
    (one) => one.state === 'issued' && one.keyHash === keyHash,
  )
  if (waiting !== undefined) return renewedOf(waiting)
  const issued = await issueAgentCertificate(keys.authority, {
    agent: row.agent,
    pem: request.certificateRequest,
    now,
    days: certificateDaysFor(computer.networkMode),
  })
  const added = await store.addAgentCertificate(
    {
      serial: issued.serial,
      agent: row.agent,
      certificate: issued.certificate,
      keyHash: keyHashOf(issued.certificate),
      issuedAt: now,
      notAfter: notAfterOf(issued.certificate),
      origin,
    },
    issuedMax,
  )
  return renewedOf(added)
}

/** As `renew`, on bytes: what a bundle carries there and back. */
export async function answerRenewal(
  parts: RenewalParts,
  request: Uint8Array,
): Promise<Renewed & { readonly bytes: Uint8Array }> {
  const renewed = await renew(parts, parseRenewalRequest(request), 'bundle')
  return { ...renewed, bytes: encodeRenewal(renewed.answer) }
}

/** Answers how a certificate stands, to the holder of its key alone. @throws ShoukouError `renewal-refused`. */
export async function answerStanding(
  { store, now }: Pick<RenewalParts, 'store' | 'now'>,
  request: StandingRequest,
): Promise<StandingAnswer> {
  const row = await store.agentCertificate(request.serial)
  if (row === null || !isStandingSigned(request, row.certificate)) throw unproven()
  return { v: 1, standing: standingOf(row, now) }
}

function standingOf({ state, notAfter }: AgentCertificateRow, now: number): StandingAnswer['standing'] {
  if (state === 'revoked' || state === 'superseded') return state
  return notAfter !== null && now > notAfter ? 'expired' : 'good'
}

function renewedOf({ agent, serial, certificate, notAfter }: AgentCertificateRow): Renewed {
  return { answer: { v: 1, certificate }, agent, serial, notAfterMs: notAfter ?? notAfterOf(certificate) }
}

/** One answer for what is unknown and what is not signed: nobody learns from it which serials there are. */
function unproven(): ShoukouError {
  return new ShoukouError(
    'renewal-refused',
    'The request is not signed by the key of a certificate known here.',
  )
}
