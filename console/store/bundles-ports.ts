/**
 * What the store keeps of bundles: a slip for each that was brought, taken or not; what is known of each computer that
 * reports by them; the packages given for the way home. Part of the store's interface: see `ports.ts`.
 */
import type { BundleFault } from '@shoukou/protocol'

/**
 * `taken`: it brought records, or word of the computer. `nothing-new`: everything in it was here. `held`: good, and waits for
 * records that come before it. `refused`: nothing of it was taken.
 */
export const SLIP_VERDICTS = ['taken', 'nothing-new', 'held', 'refused'] as const
export type SlipVerdict = (typeof SLIP_VERDICTS)[number]

/** What somebody should know beside the verdict. */
export const SLIP_NOTES = [
  /** This very bundle was brought before. */
  'again',
  /** A later one of the computer was taken before it. */
  'out-of-order',
  /** Bundles before it were never brought: `from` to `to`. */
  'bundles-missing',
  /** Another bundle had the same number: the computer was set back to an older state, or there are two of it. */
  'number-reused',
  /** The journal began anew since the last bundle. */
  'journal-anew',
  'certificate-expired',
  'certificate-superseded',
  /** Its certificate could not be renewed. */
  'renewal-refused',
  /** The computer's clock said a later time than this console's. */
  'clock-ahead',
  /** The agent did not run when it was written. */
  'agent-not-running',
  /** It was held before, and could be taken now. */
  'released-from-hold',
] as const
export type SlipNoteCode = (typeof SLIP_NOTES)[number]

export interface SlipNote {
  readonly code: SlipNoteCode
  readonly from: number | null
  readonly to: number | null
}

export interface SlipGap {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly state: 'pending' | 'declared' | 'undeclared'
}

/** All that a slip says; written once. */
export interface NewSlip {
  readonly slip: string
  readonly verdict: SlipVerdict
  readonly fault: BundleFault | null
  readonly faultAtByte: number | null
  readonly faultChunk: number | null
  /** SHA-256 of the file, hex, and its length. */
  readonly fileHash: string
  readonly fileBytes: number
  /** What the header says; null where it could not be read. */
  readonly bundle: string | null
  readonly agent: string | null
  /** The unit's number of the computer. */
  readonly computer: string | null
  readonly number: number | null
  readonly previous: string | null
  readonly consoleHost: string | null
  readonly epoch: string | null
  readonly firstSeq: number | null
  readonly lastSeq: number | null
  /** The computer's clock when it was written, Unix ms; and when the first and the last record were made. */
  readonly createdWallMs: number | null
  readonly fromWallMs: number | null
  readonly toWallMs: number | null
  readonly medium: string | null
  readonly agentVersion: string | null
  readonly recordsNew: number
  readonly recordsKnown: number
  readonly gaps: readonly SlipGap[]
  /** Violations that its records made. */
  readonly violations: number
  /** What the agent's seals prove up to, as a word; null where it says nothing of seals. */
  readonly seal: string | null
  readonly notes: readonly SlipNote[]
  readonly takenAt: number
  readonly takenBy: string
}

export interface SlipRow extends NewSlip {
  readonly id: number
}

/** The newest bundle of a computer. */
export interface SenderRow {
  readonly agent: string
  readonly lastNumber: number
  readonly lastBundle: string
  readonly lastTakenAt: number
  readonly lastCreatedWallMs: number
  readonly epoch: string
  /** Asks for the next certificate; null where that was not asked. */
  readonly renewal: string | null
  readonly ceilingVersion: number
  /** The newest return package that the computer says it took. */
  readonly packageNumber: number
}

export interface ReturnPackageRow {
  readonly agent: string
  readonly number: number
  readonly package: string
  readonly madeAt: number
  readonly madeBy: string
  /** The number of the newest bundle that it answers; null where none was taken. */
  readonly bundleNumber: number | null
  readonly storedSeq: number | null
  readonly policyVersion: number | null
}

export interface SlipFilter {
  readonly agent?: string | undefined
  /** Newest first; rows before this id. */
  readonly beforeId?: number | undefined
  readonly limit: number
}

export interface BundleStore {
  /** Adds a slip and, where the bundle is the newest of its computer, what it says of it: both or neither. */
  addSlip(slip: NewSlip, sender: SenderRow | null): Promise<SlipRow>
  slip(slip: string): Promise<SlipRow | null>
  slips(filter: SlipFilter): Promise<readonly SlipRow[]>
  /** The slip under which this very bundle was taken first; null where it never was. */
  takenBundle(agent: string, bundle: string): Promise<SlipRow | null>
  /** The bundle that was taken under a number; null where none was. */
  bundleOfNumber(agent: string, number: number): Promise<SlipRow | null>
  /** Held ones that were not taken since, oldest first. */
  heldSlips(agent: string): Promise<readonly SlipRow[]>
  sender(agent: string): Promise<SenderRow | null>
  senders(): Promise<readonly SenderRow[]>
  /** Adds a package under the agent's next number; returns that. */
  addReturnPackage(made: Omit<ReturnPackageRow, 'number'>, numberMin: number): Promise<ReturnPackageRow>
  /** The newest package of each agent. */
  newestPackages(): Promise<readonly ReturnPackageRow[]>
}
