/**
 * The proof of one record: computed anew from the stored bytes and the head before it, never read from a flag. Pure.
 */
import {
  chainHashOf,
  genesisHead,
  nextHead,
  parseRecord,
  recordDigest,
  ShoukouError,
} from '@shoukou/protocol'
import type { Static } from 'typebox'
import type { StoredRecord } from '../../store/ports.ts'
import type { ProofSchema, ViolationDetail } from '../contract.ts'
import { recordItem } from './record-view.ts'

export type Proof = Static<typeof ProofSchema>

/**
 * Returns the proof. `previous` is the record before it, or the stub that stands in its place; null where there is none: before the first that is the
 * journal's genesis, behind a gap the head before is gone, and nothing can be verified.
 */
export function proofOf(record: StoredRecord, previous: Pick<StoredRecord, 'head'> | null): Proof {
  const before = headBefore(record, previous)
  const hash = chainHashOf(record.epoch)
  const digest = recordDigest(record.raw, hash)
  const computed = before === null ? null : nextHead(before, record.seq, digest, hash).toString('hex')
  return {
    epoch: record.epoch,
    seq: record.seq,
    raw: recordItem(record).raw,
    hash,
    digest: digest.toString('hex'),
    headBefore: before?.toString('hex') ?? '',
    head: record.head,
    isVerified: computed === record.head,
  }
}

/**
 * Returns what the agent decided, from the record's own bytes; null where it had nothing to decide, and where the
 * stored bytes are no record any more: that they were altered is what the proof says.
 */
export function decisionOf(record: StoredRecord): ViolationDetail['decision'] {
  try {
    return parseRecord(record.raw).decision
  } catch (error) {
    if (error instanceof ShoukouError) return null
    throw error
  }
}

function headBefore(record: StoredRecord, previous: Pick<StoredRecord, 'head'> | null): Buffer | null {
  if (previous !== null) return Buffer.from(previous.head, 'hex')
  return record.seq === 1 ? genesisHead(record.agent, record.epoch) : null
}
