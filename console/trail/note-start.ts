/** The console's start, in its own log: with the public keys that sign, so that what they signed is provable by the log. */
import { PRODUCT_VERSION } from '@shoukou/protocol'
import type { Store } from '../store/ports.ts'
import { CONSOLE_START_ACT } from '../store/verify/verify-trail.ts'

export interface StartNoted {
  /** Ed25519, SPKI PEM: what agents pin. */
  readonly policyKey: string
  readonly logKeyName: string
  readonly now: number
}

/** Writes it down. */
export async function noteStart(store: Store, { policyKey, logKeyName, now }: StartNoted): Promise<void> {
  await store.addAction({
    at: now,
    account: '',
    role: null,
    action: CONSOLE_START_ACT,
    object: '',
    detail: '',
    after: { version: PRODUCT_VERSION, policyKey, logKey: logKeyName },
    address: '',
  })
}
