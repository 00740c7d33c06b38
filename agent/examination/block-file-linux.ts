/** A medium through its block device. */
import { type Passport, type RawText, ShoukouError } from '@shoukou/protocol'
import type { BlockSource, ExaminationMethod } from './block-source.ts'

export interface BlockFileOptions {
  /** `/dev/sdb` */
  readonly path: string
  readonly method: Exclude<ExaminationMethod, 'airlock'>
  readonly forWriting?: boolean
  /** What the kernel tells of it: read from `sysFolder` where left out. */
  readonly known?: {
    readonly inquiry: Passport['inquiry']
    readonly diskSerial: RawText | null
    readonly wwn: RawText | null
  }
  /** The disk's folder in sysfs, `/sys/block/sdb`; left out: none is read. */
  readonly sysFolder?: string
}

/** Opens a block device for examination. @throws ShoukouError `medium-unreadable` with `context.step` */
export async function openBlockFile(_options: BlockFileOptions): Promise<BlockSource> {
  throw new ShoukouError('medium-unreadable', 'Not built yet.')
}
