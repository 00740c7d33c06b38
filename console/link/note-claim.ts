/**
 * What an agent said that only a forger, or a copy of it, would say: in the administrators' log, where the operator of the machine cannot
 * take it away. The connection ends at each, so each costs whoever says it a handshake; nothing of it is stored as a record.
 */
import type { ShoukouError } from '@shoukou/protocol'
import type { Log } from '../base/log.ts'
import type { Store } from '../store/ports.ts'

/** A record in another's name or journal; a chain that is not the stored one; a number that comes again as something else. */
const CLAIM_CODES: ReadonlySet<string> = new Set(['foreign-record', 'chain-broken', 'replayed-differently'])

export const CLAIM_ACT = 'agent-claim-refused'

export interface ClaimNoted {
  readonly store: Pick<Store, 'addAction'>
  readonly log: Log
  readonly now: () => number
  readonly address: string
}

/** Writes it down, where it is one, without holding up who waits. A log that cannot be written is told to the operator. */
export function noteClaim(
  { store, log, now, address }: ClaimNoted,
  agent: string,
  error: ShoukouError,
): void {
  if (!CLAIM_CODES.has(error.code)) return
  store
    .addAction({ at: now(), account: '', action: CLAIM_ACT, object: agent, detail: error.code, address })
    .catch((fault: unknown) => log.error({ agent, address, err: fault }, 'a claim could not be noted'))
}
