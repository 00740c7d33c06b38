/**
 * The hash chains of the console's own making: what administrators did and saw (the trail), and what was made of the
 * agents' records (violations, gaps, policies: the evidence).
 *
 *   head(0) = SHA-256(genesis tag 00 origin)
 *   digest  = SHA-256(item tag 00 raw bytes of the item)
 *   head(n) = SHA-256(link tag 00 head(n-1) u64be(n) digest)
 *
 * As with the agents' chain (`../chain.ts`) the rules are set for good, and the raw bytes go in as they were written.
 * `origin` is the console's own random name, so that no two consoles' chains have a head in common.
 */
import { createHash, hash } from 'node:crypto'

export interface ChainRules {
  /** Returns the head (32 bytes) before the first item. */
  genesis(origin: string): Buffer
  /** Returns the head after item `seq` (1 …) with these raw bytes. */
  after(previous: Uint8Array, seq: number, raw: Uint8Array): Buffer
}

export const TRAIL_CHAIN: ChainRules = chainRules('trail')
export const EVIDENCE_CHAIN: ChainRules = chainRules('evidence')

function chainRules(name: string): ChainRules {
  const genesisTag = `shoukou.${name}-genesis.v1\0`
  const itemTag = Buffer.from(`shoukou.${name}-item.v1\0`)
  const linkTag = Buffer.from(`shoukou.${name}-chain.v1\0`)
  return {
    genesis: (origin) => createHash('sha256').update(genesisTag).update(origin).digest(),
    after: (previous, seq, raw) => {
      const link = Buffer.allocUnsafe(linkTag.length + 72)
      link.set(linkTag, 0)
      link.set(previous, linkTag.length)
      link.writeBigUInt64BE(BigInt(seq), linkTag.length + 32)
      link.set(createHash('sha256').update(itemTag).update(raw).digest(), linkTag.length + 40)
      return hash('sha256', link, 'buffer')
    },
  }
}
