/**
 * Brings a signed ceiling into force: judged here, then by the signing process, then stored; policies that it no longer
 * allows are due to be made again without what it forbids. Nothing of it can be made on this console.
 */
import {
  type Beyond,
  type Ceiling,
  ceilingDigest,
  judgeAgainstCeiling,
  judgeCeiling,
  ShoukouError,
  type SignedCeiling,
  vouchesFor,
} from '@shoukou/protocol'
import type { CeilingSigner } from '../../pki/signer.ts'
import type { CeilingRow } from '../../store/ceiling-ports.ts'
import type { ComputerRow, Store } from '../../store/ports.ts'
import { isSignedByVouched, policyOf } from '../policies.ts'
import type { CeilingBook } from './ceiling-book.ts'

/** What a ceiling would change: asked before it is brought, and told after. */
export interface CeilingEffect {
  readonly ceiling: Ceiling
  /** Computers whose policy allows more than it: that part ends there as soon as it arrives. */
  readonly beyond: readonly { readonly computer: ComputerRow; readonly beyond: readonly Beyond[] }[]
}

export interface Bringing {
  readonly store: Store
  readonly book: CeilingBook
  readonly signer: CeilingSigner
  readonly now: () => number
  /** Policies are due to be made again. */
  readonly due: () => void
  /** It is in force: to be sent to those who are connected. */
  readonly brought: () => Promise<void>
}

/** Judges a ceiling without bringing it. @throws ShoukouError `ceiling-refused`, with the reason and the remedy. */
export async function previewCeiling(
  { store, book, signer, now }: Pick<Bringing, 'store' | 'book' | 'signer' | 'now'>,
  signed: SignedCeiling,
): Promise<CeilingEffect> {
  const verdict = judgeCeiling(signed, book.now?.signed ?? null)
  if (verdict.kind === 'same') throw refused('It is in force already.')
  if (verdict.kind === 'refused') throw refused(remedies[verdict.reason])
  const { ceiling } = verdict
  const at = now()
  if (!vouchesFor(ceiling, signer.publicKey, { issuedAtMs: at, nowMs: at })) {
    throw refused(
      'It does not vouch for the daily key of this console now: with it in force nothing could be signed. Add the key that "shoukou-console ceiling draft" writes, and have it signed again.',
    )
  }
  return { ceiling, beyond: await beyondCeiling(store, ceiling) }
}

/** Brings it. @throws ShoukouError `ceiling-refused`, `signer-unavailable`, `edit-conflict`; nothing is in force then. */
export async function bringCeiling(
  bringing: Bringing,
  signed: SignedCeiling,
  by: { readonly account: string; readonly reason: string },
): Promise<CeilingEffect> {
  const { store, book, signer, now, due, brought } = bringing
  const effect = await previewCeiling(bringing, signed)
  // The signing process first: where it refuses, nothing is in force; where the store fails after it, it is brought again.
  await signer.takeCeiling(signed)
  const payload = Buffer.from(signed.payload, 'base64')
  const { signature } = await signer.sign('first-ceiling', payload)
  const row: CeilingRow = {
    version: effect.ceiling.version,
    signed: JSON.stringify(signed),
    digest: ceilingDigest(signed),
    dailySignature: signature,
    broughtBy: by.account,
    broughtAt: now(),
    reason: by.reason,
  }
  if (!(await store.addCeiling(row)))
    throw new ShoukouError('edit-conflict', 'Another ceiling was brought meanwhile; look at it first.')
  book.add(row)
  const computers = await dueUnder(store, effect.ceiling)
  if (computers.length > 0) {
    await store.addMediaPolicyDue({ computers, account: by.account, reason: `ceiling ${row.version}` })
    due()
  }
  await brought()
  return effect
}

/** Computers whose policy is to be made again: it allows more, or a key signed it that counts no more. */
async function dueUnder(store: Store, ceiling: Ceiling): Promise<string[]> {
  const numbers: string[] = []
  for (const computer of await store.computers()) {
    const row = await store.policy(computer.agent, computer.policyVersion)
    if (row === null) continue
    const asked = { kind: 'policy', policy: policyOf(row) } as const
    if (judgeAgainstCeiling(asked, ceiling).length > 0 || !isSignedByVouched(row, ceiling))
      numbers.push(computer.number)
  }
  return numbers
}

/** Returns the computers whose policy in force allows more than a ceiling does. */
export async function beyondCeiling(store: Store, ceiling: Ceiling): Promise<CeilingEffect['beyond']> {
  const found: { computer: ComputerRow; beyond: readonly Beyond[] }[] = []
  for (const computer of await store.computers()) {
    const row = await store.policy(computer.agent, computer.policyVersion)
    if (row === null) continue
    const beyond = judgeAgainstCeiling({ kind: 'policy', policy: policyOf(row) }, ceiling)
    if (beyond.length > 0) found.push({ computer, beyond })
  }
  return found
}

const remedies = {
  malformed: 'The file is no signed ceiling; bring the file that "ceiling sign" wrote.',
  'older-version': 'It is older than the one in force; raise its version, and have it signed again.',
  'version-reused': 'Another ceiling has this version already; raise it, and have it signed again.',
  'not-enough-signatures':
    'It is not signed by enough of its own keys; have it signed by another holder ("ceiling sign").',
  'foreign-keys':
    'It is not signed by enough keys of the ceiling in force; a change of keys is signed by the old holders too.',
  'daily-key-did-not-sign': 'The daily key did not sign it.',
  'foreign-unit': 'It names another unit than the one in force.',
} as const

function refused(why: string): ShoukouError {
  return new ShoukouError('ceiling-refused', `The ceiling was not brought: ${why}`)
}
