/**
 * Whether a proven bundle may be taken: whose certificate signed it, whether that computer is one of this console's, and how
 * it stands among the bundles that came before it.
 */
import { X509Certificate } from 'node:crypto'
import { type BundleHeader, type BundleManifest, bundleError } from '@shoukou/protocol'
import type { SenderRow, SlipNote, SlipNoteCode } from '../../store/bundles-ports.ts'
import type { ComputerRow } from '../../store/ports.ts'
import type { BundleParts } from './ports.ts'

/** A clock may differ by so much before it is worth a word. */
const clockAheadMsMin = 120_000

export interface JudgedBundle {
  readonly computer: ComputerRow
  /** It is the last word of its computer so far. */
  readonly isNewest: boolean
  readonly notes: readonly SlipNote[]
}

/**
 * Judges.
 *
 * @throws ShoukouError `bundle-refused`: `unknown-agent`, `agent-revoked`, `signature`, `connected`.
 */
export async function judgeBundle(
  parts: BundleParts,
  header: BundleHeader,
  manifest: BundleManifest,
): Promise<JudgedBundle> {
  const { store, now } = parts
  const computer = await store.computer(header.agent)
  if (computer === null) {
    throw bundleError(
      'unknown-agent',
      `No computer ${header.computer} with this identity is enrolled here; was it enrolled anew?`,
    )
  }
  const certificateNotes = await judgeCertificate(parts, header.agent, manifest.certificate)
  if (computer.status === 'online') {
    throw bundleError(
      'connected',
      `${computer.number} is connected to this console and sends its records itself; nothing has to be carried.`,
    )
  }
  const sender = await store.sender(header.agent)
  const again = await store.takenBundle(header.agent, header.bundle)
  const sameNumber = await store.bundleOfNumber(header.agent, header.number)
  const notes: SlipNote[] = [
    ...(again === null ? [] : [note('again')]),
    ...orderNotes(header, sender),
    ...(sameNumber !== null && sameNumber.bundle !== header.bundle ? [note('number-reused')] : []),
    ...certificateNotes,
    ...(header.createdWallMs > now() + clockAheadMsMin ? [note('clock-ahead')] : []),
    ...(manifest.isRunning ? [] : [note('agent-not-running')]),
  ]
  const isNewest = again === null && (sender === null || header.number > sender.lastNumber)
  return { computer, isNewest, notes }
}

function orderNotes(header: BundleHeader, sender: SenderRow | null): SlipNote[] {
  const last = sender?.lastNumber ?? 0
  if (header.number <= last) {
    return header.bundle === sender?.lastBundle || header.number === last ? [] : [note('out-of-order')]
  }
  return [
    ...(header.number > last + 1
      ? [{ ...note('bundles-missing'), from: last + 1, to: header.number - 1 }]
      : []),
    ...(sender !== null && sender.epoch !== header.epoch ? [note('journal-anew')] : []),
  ]
}

async function judgeCertificate(
  { store, keys, now }: BundleParts,
  agent: string,
  pem: string,
): Promise<SlipNote[]> {
  const certificate = readCertificate(pem)
  const authority = new X509Certificate(keys.authority.certificate)
  const isOurs =
    certificate !== null &&
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey) &&
    certificate.subject === `CN=${agent}`
  if (certificate === null || !isOurs) {
    throw bundleError(
      'signature',
      'The bundle is not signed with a certificate that this console gave to that computer.',
    )
  }
  const row = await store.agentCertificate(certificate.serialNumber)
  if (row?.state === 'revoked' || (await store.revocation(agent)) !== null) {
    throw bundleError(
      'agent-revoked',
      'The certificate of this computer was revoked; its bundles are taken no more. Enrol it anew.',
    )
  }
  return [
    ...(certificate.validToDate.getTime() < now() ? [note('certificate-expired')] : []),
    ...(row?.state === 'superseded' ? [note('certificate-superseded')] : []),
  ]
}

function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    // What OpenSSL can't read is no certificate of ours.
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}

function note(code: SlipNoteCode): SlipNote {
  return { code, from: null, to: null }
}
