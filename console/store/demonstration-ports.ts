/**
 * What the store keeps of being a demonstration: written before anything else is, and never taken away, so that made-up data
 * is not taken for evidence and evidence is not buried under made-up data. Part of the store's interface: see `ports.ts`.
 */

/** The mark's name among the console's marks, which are never changed. */
export const DEMONSTRATION_MARK = 'demonstration'

export interface DemonstrationStore {
  /** Returns since when everything here is made up, Unix ms; null: this is a unit's own console. */
  demonstrationSince(): Promise<number | null>
  /** Marks an empty store; returns false where it holds anything already and is no demonstration. */
  markDemonstration(at: number): Promise<boolean>
}
