/** Makes hostile bytes from honest ones: cut, altered, spliced, repeated, with what breaks parsers put in. Seeded. */
import type { SeededRandom } from '@shoukou/protocol/fixtures/seeded-random.ts'

/** What breaks parsers of text: pollution of prototypes, numbers beyond, nesting, directions, escapes, formulas. */
const MORSELS: readonly Buffer[] = [
  '"__proto__":{"isAdmin":true},',
  '"constructor":{"prototype":{}},',
  'null',
  'true',
  '1e999',
  '-1',
  '-0',
  '0.1',
  '9007199254740993',
  '""',
  '[[[[[[[[',
  '}}',
  '\\u0000',
  '\\ud800',
  '\u202e',
  '\ufeff',
  '\u001b[2J',
  '\r\n',
  '../../../../etc/passwd',
  '..\\..\\',
  '%00',
  '%2e%2e%2f',
  "' or 1=1 --",
  '=cmd|calc!A1',
  '<img src=x onerror=alert(1)>',
  '${jndi:x}',
  '{"b64":"A"}',
  '{"b64":"/w=="}',
  '"'.repeat(50),
  'A'.repeat(300),
].map((text) => Buffer.from(text))

/** Numbers at the edges of fields of one, two, four and eight bytes. */
const EDGES: readonly Buffer[] = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff].flatMap(
  (value) => {
    const [little, big, wide] = [Buffer.alloc(4), Buffer.alloc(4), Buffer.alloc(8)]
    little.writeUInt32LE(value)
    big.writeUInt32BE(value)
    wide.writeBigUInt64BE(BigInt(value))
    return [little, little.subarray(0, 2), big, big.subarray(2), wide]
  },
)

/** Returns one hostile input, at most `bytesMax` long. */
export function mutate(random: SeededRandom, corpus: readonly Buffer[], bytesMax: number): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(corpus))
  for (let rounds = random.int(10) === 0 ? random.int(6) : 1; rounds > 0; rounds -= 1)
    bytes = once(random, bytes, corpus)
  return bytes.length > bytesMax ? bytes.subarray(0, bytesMax) : bytes
}

function once(random: SeededRandom, bytes: Buffer, corpus: readonly Buffer[]): Buffer {
  const at = random.int(bytes.length + 1)
  switch (random.int(10)) {
    case 0:
      if (at < bytes.length) bytes[at] = random.int(256)
      return bytes
    case 1:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8))
      return bytes
    case 2:
      return bytes.subarray(0, at)
    case 3:
      return bytes.subarray(at)
    case 4:
      return Buffer.concat([bytes.subarray(0, at), random.pick(MORSELS), bytes.subarray(at)])
    case 5:
      return Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(Math.min(bytes.length, at + 1 + random.int(20))),
      ])
    case 6: {
      const edge = random.pick(EDGES)
      return Buffer.concat([
        bytes.subarray(0, at),
        edge,
        bytes.subarray(Math.min(bytes.length, at + edge.length)),
      ])
    }
    case 7: {
      const other = random.pick(corpus)
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.int(other.length + 1))])
    }
    case 8: {
      const end = Math.min(bytes.length, at + 1 + random.int(64))
      const piece = bytes.subarray(at, end)
      return Buffer.concat([
        bytes.subarray(0, end),
        ...Array.from({ length: 1 + random.int(4) }, () => piece),
        bytes.subarray(end),
      ])
    }
    default:
      return random.int(20) === 0 ? Buffer.from(random.bytes(random.int(200))) : swapDigits(random, bytes, at)
  }
}

/** A number in text becomes another one: lengths, counts, versions. */
function swapDigits(random: SeededRandom, bytes: Buffer, from: number): Buffer {
  for (let at = from; at < bytes.length && at < from + 200; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte < 0x30 || byte > 0x39) continue
    bytes[at] = 0x30 + random.int(10)
    return bytes
  }
  return bytes
}
