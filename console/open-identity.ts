/** Puts the parts of agents' identities together: the gate that the link asks, what administrators do, the console's own clock. */
import type { ShoukouError } from '@shoukou/protocol'
import type { Log } from './base/log.ts'
import type { Feed } from './feed/ports.ts'
import { openIdentityGate, type RunningGate } from './ingest/identity-gate.ts'
import { watchOwnClock } from './ingest/own-clock-watch.ts'
import type { AgentServer } from './link/agent-server.ts'
import type { ConsoleKeys } from './pki/key-store.ts'
import type { Store } from './store/ports.ts'
import { createIdentities, type Identities } from './workflows/identity/identities.ts'

export interface IdentityParts {
  readonly store: Store
  readonly keys: ConsoleKeys
  readonly feed: Feed
  readonly log: Log
  readonly now: () => number
  readonly monotonicMs: () => number
  /** Undefined until it listens. */
  readonly agents: () => AgentServer | undefined
  readonly changed: (agent: string) => Promise<void>
}

export interface OpenedIdentity {
  readonly gate: RunningGate
  readonly identities: Identities
  close(): Promise<void>
}

/** Opens them; the console's clock is compared with its last time first. */
export async function openIdentity(parts: IdentityParts): Promise<OpenedIdentity> {
  const { store, keys, feed, log, now, monotonicMs, agents, changed } = parts
  const stopClock = await watchOwnClock({ store, log, now, monotonicMs })
  const gate = await openIdentityGate({ store, feed, log, now })
  const identities = createIdentities({
    store,
    keys,
    now,
    ended: (certificates) => gate.end(certificates),
    refuse: (revoked) => agents()?.refuse(revoked),
    disconnect: (agent, reason: ShoukouError) => agents()?.disconnect(agent, reason) ?? false,
    changed,
  })
  return { gate, identities, close: stopClock }
}
