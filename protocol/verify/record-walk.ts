/**
 * Walks agents' chains over many records at a time, from their raw bytes. Pure, and made for a million of them: no object
 * a record, two one-shot hashes each, heads as Latin-1 strings of 32 characters (what the runtime returns fastest).
 *
 * Each record's stored head is compared with what its own bytes and the stored head before it make. By induction that
 * proves the whole chain, in whatever order and by however many threads its parts are walked.
 */
import { hash } from 'node:crypto'
import { type ChainHash, runtimeHash } from '../algorithms/hashes.ts'

/** What stands before each record's bytes when it is hashed: `../chain.ts`. */
export const RECORD_TAG = Buffer.from('shoukou.record.v1\0')
const chainTag = Buffer.from('shoukou.chain.v1\0')

export interface RecordBatch {
  readonly count: number
  /** The records' bytes, with `RECORD_TAG` between each two of them. */
  readonly raw: Buffer
  /** Of each, joined by commas, in the same order. */
  readonly journals: string
  readonly seqs: string
  readonly lengths: string
  /** Their stored heads, 32 bytes each. */
  readonly heads: Buffer
}

/** Where a walk stands in one journal. */
export interface WalkState {
  seq: number
  /** The stored head after `seq`, and what the bytes made of it. */
  stored: string
  computed: string
  /** What the runtime calls the hash of this journal. */
  readonly hashName: string
}

export type WalkFault =
  | { readonly kind: 'altered' | 'head-altered'; readonly journal: number; readonly seq: number }
  /** The parts do not fit together: a head of another length. */
  | { readonly kind: 'unreadable'; readonly journal: number; readonly seq: number }

export interface Walk {
  /** Per journal; kept from batch to batch. */
  readonly states: Map<number, WalkState>
  /**
   * Returns the head (Latin-1) that stands before a record whose predecessor was not walked; null where none can be
   * known: its own bytes are then not provable, and it has been told.
   */
  readonly begin: (journal: number, seq: number) => string | null
  /** Returns the hash of a journal's chain; asked once a journal. */
  readonly hashOf: (journal: number) => ChainHash
  readonly fault: (fault: WalkFault) => void
}

const link = Buffer.alloc(chainTag.length + 72)
link.set(chainTag, 0)
const linkHead = chainTag.length
const linkSeq = linkHead + 32
const linkDigest = linkSeq + 8
const twoTo32 = 4_294_967_296

/** Walks one batch; returns how many bytes of records it held. */
export function walkRecords(batch: RecordBatch, { states, begin, hashOf, fault }: Walk): number {
  const { count, raw, heads: headBytes } = batch
  const journals = batch.journals.split(',')
  const seqs = batch.seqs.split(',')
  const lengths = batch.lengths.split(',')
  const heads = headBytes.toString('latin1')
  let at = 0
  let journalBefore = -1
  let state: WalkState | undefined
  let hashName = ''
  for (let index = 0; index < count; index += 1) {
    const journal = Number(journals[index])
    const seq = Number(seqs[index])
    const length = Number(lengths[index])
    if (journal !== journalBefore) {
      state = states.get(journal)
      hashName = state?.hashName ?? runtimeHash(hashOf(journal))
      journalBefore = journal
    }
    const digest =
      index === 0
        ? hash(hashName, Buffer.concat([RECORD_TAG, raw.subarray(0, length)]), 'binary')
        : hash(hashName, raw.subarray(at - RECORD_TAG.length, at + length), 'binary')
    at += length + RECORD_TAG.length
    const stored = heads.slice(index * 32, index * 32 + 32)
    const isNext = state !== undefined && state.seq === seq - 1
    const before = isNext && state !== undefined ? state.stored : begin(journal, seq)
    const computed = before === null ? stored : nextHead(before, seq, digest, hashName)
    if (computed !== stored) {
      // A stored head that was altered alone breaks its follower too: with what the bytes made before, that one holds.
      const isOnlyHeadBefore =
        isNext &&
        state !== undefined &&
        state.computed !== state.stored &&
        nextHead(state.computed, seq, digest, hashName) === stored
      if (isOnlyHeadBefore) fault({ kind: 'head-altered', journal, seq: seq - 1 })
      else fault({ kind: 'altered', journal, seq })
    }
    if (state === undefined) {
      state = { seq, stored, computed, hashName }
      states.set(journal, state)
    } else {
      state.seq = seq
      state.stored = stored
      state.computed = computed
    }
  }
  const last = at - RECORD_TAG.length
  if (count > 0 && (last !== raw.length || heads.length !== count * 32)) {
    fault({ kind: 'unreadable', journal: journalBefore, seq: state?.seq ?? 0 })
  }
  return raw.length - RECORD_TAG.length * Math.max(0, count - 1)
}

function nextHead(before: string, seq: number, digest: string, hashName: string): string {
  link.write(before, linkHead, 'latin1')
  link.writeUInt32BE(Math.floor(seq / twoTo32), linkSeq)
  link.writeUInt32BE(seq % twoTo32, linkSeq + 4)
  link.write(digest, linkDigest, 'latin1')
  return hash(hashName, link, 'binary')
}
