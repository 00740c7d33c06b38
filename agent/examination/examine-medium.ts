/** Makes a medium's passport, and reads its seal. */
import { type BlockBus, type Passport, ShoukouError } from '@shoukou/protocol'
import type { BlockSource, LogicalUnit } from './block-source.ts'

export interface Examination {
  readonly passport: Passport
  /** The bytes of the seal, from its magic on, to the end of its slot (at most LIMITS.sealBytesMax); null: none. */
  readonly sealBytes: Buffer | null
  /** The slot that it stands in. */
  readonly sealSlot: string | null
  /** Everything that could not be read or was not as it should be, in words; at most 32. */
  readonly faults: readonly string[]
  /** The device's logical units: more than one means that only the first was examined. */
  readonly units: readonly LogicalUnit[]
  readonly reads: { readonly count: number; readonly bytes: number }
}

/** Examines a medium. Never throws for what the medium is: a part that fails is a fault, the rest goes on. */
export async function examineMedium(
  _source: BlockSource,
  _about: { readonly bus: BlockBus; readonly usb: Passport['usb'] },
): Promise<Examination> {
  throw new ShoukouError('medium-unreadable', 'Not built yet.')
}
