/**
 * The hash chain over a journal: what it means that a record follows another.
 *
 *   head(0) = SHA-256("shoukou.genesis.v1" 00 agent 00 epoch)
 *   digest  = SHA-256("shoukou.record.v1" 00 raw bytes of the record)
 *   head(n) = SHA-256("shoukou.chain.v1" 00 head(n-1) u64be(seq) digest)
 *
 * The rules are set for good: a change is a new version beside them. Vectors: `fixtures/chain-vectors.json`.
 * The raw bytes go in as they were written; nothing is parsed here.
 */
import { createHash } from 'node:crypto'

const genesisTag = Buffer.from('shoukou.genesis.v1\0')
const recordTag = Buffer.from('shoukou.record.v1\0')
const chainTag = Buffer.from('shoukou.chain.v1\0')

/** Returns the head (32 bytes) before the first record of an agent's journal. `epoch` names the journal. */
export function genesisHead(agent: string, epoch: string): Buffer {
  return createHash('sha256').update(genesisTag).update(`${agent}\0${epoch}`).digest()
}

/** Returns the digest (32 bytes) of one record's raw bytes. */
export function recordDigest(raw: Uint8Array): Buffer {
  return createHash('sha256').update(recordTag).update(raw).digest()
}

/** Returns the head (32 bytes) after record `seq` (1 …) whose digest is given. */
export function nextHead(previous: Uint8Array, seq: number, digest: Uint8Array): Buffer {
  const link = Buffer.allocUnsafe(chainTag.length + 32 + 8 + 32)
  link.set(chainTag, 0)
  link.set(previous, chainTag.length)
  link.writeBigUInt64BE(BigInt(seq), chainTag.length + 32)
  link.set(digest, chainTag.length + 40)
  return createHash('sha256').update(link).digest()
}

/** Returns the head after a record, from its raw bytes. */
export function headAfter(previous: Uint8Array, seq: number, raw: Uint8Array): Buffer {
  return nextHead(previous, seq, recordDigest(raw))
}
