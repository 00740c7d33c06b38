/** For tests: approved destinations that nest and overlap, and questions about their edges, the same for each seed. */
import { type Address, type Destination, fromBytes, type Prefix } from '@shoukou/protocol'

type Random = () => number

/** Numbers below 1 by a linear congruence: enough to choose cases by. */
function randomOf(seed: number): Random {
  let state = (seed * 2_654_435_761) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const below = (random: Random, max: number): number => Math.floor(random() * max)
const one = <T>(random: Random, choices: readonly T[]): T => choices[below(random, choices.length)] as T

const protocols = [6, 17, 136] as const
const ports = [0, 1, 22, 53, 79, 80, 81, 443, 8_000, 65_534, 65_535] as const

/** Few bits that differ: so that prefixes nest. */
function someAddress(random: Random): Address {
  const isOld = random() < 0.5
  const bytes = isOld ? [10, 0, 0, 0] : [0xfd, ...Array<number>(15).fill(0)]
  for (let index = 1; index < bytes.length; index += 1)
    bytes[index] = random() < 0.6 ? 0 : one(random, [1, 2, 128, 192, 255])
  return fromBytes(bytes)
}

function somePrefix(random: Random): Prefix {
  const address = someAddress(random)
  const bits = address.bytes.length * 8
  const length = one(random, [0, 8, 9, 12, 16, 24, bits - 1, bits, below(random, bits + 1)])
  const bytes = address.bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, length - index * 8))
    return byte & (0xff << (8 - kept)) & 0xff
  })
  return { family: address.family, bytes, length }
}

export function randomDestinations(seed: number): Destination[] {
  const random = randomOf(seed)
  return Array.from({ length: 1 + below(random, 24) }, (): Destination => {
    const prefix = somePrefix(random)
    // Whole families would approve everything that is asked.
    const length = prefix.length < 8 && random() < 0.8 ? 8 : prefix.length
    const bytes =
      prefix.length < length ? [prefix.family === 'ipv4' ? 10 : 0xfd, ...prefix.bytes.slice(1)] : prefix.bytes
    const [a, b] = [one(random, ports), one(random, ports)]
    return {
      prefix: { family: prefix.family, bytes, length },
      protocol: random() < 0.3 ? null : one(random, protocols),
      firstPort: random() < 0.3 ? 0 : Math.min(a, b),
      lastPort: random() < 0.3 ? 65_535 : Math.max(a, b),
      rule: 'approved-destination',
    }
  })
}

/** Asks of addresses in and around the prefixes, at ports in and around the spans. */
export function randomAsker(seed: number, approved: readonly Destination[]) {
  const random = randomOf(seed + 1_000_000)
  return (): { readonly address: Address; readonly port: number; readonly protocol: number } => {
    const near = one(random, approved)
    const bytes = random() < 0.7 ? [...near.prefix.bytes] : [...someAddress(random).bytes]
    if (random() < 0.5) {
      const bit = below(random, bytes.length * 8)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
    }
    const edge = one(random, [near.firstPort, near.lastPort]) + one(random, [-1, 0, 0, 1])
    const port = random() < 0.7 ? Math.min(65_535, Math.max(0, edge)) : one(random, ports)
    return { address: fromBytes(bytes), port, protocol: one(random, protocols) }
  }
}
