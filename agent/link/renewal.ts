/**
 * Renews this agent's certificate, with a new key each time. The new key is written down before it is asked for, so that
 * an answer lost on the way is had again; key and certificate are one file, so that a power cut leaves the old pair or the
 * new one.
 */
import { X509Certificate } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { encodeRenewal, parseRenewalAnswer, ShoukouError, signRenewal } from '@shoukou/protocol'
import { Type } from 'typebox'
import { stateFile } from '../base/state-file.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { isCertificateFor, makeKeyAndRequest } from './certificate-request.ts'
import { type Identity, type Pair, writePair } from './identity.ts'

/** The key that was asked for and has no certificate yet; of the certificate that asked. */
const nextKeyFile = stateFile(
  Type.Object(
    {
      v: Type.Literal(1),
      serial: Type.String({ maxLength: 64 }),
      key: Type.String({ maxLength: 4_096 }),
      request: Type.String({ maxLength: 8_192 }),
    },
    { additionalProperties: false },
  ),
)

/** A third of its life left: then it is time. */
const lifeLeftMin = 1 / 3

export interface RenewalPlace {
  readonly folder: StateFolder
  readonly identity: Identity
  readonly onDamaged: (path: string) => void
}

/** Reports whether a certificate is to be renewed at `nowMs`, by its own dates. An expired one is. */
export function isRenewalDue(certificate: string, nowMs: number): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certificate)
  const lifeMs = validToDate.getTime() - validFromDate.getTime()
  return validToDate.getTime() - nowMs < lifeMs * lifeLeftMin
}

/** Returns a request, as a bundle carries it: the same key again until its answer was taken. */
export async function renewalRequest(
  { folder, identity, onDamaged }: RenewalPlace,
  nowMs: number,
): Promise<Uint8Array> {
  const { serialNumber } = new X509Certificate(identity.certificate)
  const known = await nextKeyFile.read(folder.nextKeyFile, onDamaged)
  if (known !== null && known.serial === serialNumber)
    return encodeRenewal(signRenewal(identity, known.request, nowMs))
  const { key, request } = await makeKeyAndRequest()
  await nextKeyFile.write(folder.nextKeyFile, { v: 1, serial: serialNumber, key, request })
  return encodeRenewal(signRenewal(identity, request, nowMs))
}

/**
 * Takes an answer: checks it and puts the new pair in place of the old.
 *
 * @throws ShoukouError `renewal-refused` where it is not for the key that was asked for; then nothing has changed.
 */
export async function takeRenewal(
  { folder, identity, onDamaged }: RenewalPlace,
  answer: Uint8Array,
): Promise<Pair> {
  const { certificate } = parseRenewalAnswer(answer)
  const asked = await nextKeyFile.read(folder.nextKeyFile, onDamaged)
  if (asked === null) throw refused('no key waits for it')
  if (!isOurs(certificate, asked.key, identity)) throw refused('it is not for the key that was asked for')
  const pair = { key: asked.key, certificate }
  await writePair(folder, pair)
  await rm(folder.nextKeyFile, { force: true })
  return pair
}

function isOurs(certificate: string, key: string, { authority, agent }: Identity): boolean {
  try {
    return (
      isCertificateFor(certificate, key, authority) &&
      new X509Certificate(certificate).subject === `CN=${agent}`
    )
  } catch (fault) {
    // What OpenSSL can't read is not a certificate of ours; anything else is a defect.
    if (fault instanceof Error && 'code' in fault) return false
    throw fault
  }
}

function refused(why: string): ShoukouError {
  return new ShoukouError('renewal-refused', `The certificate that the console sent was not taken: ${why}.`)
}
