/**
 * Makes the package for the way home: what the console has of the journal and its receipt, the newest policy, ceilings that
 * the agent lacks, an order of isolation that waits, the certificate that was asked for, the key for the next bundles.
 */
import { randomUUID } from 'node:crypto'
import {
  BUNDLE_LIMITS,
  type Envelope,
  encodeReturnPackage,
  type Position,
  type ReturnOrder,
  type ReturnParts,
  returnPartsDigest,
  type SentCeiling,
  ShoukouError,
} from '@shoukou/protocol'
import { fingerprintOf } from '../../pki/authority.ts'
import type { ConsoleKeys } from '../../pki/key-store.ts'
import type { Signer } from '../../pki/signer.ts'
import type { ReturnPackageRow, SenderRow } from '../../store/bundles-ports.ts'
import type { ComputerRow, Store } from '../../store/ports.ts'
import { answerRenewal } from '../identity/renewal.ts'
import { signPending } from '../network/isolation.ts'
import type { BundleLog, WitnessHolder } from './ports.ts'

export interface PackageMaker {
  readonly store: Store
  readonly keys: Pick<ConsoleKeys, 'authority' | 'bundleKey'>
  readonly signer: Signer
  readonly witnesses: Pick<WitnessHolder, 'current'>
  /** Ceilings that an agent of a version lacks, oldest first. */
  readonly ceilingsAfter: (version: number) => readonly SentCeiling[]
  /** Makes receipts: `console/pki/receipts.ts`. */
  readonly receipt: (agent: string, stored: Position) => string
  readonly now: () => number
  readonly log: BundleLog
}

export interface MadePackage {
  readonly row: ReturnPackageRow
  readonly bytes: Buffer
  readonly fileName: string
}

/** Makes one for a computer, and notes it. @throws ShoukouError `not-found`, `signer-unavailable`. */
export async function makeReturnPackage(
  parts: PackageMaker,
  agent: string,
  account: string,
): Promise<MadePackage> {
  const { store, keys, signer, now } = parts
  const computer = await store.computer(agent)
  if (computer === null) throw new ShoukouError('not-found')
  const sender = await store.sender(agent)
  const stored = await storedOf(store, agent, sender)
  const content = await partsFor(parts, computer, sender)
  const id = randomUUID()
  const row = await store.addReturnPackage(
    {
      agent,
      package: id,
      madeAt: now(),
      madeBy: account,
      bundleNumber: sender?.lastNumber ?? null,
      storedSeq: stored?.seq ?? null,
      policyVersion: content.policy === null ? null : computer.policyVersion,
    },
    sender?.packageNumber ?? 0,
  )
  const order: ReturnOrder = {
    v: 1,
    type: 'return',
    package: id,
    agent,
    computer: computer.number,
    console: fingerprintOf(keys.authority.certificate),
    number: row.number,
    issuedAtMs: row.madeAt,
    bundle: sender === null ? null : { id: sender.lastBundle, number: sender.lastNumber },
    stored,
    receipt: stored === null ? null : parts.receipt(agent, stored),
    bundleKey: keys.bundleKey.publicKey,
    witness: await parts.witnesses.current(),
    partsDigest: returnPartsDigest(content),
  }
  const envelope = await signer.sign('return', Buffer.from(JSON.stringify(order)))
  const bytes = encodeReturnPackage(envelope, content)
  if (bytes.length > BUNDLE_LIMITS.packageBytesMax)
    throw new ShoukouError('limit-exceeded', 'The package is larger than an agent would take.')
  return { row, bytes, fileName: packageFileName(computer.number, row.number) }
}

/** Of a number that a person chose, only letters, digits and hyphens come into a file's name. */
function packageFileName(computer: string, number: number): string {
  const plain = computer.replaceAll(/[^A-Za-z0-9-]/g, '').slice(0, 32)
  return `shoukou-return-${plain === '' ? 'computer' : plain}-${String(number).padStart(6, '0')}.skr`
}

/** The place in the journal that the computer last reported from; else in the newest that is here. */
async function storedOf(store: Store, agent: string, sender: SenderRow | null): Promise<Position | null> {
  const epoch = sender?.epoch ?? (await store.epochs(agent)).at(-1)
  return epoch === undefined ? null : await store.position(agent, epoch)
}

async function partsFor(
  parts: PackageMaker,
  { agent, policyVersion }: ComputerRow,
  sender: SenderRow | null,
): Promise<ReturnParts> {
  const { store, signer, now, ceilingsAfter } = parts
  const policy = await store.policy(agent, policyVersion)
  const asked = sender?.renewal ?? null
  const isolation = await store.isolation(agent)
  const command = isolation?.isPending === true ? await signPending({ store, signer, now }, isolation) : null
  return {
    policy: policy === null ? null : (JSON.parse(policy.envelope) as Envelope),
    ceilings: [...ceilingsAfter(sender?.ceilingVersion ?? 0)],
    commands: command === null ? [] : [command],
    renewal: asked === null ? null : await renewal(parts, agent, asked),
  }
}

/** A certificate that can't be renewed leaves the rest of the package good: the computer goes on with the old one, and says so. */
async function renewal(parts: PackageMaker, agent: string, request: string): Promise<string | null> {
  const { store, keys, now, log } = parts
  try {
    const { bytes } = await answerRenewal({ store, keys, now: now() }, Buffer.from(request))
    return Buffer.from(bytes).toString('utf8')
  } catch (error) {
    if (!(error instanceof ShoukouError) || error.retryable) throw error
    log.warn({ agent, code: error.code, reason: error.message }, 'a renewal in a bundle was not answered')
    return null
  }
}
