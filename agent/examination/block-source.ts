/**
 * The one way in which a medium is looked at, whichever way its bytes come: over usbfs with no driver bound, or through
 * a block device. Not for file contents: an examination reads what a medium is, never what it holds.
 */
import type { Passport, RawText } from '@shoukou/protocol'

/** Of `media.examined`: `open` is observe mode alone. */
export type ExaminationMethod = 'airlock' | 'guarded' | 'open'

/** What is needed to look at structures: pure readers take this and no more. */
export interface BoundedReader {
  /** The least that can be read; offsets and lengths need not be multiples of it. */
  readonly blockBytes: number
  /** null where the medium does not say. */
  readonly sizeBytes: number | null
  /**
   * Reads exactly `length` bytes.
   *
   * @throws ShoukouError `medium-unreadable`, also past the end.
   */
  read(offset: number, length: number): Promise<Buffer>
}

/** One logical unit of a device. A card reader has several, and so may a stick that hides something. */
export interface LogicalUnit {
  readonly number: number
  /** SPC-4 §6.6.2: 0 disk, 5 optical; null where it gave no answer. */
  readonly peripheralType: number | null
  /** Has a medium in it: null where it gave no answer. */
  readonly isReady: boolean | null
}

export interface BlockSource extends BoundedReader {
  readonly method: ExaminationMethod
  /** All of the device's logical units. Only unit 0 is read: more than one calls for a cautious decision. */
  readonly units: readonly LogicalUnit[]
  /** Whether `write` may be used at all. */
  readonly isWritable: boolean
  /** Writes and makes sure that the device has it. @throws ShoukouError `medium-unreadable` */
  write(offset: number, bytes: Uint8Array): Promise<void>
  inquiry(): Promise<Passport['inquiry']>
  diskSerial(): Promise<RawText | null>
  wwn(): Promise<RawText | null>
  /** Idempotent, never throws: gives the device back to the kernel as it was. */
  close(): Promise<void>
}
