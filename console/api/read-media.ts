/** Reads where media were seen: one medium everywhere, all media of one computer, the one that a violation is about. */
import type { ComputerRow, Store, ViolationRow } from '../store/ports.ts'
import type { MediumSighting, SeenMedium } from './contract-media.ts'

export interface MediaReader {
  /** Newest first. */
  sightings(number: string): Promise<readonly MediumSighting[]>
  lastSighting(number: string): Promise<MediumSighting | null>
  seenAt(computer: ComputerRow): Promise<SeenMedium[]>
  ofViolation(violation: ViolationRow): Promise<SeenMedium[]>
}

export function createMediaReader(_store: Store): MediaReader {
  return {
    sightings: async () => [],
    lastSighting: async () => null,
    seenAt: async () => [],
    ofViolation: async () => [],
  }
}
