/** What taking bundles asks of the rest of the console. */
import type { HardwareFact, HelloFrame, Position, RecordsFrame, Witness } from '@shoukou/protocol'
import type { ConsoleKeys } from '../../pki/key-store.ts'
import type { Store } from '../../store/ports.ts'

/** As much of `console/ingest` as is used here: records of a bundle go the way of all records. */
export interface SessionOpener {
  open(
    agent: string,
    hello: HelloFrame,
    way: { readonly kind: 'bundle'; readonly isNewest: boolean },
  ): Promise<{
    readonly stored: Position | null
    records(frames: readonly RecordsFrame[]): Promise<Position | null>
    closed(): Promise<void>
  }>
}

/** As much of the gate for agents as is used here. */
export interface CarriedGate {
  /** @throws ShoukouError `identity-conflict` where another machine has this agent's key; the violation is raised then. */
  admitCarried(carried: {
    readonly agent: string
    readonly hardware: readonly HardwareFact[] | null
  }): Promise<void>
}

/** Heads of the console's own log, held by agents for it. */
export interface WitnessHolder {
  /** Null where nothing was written yet. */
  current(): Promise<Witness | null>
  shown(agent: string, witness: Witness): Promise<void>
}

/** Constant message, values in fields. */
export interface BundleLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface BundleParts {
  readonly store: Store
  readonly keys: Pick<ConsoleKeys, 'authority' | 'bundleKey'>
  readonly ingest: SessionOpener
  readonly identity: CarriedGate
  readonly witnesses: WitnessHolder
  /** Unix ms. */
  readonly now: () => number
  readonly log: BundleLog
  /** The folder of bundles that wait for those before them. */
  readonly heldFolder: string
}
