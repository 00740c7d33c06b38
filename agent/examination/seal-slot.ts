/** Where a seal may stand on a medium. */
import { ShoukouError } from '@shoukou/protocol'
import type { BlockSource, BoundedReader } from './block-source.ts'

/** Writes a seal into the first place where it lasts, reads it back. @throws ShoukouError `no-place-for-seal` */
export async function writeSeal(
  _source: BlockSource,
  _bytes: Uint8Array,
): Promise<{ readonly slot: string }> {
  throw new ShoukouError('no-place-for-seal', 'Not built yet.')
}

/** Finds the seal; null where there is none. */
export async function readSeal(
  _source: BoundedReader,
): Promise<{ readonly slot: string; readonly bytes: Buffer } | null> {
  throw new ShoukouError('medium-unreadable', 'Not built yet.')
}

/** Takes every seal off. Returns the slots that held one. */
export async function eraseSeal(_source: BlockSource): Promise<string[]> {
  throw new ShoukouError('medium-unreadable', 'Not built yet.')
}
