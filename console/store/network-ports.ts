/**
 * What the store keeps of each computer's network: what is so now, where the record stands that says so, and isolation.
 * Part of the store's interface: see `ports.ts`. Rows are what records told, in reach: each names its record.
 */
import type { Hardware, NetTotals, RawText, ViolationId } from '@shoukou/protocol'

/** Where the record stands that says so. */
export interface RecordPlace {
  readonly epoch: string
  readonly seq: number
  /** The computer's clock. */
  readonly wallMs: number
}

/** A condition that began and has not ended, as ingest goes on with it: what `rules/network-incidents.ts` makes. */
export interface ConditionRow extends RecordPlace {
  readonly key: string
  readonly condition: string
  readonly type: ViolationId | null
  readonly subject: string
  readonly bootId: string
  readonly interfaceName: RawText | null
  readonly text: RawText | null
  readonly confidence: string
  readonly outcome: string | null
}

/** The newest of a kind. `picture` and `traces` are read in their records. */
export type NetworkFact =
  | { readonly kind: 'picture' }
  | { readonly kind: 'traces' }
  | { readonly kind: 'totals'; readonly totals: NetTotals }
  | { readonly kind: 'hardware'; readonly hardware: Hardware }
  | {
      readonly kind: 'control'
      readonly state: string
      readonly layers: readonly { readonly layer: string; readonly state: string }[]
    }
  | { readonly kind: 'failed-cut'; readonly cause: string; readonly steps: readonly string[] }

/** `slot` names what it is the newest of, beside its kind: a net, a radio at its place, an interface. */
export type NewNetworkFact = RecordPlace & { readonly slot: string; readonly fact: NetworkFact }
export type NetworkFactRow = NewNetworkFact & { readonly receivedAt: number }
export type StoredCondition = ConditionRow & { readonly receivedAt: number }

/** What one record says of isolation. */
export interface IsolationEffect extends RecordPlace {
  /** The command's id; null where the computer did it by itself. */
  readonly order: string | null
  /**
   * `isolated`, `released`: it was done. `done`: the command is over. `restored`: what it did by itself is over. `stands`,
   * `lost`: what holds in the kernel now.
   */
  readonly said: 'isolated' | 'released' | 'done' | 'restored' | 'stands' | 'lost'
  /** The failed steps, or why it was refused; null where nothing failed. */
  readonly failed: string | null
  /** What asked for it, in the agent's words. */
  readonly cause: string
}

/** What a batch changes. Removals come before what is put. */
export interface NetworkChanges {
  readonly conditions: { readonly put: readonly ConditionRow[]; readonly ended: readonly string[] }
  readonly facts: {
    readonly put: readonly NewNetworkFact[]
    /** By kind and slot; slot null: all of that kind. Of failed cuts, a slot that ends with `|`: all that begin so. */
    readonly removed: readonly { readonly kind: NetworkFact['kind']; readonly slot: string | null }[]
  }
  readonly isolation: readonly IsolationEffect[]
}

/** Ends violations that lasted, after so many of the batch's own have been added. */
export type NewEnding = { readonly afterViolations: number } & (
  | { readonly kind: 'incident'; readonly type: ViolationId; readonly lasting: string; readonly at: number }
  | { readonly kind: 'other-boots'; readonly bootId: string; readonly at: number }
)

export type IsolationState = 'ordered' | 'in-force' | 'partly' | 'release-ordered' | 'released' | 'refused'

export interface IsolationRow {
  readonly agent: string
  readonly orderId: string
  readonly act: 'isolate' | 'release'
  readonly state: IsolationState
  readonly reason: string
  /** Empty where the computer did it by itself. */
  readonly orderedBy: string
  readonly orderedAt: number
  readonly effectAt: number | null
  readonly detail: string | null
  /** To be sent at each connection until the computer says that it is over. */
  readonly isPending: boolean
  /** How often it was sent. */
  readonly sends: number
}

export interface NewIsolationOrder {
  readonly orderId: string
  readonly agent: string
  readonly act: 'isolate' | 'release'
  readonly reason: string
  readonly account: string
  readonly at: number
}

/** What keeps a computer from being proven, as `rules/network-standing.ts` takes it. */
export interface NetworkStandingRow {
  readonly agent: string
  readonly control: Extract<NetworkFact, { kind: 'control' }> | null
  readonly failedCuts: readonly Extract<NetworkFact, { kind: 'failed-cut' }>[]
  readonly isolation: IsolationRow | null
}

/** The network's part of the store; all but orders is written by `ingest`. */
export interface NetworkStore {
  openConditions(agent: string): Promise<readonly StoredCondition[]>
  /** Newest first. */
  networkFacts(agent: string, kinds: readonly NetworkFact['kind'][]): Promise<readonly NetworkFactRow[]>
  networkStanding(agent: string): Promise<NetworkStandingRow>
  /** Of all computers that told anything of it. */
  networkStandings(): Promise<readonly NetworkStandingRow[]>
  isolation(agent: string): Promise<IsolationRow | null>
  /** Orders it; null where the computer stands like that already, or is on its way there. */
  orderIsolation(order: NewIsolationOrder): Promise<IsolationRow | null>
  /** Counts a sending; the row as it is now, null where another order is in its place or nothing is pending. */
  noteIsolationSent(agent: string, orderId: string): Promise<IsolationRow | null>
  /** Orders and what computers said of them, newest first: never changed. */
  isolationHistory(agent: string, limit: number): Promise<readonly IsolationEvent[]>
}

export type IsolationEvent =
  | ({ readonly kind: 'order' } & NewIsolationOrder)
  | ({ readonly kind: 'effect'; readonly agent: string; readonly at: number } & IsolationEffect)
