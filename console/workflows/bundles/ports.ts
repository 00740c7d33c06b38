/** What taking bundles asks of the rest of the console. */
import type { HelloFrame, Position, RecordsFrame } from '@shoukou/protocol'
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

/** Constant message, values in fields. */
export interface BundleLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface BundleParts {
  readonly store: Store
  readonly keys: Pick<ConsoleKeys, 'authority' | 'bundleKey'>
  readonly ingest: SessionOpener
  /** Unix ms. */
  readonly now: () => number
  readonly log: BundleLog
  /** The folder of bundles that wait for those before them. */
  readonly heldFolder: string
}
