/** Numbers that look random and are the same for the same seed, so that a demonstration can be made again. Not for secrets. */

export interface Random {
  /** From 0 up to, and without, 1. */
  next(): number
  /** A whole number of both bounds and between. */
  int(from: number, to: number): number
  chance(share: number): boolean
  pick<T>(list: readonly T[]): T
  hex(digits: number): string
  /** A generator of its own, by name: what one part draws changes nothing of another. */
  fork(name: string): Random
}

/** Returns a generator. Mulberry32 over an FNV-1a hash of the seed. */
export function createRandom(seed: string): Random {
  let state = hashOf(seed)
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    int,
    chance: (share) => next() < share,
    pick: (list) => {
      const one = list[int(0, list.length - 1)]
      if (one === undefined) throw new RangeError('there is nothing to pick from')
      return one
    },
    hex: (digits) => Array.from({ length: digits }, () => int(0, 15).toString(16)).join(''),
    fork: (name) => createRandom(`${seed}/${name}`),
  }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
