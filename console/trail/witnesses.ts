/**
 * Heads of the log that agents hold for this console, and what it means when one comes back.
 *
 * A console can't prove to itself that nobody set its database back: whoever could do that could set its memory back
 * too. Its agents remember. What they show is compared with the log; where the log is shorter, or differs there, the log
 * itself says so from then on, and nobody is accused: a restored backup looks the same.
 */
import { isWitnessOf, signWitness, type Witness } from '@shoukou/protocol'
import type { Store } from '../store/ports.ts'

export const SET_BACK_ACT = 'log-set-back'
/** Somebody who may has seen it, and said why. */
export const SET_BACK_SEEN_ACT = 'log-set-back-seen'

export interface WitnessOptions {
  readonly store: Store
  readonly logKey: { readonly privateKey: string; readonly publicKey: string }
  readonly log: { warn(fields: object, message: string): void }
  readonly now: () => number
}

export interface Witnesses {
  /** Returns the newest head, signed; at most a minute old. Null where nothing was written yet. */
  current(): Promise<Witness | null>
  /** Takes what an agent shows when it connects. */
  shown(agent: string, witness: Witness): Promise<void>
}

const renewMs = 60_000
/** Different heads that are written down in one run of the console: one is enough to know, some show the extent. */
const writtenMax = 32

export function createWitnesses({ store, logKey, log, now }: WitnessOptions): Witnesses {
  let newest: { readonly witness: Witness; readonly atMs: number } | null = null
  let written = 0
  const known = new Set<string>()
  return {
    async current() {
      const atMs = now()
      if (newest !== null && atMs - newest.atMs < renewMs && atMs >= newest.atMs) return newest.witness
      const end = await store.trailEnd()
      if (end.seq === 0) return null
      const same = newest?.witness.seq === end.seq && newest.witness.head === end.head
      newest = {
        witness: same && newest !== null ? newest.witness : signWitness(end, logKey.privateKey),
        atMs,
      }
      return newest.witness
    },
    async shown(agent, witness) {
      if (!isWitnessOf(witness, logKey.publicKey)) {
        // Anybody with an agent's rights can invent one: it says nothing of this log.
        log.warn(
          { agent, seq: witness.seq },
          'the head of the log that an agent shows is not signed by this console',
        )
        return
      }
      const own = await store.trailHeadAt(witness.seq)
      if (own === witness.head) return
      const object = `${witness.seq} ${witness.head}`
      if (known.has(object) || written >= writtenMax) return
      const told = await store.trailRows({ acts: [SET_BACK_ACT], object, limit: 1 })
      known.add(object)
      if (told.length > 0) return
      written += 1
      const end = await store.trailEnd()
      log.warn(
        { agent, seq: witness.seq, ownSeq: end.seq },
        'this database is older than what computers have seen: it was set back, exchanged or restored',
      )
      await store.addAction({
        at: now(),
        account: '',
        role: null,
        action: SET_BACK_ACT,
        object,
        detail: own === null ? 'shorter' : 'differs',
        before: { seq: witness.seq, head: witness.head, heldBy: agent },
        after: { seq: end.seq, head: own },
        address: '',
      })
    },
  }
}

/** Returns whether the log is known to have been set back, and nobody has said why yet. */
export async function readSetBack(
  store: Store,
): Promise<{ readonly seq: number; readonly raw: Uint8Array } | null> {
  const [newest] = await store.trailRows({ acts: [SET_BACK_ACT], limit: 1 })
  if (newest === undefined) return null
  const [seen] = await store.trailRows({ acts: [SET_BACK_SEEN_ACT], limit: 1 })
  return seen !== undefined && seen.seq > newest.seq ? null : newest
}
