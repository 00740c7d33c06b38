/** Whatever comes in, a parser answers with a value or a ShoukouError: no other error, and no hang. */
import { describe, expect, it } from 'vitest'
import { ShoukouError } from './errors.ts'
import { FACT_KINDS } from './events/facts.ts'
import { listGolden, readGolden } from './fixtures/golden.ts'
import { type SeededRandom, seededRandom } from './fixtures/seeded-random.ts'
import { parseAgentFrame, parseConsoleFrame } from './frames.ts'
import { parseRecord } from './parse-record.ts'
import { parseRecordsFrame } from './records-frame.ts'

const rounds = 3_000
const seed = 20_241

const frames = listGolden('frames').map((name) => readGolden(`frames/${name}`))
const records = FACT_KINDS.map((kind) => readGolden(`records/${kind}.json`))
const morsels = [
  '"__proto__":{},',
  '"constructor":1,',
  'null',
  '1e999',
  '-1',
  '""',
  '[[',
  '}}',
  '\\u0000',
  '\\ud800',
  '\u202e',
  '{"b64":"A"}',
  '{"b64":"/w=="}',
  '9007199254740993',
  'true',
  '"v":2,',
  '0.1',
  '\ufeff',
  '"'.repeat(50),
].map((text) => Buffer.from(text))

/** Changes a golden message in one of the ways that break parsers. */
function mutate(random: SeededRandom, from: readonly Buffer[]): Buffer {
  const bytes = Buffer.from(random.pick(from))
  const at = random.int(bytes.length)
  switch (random.int(6)) {
    case 0:
      bytes[at] = random.int(256)
      return bytes
    case 1:
      return bytes.subarray(0, at)
    case 2:
      return Buffer.concat([bytes.subarray(0, at), random.pick(morsels), bytes.subarray(at)])
    case 3:
      return Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(Math.min(bytes.length, at + 1 + random.int(20))),
      ])
    case 4: {
      const other = random.pick(from)
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.int(other.length))])
    }
    default:
      return Buffer.from(random.bytes(random.int(200)))
  }
}

/** Runs one parser over the seed's mutations; returns how many were taken and how many refused. */
function fuzz(
  from: readonly Buffer[],
  parse: (bytes: Buffer) => unknown,
): { taken: number; refused: number } {
  const random = seededRandom(seed)
  const counts = { taken: 0, refused: 0 }
  for (let round = 0; round < rounds; round += 1) {
    const bytes = mutate(random, from)
    try {
      parse(bytes)
      counts.taken += 1
    } catch (thrown) {
      if (!(thrown instanceof ShoukouError)) {
        throw new Error(`seed ${seed}, round ${round}: ${bytes.toString('base64')}`, { cause: thrown })
      }
      counts.refused += 1
    }
  }
  return counts
}

describe('fuzzed', () => {
  it.each([
    ['parseAgentFrame', frames, (bytes: Buffer) => parseAgentFrame(bytes.toString('latin1'))],
    ['parseConsoleFrame', frames, (bytes: Buffer) => parseConsoleFrame(bytes.toString('utf8'))],
    ['parseRecordsFrame', frames, (bytes: Buffer) => parseRecordsFrame(bytes)],
    ['parseRecord', records, (bytes: Buffer) => parseRecord(bytes)],
  ] as const)('%s throws nothing but a ShoukouError', (_name, from, parse) => {
    const { taken, refused } = fuzz(from, parse)
    expect(refused).toBeGreaterThan(rounds / 2)
    expect(taken).toBeGreaterThan(0)
  })

  it('would notice another error', () => {
    const breaks = (bytes: Buffer) => {
      if (bytes.includes('__proto__')) throw new TypeError('planted')
    }
    expect(() => fuzz(frames, breaks)).toThrow(/seed/)
  })
})
