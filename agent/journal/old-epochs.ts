/** Epochs before the current one: read to carry records over, counted in the quota, deleted first when it needs room. */
import { access, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { chainHashOf } from '@shoukou/protocol'
import { isErrno, syncFolder, writeJsonAtomic } from '../base/atomic-file.ts'
import { recoverEpoch } from './recover-epoch.ts'
import { RETENTION_SHARES } from './retention.ts'
import { SegmentReader } from './segment-reader.ts'

export interface OldEpochsOptions {
  readonly folder: string
  readonly agent: string
  readonly epochs: readonly string[]
  readonly onDamaged: (path: string) => void
}

export class OldEpochs {
  readonly #options: OldEpochsOptions
  readonly #sizes = new Map<string, number>()
  /** Nothing is deleted while its records may still be needed. */
  #mayDelete = false

  constructor(options: OldEpochsOptions) {
    this.#options = options
  }

  static async open(options: OldEpochsOptions): Promise<OldEpochs> {
    const old = new OldEpochs(options)
    for (const epoch of options.epochs) await old.add(epoch)
    old.#mayDelete = true
    return old
  }

  get bytes(): number {
    let sum = 0
    for (const bytes of this.#sizes.values()) sum += bytes
    return sum
  }

  async add(epoch: string): Promise<void> {
    this.#sizes.set(epoch, await folderBytes(join(this.#options.folder, epoch)))
  }

  async isCarried(epoch: string): Promise<boolean> {
    try {
      await access(this.#markerOf(epoch))
      return true
    } catch (fault) {
      if (isErrno(fault, 'ENOENT')) return false
      throw fault
    }
  }

  async markCarried(epoch: string): Promise<void> {
    await writeJsonAtomic(this.#markerOf(epoch), { v: 1 })
  }

  /** Yields the raw records of an epoch from a number on, in batches. */
  async *records(epoch: string, fromSeq: number): AsyncGenerator<Buffer[]> {
    this.#mayDelete = false
    const { folder, agent, onDamaged } = this.#options
    const found = await recoverEpoch(agent, epoch, join(folder, epoch), onDamaged)
    const reader = new SegmentReader(found.segments, chainHashOf(epoch))
    try {
      let seq = fromSeq
      for (;;) {
        const result = await reader.read(seq, { records: 500, bytes: 1_048_576 })
        if (result.kind === 'end') return
        // Recovered a moment ago: damage now is a disk that is failing under us. The next start recovers again.
        if (result.kind === 'damaged') throw new Error(`journal epoch ${epoch} changes while it is read`)
        yield [...result.chunk.raws]
        seq = result.chunk.lastSeq + 1
      }
    } finally {
      this.#mayDelete = true
      await reader.close()
    }
  }

  /** Deletes whole old epochs, oldest first, where the quota needs room. */
  async retain(use: { readonly used: number; readonly max: number }): Promise<void> {
    let { used } = use
    for (const [epoch, bytes] of this.#sizes) {
      if (!this.#mayDelete || used <= use.max * RETENTION_SHARES.above) return
      await rm(join(this.#options.folder, epoch), { recursive: true, force: true })
      await syncFolder(this.#options.folder)
      this.#sizes.delete(epoch)
      used -= bytes
    }
  }

  #markerOf(epoch: string): string {
    return join(this.#options.folder, epoch, 'carried.json')
  }
}

async function folderBytes(folder: string): Promise<number> {
  let sum = 0
  for (const name of await readdir(folder)) sum += (await stat(join(folder, name))).size
  return sum
}
