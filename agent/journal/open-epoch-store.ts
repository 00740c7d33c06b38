/** Opens one epoch for writing, recovering it first. */
import { join } from 'node:path'
import { type ChainHash, type Fact, LIMITS } from '@shoukou/protocol'
import type { BuildRecord } from './append-queue.ts'
import { EpochStore } from './epoch-store.ts'
import { recoverEpoch } from './recover-epoch.ts'
import type { Sealer } from './sealer.ts'

export interface JournalOptions {
  /** The folder of all epochs. */
  readonly folder: string
  readonly agent: string
  /** Quota of the whole folder, bytes. */
  readonly bytesMax: number
  readonly segmentBytesMax?: number
  /** What the chain of an epoch that begins is made with; those that are here keep theirs. Left out: SHA-256. */
  readonly chainHash?: ChainHash
  /** Writes the record of one of the journal's own facts. */
  readonly buildOwn: (fact: Fact) => BuildRecord
  readonly wallMs: () => number
  readonly log: JournalLog
  /** Seals the journal; closed with it. Left out: nothing is sealed. */
  readonly sealer?: Sealer
}

export interface JournalLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Opens an epoch's store. */
export async function openEpochStore(options: JournalOptions, epoch: string): Promise<EpochStore> {
  const { agent, log } = options
  const onDamaged = (path: string) => log.error({ path }, 'state file damaged, set aside')
  const found = await recoverEpoch(agent, epoch, join(options.folder, epoch), onDamaged)
  if (found.notes.length > 0) log.warn({ files: found.notes }, 'journal recovered: files set aside')
  return new EpochStore(found, {
    agent,
    segmentBytesMax:
      options.segmentBytesMax ?? Math.min(LIMITS.segmentBytesMax, Math.floor(options.bytesMax / 16)),
    onFault: (fault) => log.warn({ fault: String(fault) }, 'journal file given up'),
  })
}
