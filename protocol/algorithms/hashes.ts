/**
 * Which hash a chain is made with, by name: the one place that knows what the runtime calls it.
 *
 * SHA-256 (FIPS 180-4) unless a unit asks for SM3 (GB/T 32905-2016), which is offered where the runtime has it. Both give 32
 * bytes, so that nothing else of a chain differs. A chain's first head names its hash: nobody can claim the other later.
 */
import { createHash, getHashes, type Hash } from 'node:crypto'
import { ShoukouError } from '../errors.ts'

export const CHAIN_HASHES = ['sha-256', 'sm3'] as const
export type ChainHash = (typeof CHAIN_HASHES)[number]

/** As standards and people write them, in every language. */
export const HASH_NAMES: Readonly<Record<ChainHash, string>> = { 'sha-256': 'SHA-256', sm3: 'SM3' }

export const HASH_BYTES = 32

const runtimeNames: Readonly<Record<ChainHash, string>> = { 'sha-256': 'sha256', sm3: 'sm3' }
const available = new Set(getHashes())

/** Reports whether this runtime has a hash. */
export function hasHash(name: ChainHash): boolean {
  return available.has(runtimeNames[name])
}

/**
 * Returns what this runtime calls a hash.
 *
 * @throws ShoukouError `control-unavailable` where it does not have it.
 */
export function runtimeHash(name: ChainHash): string {
  if (!hasHash(name))
    throw new ShoukouError(
      'control-unavailable',
      `This runtime has no ${name}; use a build of Node.js with it, or sha-256.`,
      { context: { hash: name } },
    )
  return runtimeNames[name]
}

/** Starts a hash. Throws as `runtimeHash`. */
export function startHash(name: ChainHash): Hash {
  return createHash(runtimeHash(name))
}

/** Returns the hash (32 bytes) of parts that follow each other. */
export function hashOf(name: ChainHash, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = startHash(name)
  for (const part of parts) hash.update(part)
  return hash.digest()
}
