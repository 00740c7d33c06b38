/** Hostile media: nothing that stands on one throws anything but an operating error, loops, or reads without end. */
import { PassportSchema, ShoukouError } from '@shoukou/protocol'
import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { type SeededRandom, seededRandom } from '../../protocol/fixtures/seeded-random.ts'
import type { BlockSource } from './block-source.ts'
import { EXAMINATION_BUDGET } from './bounded-reader.ts'
import { findBulkOnlyInterfaces } from './bulk-only-interface.ts'
import { examineMedium } from './examine-medium.ts'
import { mediumOf, readExpected, readImage } from './fixtures/image.ts'
import { sealForTests } from './fixtures/seal.ts'
import { writeSeal } from './seal-slot.ts'

const about = { bus: 'usb', usb: null } as const
const ROUNDS = 40
/** Where structures stand: what is changed there is read. */
const HOT_BYTES = [512, 1_024, 4_096, 36_864, 70_000]

const images = [...readExpected().keys()].map((name) => ({ name, image: readImage(name) }))

describe.each(images)('$name, changed at random', { timeout: 30_000 }, ({ image }) => {
  it('is examined all the same, within the budget', async () => {
    const random = seededRandom(20_261_121 + image.length)
    for (let round = 0; round < ROUNDS; round += 1) {
      const undo = mutate(image, random)
      const medium = mediumOf(image, { blockBytes: random.pick([512, 512, 512, 2_048, 4_096]) })
      const { passport, faults, reads } = await examineMedium(medium, about)
      expect(Value.Check(PassportSchema, passport)).toBe(true)
      expect(faults.length).toBeLessThanOrEqual(32)
      expect(reads.count).toBeLessThanOrEqual(EXAMINATION_BUDGET.readsMax)
      expect(reads.bytes).toBeLessThanOrEqual(EXAMINATION_BUDGET.bytesMax)
      undo()
    }
  })

  it('takes a seal in an unused place, or none: what stood there stays', async () => {
    const random = seededRandom(7 + image.length)
    for (let round = 0; round < ROUNDS / 4; round += 1) {
      const undo = mutate(image, random)
      const writes: { readonly offset: number; readonly before: Buffer }[] = []
      const medium = mediumOf(image)
      const watched: BlockSource = {
        ...medium,
        async write(offset, bytes) {
          writes.push({ offset, before: Buffer.from(image.subarray(offset, offset + bytes.length)) })
          await medium.write(offset, bytes)
        },
      }
      const outcome = await writeSeal(watched, sealForTests).catch((error: unknown) => error)
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ShoukouError)
      for (const { before } of writes) expect(before.every((byte) => byte === 0)).toBe(true)
      for (const { offset, before } of writes.toReversed()) image.set(before, offset)
      undo()
    }
  })
})

it('examines a medium whose every read fails', async () => {
  const { image } = images[0] ?? { image: Buffer.alloc(4_096) }
  const broken: BlockSource = {
    ...mediumOf(image),
    read: async () => {
      throw new ShoukouError('medium-unreadable', 'no')
    },
    inquiry: async () => {
      throw new ShoukouError('medium-unreadable', 'no')
    },
  }
  const { passport, faults, sealBytes } = await examineMedium(broken, about)
  expect(passport).toMatchObject({ partitionTable: null, fileSystems: [], inquiry: null })
  expect(faults).toHaveLength(2)
  expect(sealBytes).toBeNull()
})

it('lets a broken invariant through: it is not the medium that is wrong then', async () => {
  const broken: BlockSource = {
    ...mediumOf(Buffer.alloc(65_536)),
    read: async () => {
      throw new TypeError('a defect')
    },
  }
  await expect(examineMedium(broken, about)).rejects.toThrow('a defect')
})

it('finds interfaces in any bytes at all without end or error', () => {
  const random = seededRandom(42)
  for (let round = 0; round < 2_000; round += 1) {
    const bytes = random.bytes(random.int(300))
    for (let at = 0; at < bytes.length; at += 9) if (random.int(3) > 0) bytes[at] = 9
    expect(findBulkOnlyInterfaces(bytes).length).toBeLessThanOrEqual(bytes.length)
  }
})

/** Changes a few bytes where structures stand; returns what puts them back. */
function mutate(image: Buffer, random: SeededRandom): () => void {
  const changed: { readonly at: number; readonly byte: number }[] = []
  const set = (at: number, byte: number) => {
    if (at >= image.length) return
    changed.push({ at, byte: image[at] ?? 0 })
    image[at] = byte
  }
  for (let count = 1 + random.int(12); count > 0; count -= 1) {
    const start = random.pick([0, 0, 1_048_576, image.length - 512 * 40])
    const at = Math.max(0, start) + random.int(random.pick(HOT_BYTES))
    // Extremes find more than noise does.
    for (
      let run = random.pick([1, 2, 4, 8]), byte = random.pick([0, 1, 0x7f, 0x80, 0xff, random.int(256)]);
      run > 0;
      run -= 1
    ) {
      set(at + run, byte)
    }
  }
  return () => {
    for (const { at, byte } of changed.toReversed()) image[at] = byte
  }
}
