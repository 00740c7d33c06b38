/**
 * The hash chain over a journal: what it means that a record follows another.
 *
 *   head(0) = H("shoukou.genesis.v1" 00 agent 00 epoch)
 *   digest  = H("shoukou.record.v1" 00 raw bytes of the record)
 *   head(n) = H("shoukou.chain.v1" 00 head(n-1) u64be(seq) digest)
 *
 * H is SHA-256, or SM3 (GB/T 32905-2016) in a journal whose epoch begins with "sm3.": the epoch's name goes into the first
 * head, so that nobody can claim the other hash later. The rules are set for good: a change is a new version beside them.
 * Vectors: `fixtures/chain-vectors.json`. The raw bytes go in as they were written; nothing is parsed here.
 */
import { type ChainHash, startHash } from './algorithms/hashes.ts'

const genesisTag = Buffer.from('shoukou.genesis.v1\0')
const recordTag = Buffer.from('shoukou.record.v1\0')
const chainTag = Buffer.from('shoukou.chain.v1\0')
const sm3Prefix = 'sm3.'

/** Returns the hash that a journal's chain is made with. */
export function chainHashOf(epoch: string): ChainHash {
  return epoch.startsWith(sm3Prefix) ? 'sm3' : 'sha-256'
}

/** Returns the name of a new journal whose chain is made with a hash, from a name that is nobody else's. */
export function epochName(hash: ChainHash, unique: string): string {
  return hash === 'sm3' ? `${sm3Prefix}${unique}` : unique
}

/** Returns the head (32 bytes) before the first record of an agent's journal. `epoch` names the journal. */
export function genesisHead(agent: string, epoch: string): Buffer {
  return startHash(chainHashOf(epoch)).update(genesisTag).update(`${agent}\0${epoch}`).digest()
}

/** Returns the digest (32 bytes) of one record's raw bytes. */
export function recordDigest(raw: Uint8Array, hash: ChainHash): Buffer {
  return startHash(hash).update(recordTag).update(raw).digest()
}

/** Returns the head (32 bytes) after record `seq` (1 …) whose digest is given. */
export function nextHead(previous: Uint8Array, seq: number, digest: Uint8Array, hash: ChainHash): Buffer {
  const link = Buffer.allocUnsafe(chainTag.length + 32 + 8 + 32)
  link.set(chainTag, 0)
  link.set(previous, chainTag.length)
  link.writeBigUInt64BE(BigInt(seq), chainTag.length + 32)
  link.set(digest, chainTag.length + 40)
  return startHash(hash).update(link).digest()
}

/** Returns the head after a record, from its raw bytes. */
export function headAfter(previous: Uint8Array, seq: number, raw: Uint8Array, hash: ChainHash): Buffer {
  return nextHead(previous, seq, recordDigest(raw, hash), hash)
}
