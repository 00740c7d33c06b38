import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  bundleBytes,
  makeTestConsole,
  makeTestPair,
  signWith,
  type TestConsole,
  type TestPair,
  testBundle,
  testManifest,
} from '../fixtures/bundles.ts'
import { seededRandom } from '../fixtures/seeded-random.ts'
import { bundleFaultOf } from './fault.ts'
import { BUNDLE_LIMITS } from './limits.ts'
import { BundleParser } from './parser.ts'
import { BundleReader, parseBundleBytes } from './read-bundle.ts'
import { makeSealingKey } from './sealing.ts'
import { writeBundle } from './write-bundle.ts'

let pair: TestPair
let to: TestConsole
let good: Buffer
const options = () => ({ console: to.console, privateKeys: [to.sealing.privateKey] })
const faultOf = (act: () => unknown) => {
  try {
    act()
  } catch (fault) {
    return bundleFaultOf(fault) ?? `not a bundle's error: ${String(fault)}`
  }
  return null
}

beforeAll(async () => {
  pair = await makeTestPair('agent-1')
  to = makeTestConsole(await makeTestPair('authority'))
  good = await bundleBytes(testBundle({ pair, to, frames: 3, recordsPerFrame: 4 }))
})

describe('a bundle', () => {
  it('comes back as it was written, records byte for byte', async () => {
    const bundle = testBundle({ pair, to, frames: 3, recordsPerFrame: 4 })
    const read = parseBundleBytes(await bundleBytes(bundle), options())
    expect(read.header).toMatchObject(bundle.header)
    expect(read.manifest).toEqual(testManifest(pair.certificate))
    expect(read.totals).toEqual({ frames: 3, records: 12 })
    expect(read.frames.flatMap((frame) => frame.records.map(String))[11]).toContain('"record":12')
  })

  it('may bring nothing but word of the computer', async () => {
    const read = parseBundleBytes(
      await bundleBytes(testBundle({ pair, to, frames: 0, recordsPerFrame: 0 })),
      options(),
    )
    expect(read.header).toMatchObject({ firstSeq: 1, lastSeq: 0 })
    expect(read.frames).toEqual([])
  })

  it('is the same read in pieces of any size', () => {
    for (const size of [1, 7, 100, good.length]) {
      const reader = new BundleReader(options())
      const kinds: string[] = []
      for (let at = 0; at < good.length; at += size)
        for (const part of reader.push(good.subarray(at, at + size))) kinds.push(part.kind)
      reader.end()
      expect(kinds).toEqual(['header', 'manifest', 'frame', 'frame', 'frame', 'end'])
    }
  })

  it('shows no record and no name of the machine to whoever finds the medium', () => {
    const text = good.toString('latin1')
    expect(text).not.toContain('filler')
    expect(text).not.toContain('boot-1')
    expect(text).toContain('JM-0001')
  })

  it('opens with an earlier key of the console, and says which computer must fetch a newer one where it has none', () => {
    const other = makeSealingKey().privateKey
    const keys = [other, to.sealing.privateKey]
    expect(parseBundleBytes(good, { console: to.console, privateKeys: keys }).totals.records).toBe(12)
    expect(faultOf(() => parseBundleBytes(good, { console: to.console, privateKeys: [other] }))).toBe(
      'unknown-key',
    )
  })

  it('for another console names that one', async () => {
    const elsewhere = makeTestConsole(await makeTestPair('other'))
    const act = () => parseBundleBytes(good, { ...options(), console: elsewhere.console })
    expect(faultOf(act)).toBe('foreign-console')
    expect(act).toThrow(/console\.unit/)
  })

  it('signed by another key than the certificate’s is refused', async () => {
    const other = await makeTestPair('agent-1')
    const forged = await bundleBytes(
      testBundle({
        pair,
        to,
        frames: 1,
        recordsPerFrame: 1,
        change: (bundle) => ({ ...bundle, sign: signWith(other.key) }),
      }),
    )
    expect(faultOf(() => parseBundleBytes(forged, options()))).toBe('signature')
  })

  it('cut short is refused at every length, and says where it breaks off', () => {
    for (let length = 0; length < good.length; length += 1) {
      const fault = faultOf(() => parseBundleBytes(good.subarray(0, length), options()))
      expect(fault, String(length)).toBe(length < 8 ? 'not-a-bundle' : 'truncated')
    }
  })

  it('with one bit changed anywhere is refused', () => {
    for (let at = 0; at < good.length; at += 1) {
      const changed = Buffer.from(good)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      expect(
        faultOf(() => parseBundleBytes(changed, options())),
        `byte ${at}`,
      ).not.toBeNull()
    }
  })

  it('changed in any of 3,000 ways is refused with a reason, never taken and never a crash', async () => {
    const random = seededRandom(20_261_122)
    const second = await bundleBytes(testBundle({ pair, to, frames: 3, recordsPerFrame: 4 }))
    const tally = new Map<string, number>()
    for (let round = 0; round < 3_000; round += 1) {
      const changed = mutate(good, second, (below) => random.int(below))
      if (changed.equals(good) || changed.equals(second)) continue
      const fault = faultOf(() => parseBundleBytes(changed, options()))
      expect(fault, `round ${round}`).toMatch(/^[a-z-]+$/)
      tally.set(fault ?? '', (tally.get(fault ?? '') ?? 0) + 1)
    }
    expect([...tally.values()].reduce((a, b) => a + b, 0)).toBeGreaterThan(2_900)
    expect(tally.get('altered')).toBeGreaterThan(300)
    expect(tally.get('truncated')).toBeGreaterThan(100)
  })

  it('with chunks swapped, doubled, left out, or of another bundle says which chunk', async () => {
    const chunks = chunksOf(good)
    const other = chunksOf(await bundleBytes(testBundle({ pair, to, frames: 3, recordsPerFrame: 4 })))
    const build = (order: readonly Buffer[]) =>
      Buffer.concat([good.subarray(0, chunks.start), ...order, good.subarray(chunks.end)])
    const [manifest, a, b, c, totals] = chunks.list as [Buffer, Buffer, Buffer, Buffer, Buffer]
    for (const order of [
      [manifest, b, a, c, totals],
      [manifest, a, a, b, c, totals],
      [manifest, a, c, totals],
      [manifest, a, b, c],
      [manifest, other.list[1] as Buffer, b, c, totals],
      [totals, a, b, c, manifest],
    ]) {
      expect(faultOf(() => parseBundleBytes(build(order), options()))).toMatch(/altered|truncated|malformed/)
    }
    expect(faultOf(() => parseBundleBytes(build([manifest, a, b, c, totals]), options()))).toBeNull()
  })

  it('that claims a gigabyte is refused before a byte of it is waited for', () => {
    const header = Buffer.alloc(8)
    header.write('SKB1')
    header.writeUInt32BE(1_073_741_824, 4)
    expect(faultOf(() => [...new BundleParser().push(header)])).toBe('too-large')
    const chunk = Buffer.from(good)
    const { start } = chunksOf(good)
    chunk.writeUInt32BE(1_073_741_824, start + 5)
    expect(faultOf(() => [...new BundleParser().push(chunk.subarray(0, start + 9))])).toBe('too-large')
  })

  it('holds its limits: at the header’s bound yes, one past it no', () => {
    const of = (length: number) => {
      const start = Buffer.alloc(8)
      start.write('SKB1')
      start.writeUInt32BE(length, 4)
      return faultOf(() => [...new BundleParser().push(start)])
    }
    expect(of(BUNDLE_LIMITS.headerBytesMax)).toBeNull()
    expect(of(BUNDLE_LIMITS.headerBytesMax + 1)).toBe('too-large')
  })

  it('whose frames do not follow one another is refused although it is signed', async () => {
    const swapped = testBundle({
      pair,
      to,
      frames: 3,
      recordsPerFrame: 4,
      change: (bundle) => ({ ...bundle, frames: [...(bundle.frames as [])].reverse() }),
    })
    expect(faultOf(() => parseBundleBytes(Buffer.alloc(0), options()))).toBe('not-a-bundle')
    const bytes = await bundleBytes(swapped)
    expect(faultOf(() => parseBundleBytes(bytes, options()))).toBe('malformed')
  })

  it('of a newer version says so', async () => {
    const text = good.toString('latin1').replace('{"v":1,', '{"v":2,')
    expect(faultOf(() => parseBundleBytes(Buffer.from(text, 'latin1'), options()))).toBe(
      'unsupported-version',
    )
  })

  it('of 100,000 records is written and read in the memory of one chunk', async () => {
    const { frames, ...rest } = testBundle({ pair, to, frames: 1, recordsPerFrame: 1_000, recordBytes: 300 })
    const [frame] = [...(frames as Iterable<{ bytes: Uint8Array; records: number }>)]
    if (frame === undefined) throw new Error('no frame')
    const repeated = function* () {
      for (let index = 0; index < 100; index += 1) yield frame
    }
    const parser = new BundleParser()
    let chunks = 0
    let bytes = 0
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const kept: number[] = []
    for await (const piece of writeBundle({ ...rest, frames: repeated() })) {
      bytes += piece.length
      for (const part of parser.push(piece)) if (part.kind === 'chunk') chunks += 1
      if (chunks % 25 !== 0) continue
      collect()
      // What was collected is handed back by a thread of the engine's.
      await new Promise((resolve) => setTimeout(resolve, 20))
      collect()
      kept.push(process.memoryUsage().arrayBuffers)
    }
    parser.end()
    expect(chunks).toBe(102)
    expect(bytes).toBeGreaterThan(30_000_000)
    // A reader or a writer that kept what went through it would hold all of it at the end.
    expect((kept.at(-1) ?? 0) - (kept[0] ?? 0)).toBeLessThan(bytes / 2)
  })
})

function chunksOf(bytes: Buffer): { start: number; end: number; list: Buffer[] } {
  const start = 8 + bytes.readUInt32BE(4)
  const list: Buffer[] = []
  let at = start
  for (let isLast = false; !isLast; ) {
    const end = at + 9 + bytes.readUInt32BE(at + 5)
    isLast = bytes[at + 4] === 1
    list.push(bytes.subarray(at, end))
    at = end
  }
  return { start, end: at, list }
}

/** One change of those that an attacker, or a worn medium, makes. */
function mutate(whole: Buffer, second: Buffer, below: (limit: number) => number): Buffer {
  const at = below(whole.length)
  const changed = Buffer.from(whole)
  switch (below(8)) {
    case 0:
      changed[at] = (changed[at] ?? 0) ^ (1 << below(8))
      return changed
    case 1:
      return whole.subarray(0, at)
    case 2:
      return Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1 + below(64))])
    case 3:
      return Buffer.concat([
        whole.subarray(0, at),
        Buffer.alloc(1 + below(64), below(256)),
        whole.subarray(at),
      ])
    case 4:
      return changed.fill(below(256), at, Math.min(changed.length, at + 1 + below(512)))
    case 5:
      return Buffer.concat([whole.subarray(0, at), second.subarray(at)])
    case 6: {
      const from = below(whole.length)
      whole.copy(changed, at, from, from + 1 + below(256))
      return changed
    }
    default:
      if (at + 4 <= changed.length) changed.writeUInt32BE(below(2 ** 32), at)
      else return Buffer.concat([whole, whole])
      return changed
  }
}
