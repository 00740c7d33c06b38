/** Puts the ceiling's workflows together: what is in force, who holds it, and how a new one is brought. */
import {
  type Ceiling,
  ceilingDigest,
  keyIdOf,
  parseRecord,
  publicKeyText,
  type SignedCeiling,
  signersOf,
} from '@shoukou/protocol'
import type { ComputerRow } from '../../store/ports.ts'
import { oneAtATime } from '../media/one-at-a-time.ts'
import {
  type Bringing,
  beyondCeiling,
  bringCeiling,
  type CeilingEffect,
  previewCeiling,
} from './bring-ceiling.ts'

export interface Signatory {
  readonly keyId: string
  readonly holder: string
}

/** A computer that has not recorded the ceiling in force. */
export interface Behind {
  readonly computer: ComputerRow
  /** The newest that it recorded; null where none. */
  readonly version: number | null
  /** Why it refused one since; null where it did not. */
  readonly refused: string | null
}

export interface CeilingState {
  readonly behind: readonly Behind[]
  readonly computers: number
  readonly beyond: CeilingEffect['beyond']
}

export interface Ceilings {
  readonly book: Bringing['book']
  /** As a ceiling names it. */
  readonly dailyKey: { readonly publicKey: string; readonly keyId: string; readonly untilMs: number | null }
  state(): Promise<CeilingState>
  preview(signed: SignedCeiling): Promise<CeilingEffect>
  bring(
    signed: SignedCeiling,
    by: { readonly account: string; readonly reason: string },
  ): Promise<CeilingEffect>
}

export function createCeilings(bringing: Bringing): Ceilings {
  const { store, book, signer, now } = bringing
  const inTurn = oneAtATime()
  return {
    book,
    get dailyKey() {
      const publicKey = publicKeyText(signer.publicKey)
      const vouched = book.now?.ceiling.dailyKeys.find((one) => one.publicKey === publicKey)
      const isGood = vouched !== undefined && vouched.fromMs <= now() && now() <= vouched.untilMs
      return { publicKey, keyId: keyIdOf(publicKey), untilMs: isGood ? vouched.untilMs : null }
    },
    state: () => readState(bringing),
    preview: (signed) => previewCeiling({ store, book, signer, now }, signed),
    bring: (signed, by) => inTurn(() => bringCeiling(bringing, signed, by)),
  }
}

/** Who of a ceiling's own holders signed it. */
export function signatoriesOf(signed: SignedCeiling, { keys }: Ceiling): Signatory[] {
  const ids = new Set(
    signersOf(
      signed,
      keys.map(({ publicKey }) => publicKey),
    ),
  )
  return keys.flatMap(({ publicKey, holder }) => {
    const keyId = keyIdOf(publicKey)
    return ids.has(keyId) ? [{ keyId, holder }] : []
  })
}

/** What computers recorded says who holds it: a frame that was sent proves nothing. */
async function readState({ store, book }: Bringing): Promise<CeilingState> {
  const computers = await store.computers()
  const { now } = book
  if (now === null) return { behind: [], computers: computers.length, beyond: [] }
  const [digest, held] = [ceilingDigest(now.signed), new Map<string, { version: number; digest: string }>()]
  const refusals = new Map<string, string>()
  for (const { agent, raw } of await store.ceilingRecords()) {
    const { fact } = parseRecord(raw)
    if (fact.kind === 'ceiling.applied') held.set(agent, fact)
    if (fact.kind === 'ceiling.refused' && (fact.version ?? 0) >= now.ceiling.version)
      refusals.set(agent, fact.reason)
  }
  const behind = computers
    .filter(({ agent }) => held.get(agent)?.digest !== digest)
    .map((computer) => ({
      computer,
      version: held.get(computer.agent)?.version ?? null,
      refused: refusals.get(computer.agent) ?? null,
    }))
  return { behind, computers: computers.length, beyond: await beyondCeiling(store, now.ceiling) }
}
