/**
 * Makes checkpoints of the log: at least one a day, one every thousand entries, and whenever the auditor asks.
 *
 * Each is itself an act of the log, so that the next one covers it.
 */

import { signCheckpoint } from '@shoukou/protocol'
import { logKeyName } from '../pki/log-key.ts'
import type { Store } from '../store/ports.ts'
import type { CheckpointRow } from '../store/trail-ports.ts'

export type CheckpointCause = 'daily' | 'entries' | 'asked'

export interface CheckpointOptions {
  readonly store: Store
  readonly logKey: { readonly privateKey: string; readonly publicKey: string }
  readonly log: { error(fields: object, message: string): void }
  readonly now: () => number
}

export interface Checkpoints {
  /** Names the key that signs. */
  readonly keyName: string
  make(cause: CheckpointCause): Promise<CheckpointRow>
  /** Makes one where it is due; null where none is. */
  makeIfDue(): Promise<CheckpointRow | null>
  /** Looks each minute whether one is due; returns the way to stop. */
  watch(): () => Promise<void>
}

export const CHECKPOINT_RULES = { everyMs: 86_400_000, everyEntries: 1_000, lookMs: 60_000 } as const

export function createCheckpoints({ store, logKey, log, now }: CheckpointOptions): Checkpoints {
  let making: Promise<unknown> = Promise.resolve()
  /** One after another: two at one time would be given the same number. */
  const make = (cause: CheckpointCause): Promise<CheckpointRow> => {
    const made = making.then(async () => {
      const draft = await store.draftCheckpoint(now())
      const row = await store.addCheckpoint({ ...draft, ...signCheckpoint(draft, logKey.privateKey), cause })
      await store.addAction({
        at: now(),
        account: '',
        role: null,
        action: 'log-checkpoint',
        object: String(row.id),
        detail: cause,
        after: {
          seq: row.seq,
          head: row.head,
          kept: row.kept,
          keptHead: row.keptHead,
          journalsRoot: row.journalsRoot,
        },
        address: '',
      })
      return row
    })
    making = made.catch(() => undefined)
    return made
  }
  const makeIfDue = async (): Promise<CheckpointRow | null> => {
    const [[last], end] = await Promise.all([store.checkpoints(1), store.trailEnd()])
    if (end.seq === 0) return null
    if (last === undefined || now() - last.atMs >= CHECKPOINT_RULES.everyMs || now() < last.atMs)
      return make('daily')
    return end.seq - last.seq >= CHECKPOINT_RULES.everyEntries ? make('entries') : null
  }
  return {
    keyName: logKeyName(logKey.publicKey),
    make,
    makeIfDue,
    watch: () => {
      let looking: Promise<unknown> = Promise.resolve()
      const look = (): void => {
        looking = makeIfDue().catch((err: unknown) =>
          log.error({ err }, 'the checkpoint of the log could not be made'),
        )
      }
      look()
      const timer = setInterval(look, CHECKPOINT_RULES.lookMs)
      return async () => {
        clearInterval(timer)
        await looking
      }
    },
  }
}
