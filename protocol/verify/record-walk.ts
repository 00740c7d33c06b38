/**
 * Walks agents' chains over many records at a time, from their raw bytes. Pure, and made for a million of them: two one-shot
 * hashes each, made as Latin-1 strings of 32 characters (what the runtime returns fastest), and compared byte by byte with
 * the heads where they lie.
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
  /** Of each, in the same order. */
  readonly journals: ArrayLike<number>
  readonly seqs: ArrayLike<number>
  readonly lengths: ArrayLike<number>
  /** Holds their stored heads: 32 bytes each, the first at `headsAt`, from one to the next `headsStep`. */
  readonly heads: Uint8Array
  readonly headsAt: number
  readonly headsStep: number
}

/** Where a walk stands in one journal. */
export interface WalkState {
  seq: number
  /** The stored head after `seq`. */
  readonly stored: Uint8Array
  /** What the bytes made of it where that is another; null where it is the same. */
  computed: string | null
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
export function walkRecords(batch: RecordBatch, walk: Walk): number {
  const { count, raw, heads, headsAt, headsStep } = batch
  let at = 0
  let headAt = headsAt
  let journalBefore = -1
  let state: WalkState | undefined
  for (let index = 0; index < count; index += 1, headAt += headsStep) {
    const journal = batch.journals[index] ?? Number.NaN
    const seq = batch.seqs[index] ?? Number.NaN
    const end = at + (batch.lengths[index] ?? 0)
    if (headAt + 32 > heads.length || headsStep < 32 || end > raw.length || !isPlace(journal, seq)) {
      walk.fault({ kind: 'unreadable', journal, seq })
    } else {
      if (journal !== journalBefore || state === undefined) state = walk.states.get(journal)
      state ??= newState(journal, walk)
      journalBefore = journal
      // What stands before the first one's bytes is not in the batch.
      const tagged =
        at === 0
          ? Buffer.concat([RECORD_TAG, raw.subarray(0, end)])
          : raw.subarray(at - RECORD_TAG.length, end)
      check(state, { journal, seq, heads, headAt, digest: hash(state.hashName, tagged, 'binary') }, walk)
    }
    at = end + RECORD_TAG.length
  }
  return raw.length - RECORD_TAG.length * Math.max(0, count - 1)
}

/** A number that no journal has can't be chained: no eight bytes hold it. */
function isPlace(journal: number, seq: number): boolean {
  return Number.isSafeInteger(journal) && Number.isSafeInteger(seq) && seq > 0
}

function newState(journal: number, { states, hashOf }: Walk): WalkState {
  const hashName = runtimeHash(hashOf(journal))
  const state: WalkState = { seq: -1, stored: new Uint8Array(32), computed: null, hashName }
  states.set(journal, state)
  return state
}

interface Linked {
  readonly journal: number
  readonly seq: number
  readonly heads: Uint8Array
  readonly headAt: number
  readonly digest: string
}

function check(state: WalkState, { journal, seq, heads, headAt, digest }: Linked, walk: Walk): void {
  const { stored, computed: computedBefore, hashName } = state
  const isNext = state.seq === seq - 1
  const isBegun = isNext || begin(journal, seq, walk)
  let computed: string | null = null
  if (isBegun) {
    if (isNext) for (let byte = 0; byte < 32; byte += 1) link[linkHead + byte] = stored[byte] ?? 0
    link.writeUInt32BE(Math.floor(seq / twoTo32), linkSeq)
    link.writeUInt32BE(seq % twoTo32, linkSeq + 4)
    setBytes(linkDigest, digest)
    const made = hash(hashName, link, 'binary')
    if (!isAt(heads, headAt, made)) {
      computed = made
      // A stored head that was altered alone breaks its follower too: with what the bytes made before, that one holds.
      const isOnlyHeadBefore =
        isNext && computedBefore !== null && isHeadAfter(computedBefore, hashName, heads, headAt)
      if (isOnlyHeadBefore) walk.fault({ kind: 'head-altered', journal, seq: seq - 1 })
      else walk.fault({ kind: 'altered', journal, seq })
    }
  }
  state.seq = seq
  for (let byte = 0; byte < 32; byte += 1) stored[byte] = heads[headAt + byte] ?? 0
  state.computed = computed
}

/** Puts the head that stands before a record into the link; false where none can be known. */
function begin(journal: number, seq: number, walk: Walk): boolean {
  const before = walk.begin(journal, seq)
  if (before === null) return false
  setBytes(linkHead, before)
  return true
}

/** The rest of the link is as it was made for the record. */
function isHeadAfter(before: string, hashName: string, heads: Uint8Array, headAt: number): boolean {
  setBytes(linkHead, before)
  return isAt(heads, headAt, hash(hashName, link, 'binary'))
}

function setBytes(at: number, latin1: string): void {
  for (let byte = 0; byte < 32; byte += 1) link[at + byte] = latin1.charCodeAt(byte)
}

function isAt(bytes: Uint8Array, at: number, latin1: string): boolean {
  let difference = 0
  for (let byte = 0; byte < 32; byte += 1) difference |= (bytes[at + byte] ?? 0) ^ latin1.charCodeAt(byte)
  return difference === 0
}
