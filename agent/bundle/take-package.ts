/**
 * Takes a return package: what the console has of the journal, its orders, a renewed certificate, a newer key for bundles.
 *
 * A number only rises, so an older package is refused and the same one taken twice changes nothing. It is noted as taken
 * last: a power cut in between lets it be taken again, and every part of it bears that.
 */
import { bundleFaultOf, type OpenedReturn, parseReturnPackage, ShoukouError } from '@shoukou/protocol'
import type { StateFolder } from '../base/state-folder.ts'
import { readBundleKey, writeBundleKey } from '../link/bundle-key.ts'
import type { Identity } from '../link/identity.ts'
import type { LinkJournal } from '../link/journal-port.ts'
import type { PolicyStore } from '../link/policy-store.ts'
import type { WitnessStore } from '../link/witness-store.ts'
import { peekReturned, writeReturned } from './export-book.ts'
import { fingerprintOf } from './export-bundle.ts'
import { type OrderTakers, takeCeilings, takeCommands, takePolicy } from './take-orders.ts'

export interface PackageTaker extends OrderTakers {
  readonly folder: StateFolder
  readonly identity: Identity
  readonly journal: LinkJournal
  /** Where heads of the console's own log are held. */
  readonly witness: Pick<WitnessStore, 'take'>
  /** Puts a renewed certificate in place. @throws ShoukouError `renewal-refused`. */
  readonly renew: (answer: Uint8Array) => Promise<void>
}

export interface TakenPackage {
  readonly result: 'taken' | 'known' | 'refused'
  /** Of a refusal: why, as a code; of one that was taken: what of it could not be done. */
  readonly reason: string | null
  readonly package: string | null
  readonly number: number | null
  /** The end of what the console has. */
  readonly storedSeq: number | null
  readonly policyVersion: number
}

/** Checks a package against who this agent is. @throws ShoukouError `bundle-refused`. */
export function openPackage(
  bytes: Uint8Array,
  { identity, policy }: { readonly identity: Identity; readonly policy: PolicyStore },
): OpenedReturn {
  return parseReturnPackage(bytes, {
    agent: identity.agent,
    console: fingerprintOf(identity.authority),
    policyKeys: policy.sealKeys,
    ceiling: policy.signedCeiling,
  })
}

/** Takes it, and records that; refusals are recorded and returned, not thrown. */
export async function takePackage(taker: PackageTaker, bytes: Uint8Array): Promise<TakenPackage> {
  const { folder, policy } = taker
  let opened: OpenedReturn
  try {
    opened = openPackage(bytes, taker)
  } catch (fault) {
    const reason = bundleFaultOf(fault)
    if (reason === null) throw fault
    return await told(taker, { ...nothing(policy), result: 'refused', reason })
  }
  const { order, parts } = opened
  const named = { package: order.package, number: order.number, storedSeq: order.stored?.seq ?? null }
  const last = await peekReturned(folder)
  if (order.number === last.number && order.package === last.package)
    return { ...nothing(policy), ...named, result: 'known' }
  if (order.number <= last.number) {
    return await told(taker, { ...nothing(policy), ...named, result: 'refused', reason: 'older' })
  }
  await takeCeilings(taker, parts.ceilings)
  if (parts.policy !== null) await takePolicy(taker, parts.policy)
  await takeCommands(taker, parts.commands)
  if ((await readBundleKey(folder)) !== order.bundleKey) await writeBundleKey(folder, order.bundleKey)
  // As on the link: what is held is opaque here, and is shown by the next bundle.
  if (order.witness !== undefined && order.witness !== null) await taker.witness.take(order.witness)
  const unrenewed = parts.renewal === null ? null : await renewed(taker, parts.renewal)
  const unacknowledged = await acknowledge(taker.journal, order)
  const taken = await told(taker, {
    ...nothing(policy),
    ...named,
    result: 'taken',
    reason: unacknowledged ?? unrenewed,
  })
  await writeReturned(folder, { number: order.number, package: order.package })
  return taken
}

/**
 * What the console has now, as on the link: records go on after it, and where it has another continuation of this journal a
 * new epoch begins. It may be less than was acknowledged once, where its store was restored from an older copy.
 */
async function acknowledge(
  journal: LinkJournal,
  { stored, receipt }: OpenedReturn['order'],
): Promise<string | null> {
  if (stored === null || receipt === null || stored.seq === 0) {
    journal.resume(null, null)
    return null
  }
  const { end } = journal
  // Of an earlier epoch: nothing of this one has arrived there yet.
  if (stored.epoch !== end.epoch) return null
  const ours = stored.seq > end.seq ? 'beyond our end' : await journal.headAt(stored.seq)
  if (ours === null || ours === stored.head) {
    journal.resume(stored, receipt)
    return null
  }
  await journal.fork(stored.seq)
  return 'console-ahead'
}

async function renewed(taker: PackageTaker, answer: string): Promise<string | null> {
  try {
    await taker.renew(Buffer.from(answer))
    return null
  } catch (fault) {
    if (!(fault instanceof ShoukouError)) throw fault
    return fault.code
  }
}

function nothing(policy: PolicyStore): TakenPackage {
  return {
    result: 'refused',
    reason: null,
    package: null,
    number: null,
    storedSeq: null,
    policyVersion: policy.current.version,
  }
}

async function told(taker: PackageTaker, taken: TakenPackage): Promise<TakenPackage> {
  const policyVersion = taker.policy.current.version
  await taker.tell({
    kind: 'bundle.returned',
    package: taken.package,
    result: taken.result === 'refused' ? 'refused' : 'taken',
    reason: taken.reason,
    storedSeq: taken.storedSeq,
    policyVersion,
  })
  return { ...taken, policyVersion }
}
