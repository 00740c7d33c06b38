import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeSealBytes, ShoukouError } from '@shoukou/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../protocol/fixtures/seeded-random.ts'
import { openBlockFile } from './block-file-linux.ts'
import type { BlockSource } from './block-source.ts'
import { EXAMINATION_BUDGET, readFrugally } from './bounded-reader.ts'
import { examineMedium } from './examine-medium.ts'
import { mediumOf, readImage } from './fixtures/image.ts'
import { readLayout } from './medium-layout.ts'
import { sealSlots } from './seal-places.ts'
import { eraseSeal, readSeal, writeSeal } from './seal-slot.ts'

const about = { bus: 'usb', usb: null } as const
const seal = sealOf('M-2026-0001')
const folder = mkdtempSync(join(tmpdir(), 'shoukou-seal-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Where each kind of medium takes it; null: it has no place. */
const places: readonly (readonly [string, string | null])[] = [
  ['mbr-fat32', 'before-first-partition'],
  ['mbr-exfat', 'before-first-partition'],
  ['mbr-ntfs', 'before-first-partition'],
  ['mbr-ext4', 'before-first-partition'],
  ['gpt', 'before-first-partition'],
  ['gpt-primary-lost', 'before-first-partition'],
  ['hybrid', 'before-first-partition'],
  ['extended', 'before-first-partition'],
  ['grub-like', 'before-first-partition'],
  ['fat16', 'reserved-sectors'],
  ['fat12', null],
  ['ext2', 'boot-block'],
  ['ext3', 'boot-block'],
  ['ext4', 'boot-block'],
  ['iso9660', null],
  ['udf', null],
  ['btrfs', null],
  ['luks2', null],
]

describe('a seal', () => {
  it.each(places)('on %s stands at %s, changes nothing else, and comes off again', async (name, place) => {
    const image = readImage(name)
    const untouched = Buffer.from(image)
    const medium = mediumOf(image)
    const before = await examineMedium(medium, about)
    expect(before.sealBytes).toBeNull()
    if (place === null) {
      await expect(writeSeal(medium, seal)).rejects.toMatchObject({ code: 'no-place-for-seal' })
      expect(image.equals(untouched)).toBe(true)
      return
    }
    expect(await writeSeal(medium, seal)).toEqual({ slot: place })
    const sealed = await examineMedium(medium, about)
    expect(sealed.sealSlot).toBe(place)
    expect(sealed.sealBytes?.subarray(0, seal.length)).toEqual(seal)
    // The passport is what the seal certifies: sealing must not change it.
    expect(sealed.passport).toEqual(before.passport)
    expect(sealed.faults).toEqual(before.faults)
    const at = image.indexOf(seal)
    expect(image.subarray(0, at).equals(untouched.subarray(0, at))).toBe(true)
    expect(image.subarray(at + seal.length).equals(untouched.subarray(at + seal.length))).toBe(true)

    expect(await eraseSeal(medium)).toEqual([place])
    expect(image.equals(untouched)).toBe(true)
  })

  it.each(places.filter(([, place]) => place !== null))(
    'never stands where something stands: %s filled in every place',
    async (name) => {
      const image = readImage(name)
      const layout = await layoutOf(mediumOf(image))
      for (const slot of sealSlots(layout)) image[slot.startByte + slot.lengthBytes - 1] = 1
      const filled = Buffer.from(image)
      const tried = await writeSeal(mediumOf(image), seal).catch((error: unknown) => error)
      expect(tried).toMatchObject({ code: 'no-place-for-seal' })
      expect(image.equals(filled)).toBe(true)
    },
  )

  it('is replaced in its place by a newer one, and no older one stays anywhere', async () => {
    const image = readImage('gpt')
    const medium = mediumOf(image)
    const [first, second] = sealSlots(await layoutOf(medium))
    if (first === undefined || second === undefined) throw new Error('a GPT stick has several places')
    // An old seal in the second place, because the first was in use then.
    image[first.startByte] = 1
    expect(await writeSeal(medium, seal)).toEqual({ slot: second.name })
    image[first.startByte] = 0
    const newer = sealOf('M-2026-0002')
    expect(await writeSeal(medium, newer)).toEqual({ slot: first.name })
    expect(image.indexOf(seal)).toBe(-1)
    expect((await readSeal(medium, await layoutOf(medium)))?.bytes.subarray(0, newer.length)).toEqual(newer)
  })

  it('is found behind a damaged one, and a damaged one alone is handed on as it is', async () => {
    const image = readImage('gpt')
    const medium = mediumOf(image)
    const [first, second] = sealSlots(await layoutOf(medium))
    if (first === undefined || second === undefined) throw new Error('a GPT stick has several places')
    const damaged = Buffer.from(seal)
    damaged[40] = (damaged[40] ?? 0) ^ 1
    damaged.copy(image, first.startByte)
    const layout = await layoutOf(medium)
    expect((await readSeal(medium, layout))?.bytes.subarray(0, seal.length)).toEqual(damaged)
    seal.copy(image, second.startByte)
    expect((await readSeal(medium, layout))?.slot).toBe(second.name)
  })

  it('goes elsewhere when a place reads back differently, and says so when none is left', async () => {
    const stubborn = mediumOf(readImage('mbr-fat32'))
    const lying: BlockSource = { ...stubborn, write: async () => undefined }
    await expect(writeSeal(lying, seal)).rejects.toMatchObject({
      code: 'no-place-for-seal',
      context: { tried: expect.stringContaining('reads back differently') as unknown },
    })
  })

  it('never makes the boot block of an ext look like a boot sector', async () => {
    const image = readImage('ext4')
    const long = sealOf('M-2026-0001', 700)
    expect(long.length).toBeGreaterThan(512)
    const medium = mediumOf(image)
    expect(await writeSeal(medium, long)).toEqual({ slot: 'boot-block' })
    expect(image.readUInt16LE(510)).not.toBe(0xaa55)
    const marked = Buffer.from(long)
    marked.writeUInt16LE(0xaa55, 510)
    await eraseSeal(medium)
    await expect(writeSeal(medium, marked)).rejects.toMatchObject({ code: 'no-place-for-seal' })
  })

  it('is not written where it would not fit', async () => {
    const tooLong = sealOf('M-2026-0001', 1_100)
    expect(tooLong.length).toBeGreaterThan(1_024)
    await expect(writeSeal(mediumOf(readImage('ext4')), tooLong)).rejects.toBeInstanceOf(ShoukouError)
    expect(await writeSeal(mediumOf(readImage('mbr-fat32')), tooLong)).toEqual({
      slot: 'before-first-partition',
    })
  })

  it('stands in whole blocks of 4,096 bytes where the medium has those', async () => {
    const image = readImage('mbr-fat32')
    // The same table, counted in blocks of 4,096.
    image.writeUInt32LE(256, 446 + 8)
    image.writeUInt32LE(10_240, 446 + 12)
    const medium = mediumOf(image, { blockBytes: 4_096 })
    expect(await writeSeal(medium, seal)).toEqual({ slot: 'before-first-partition' })
    expect(image.indexOf(seal) % 4_096).toBe(0)
    // An ext has its boot block and its superblock in one such block.
    await expect(writeSeal(mediumOf(readImage('ext4'), { blockBytes: 4_096 }), seal)).rejects.toBeInstanceOf(
      ShoukouError,
    )
  })
})

describe('a seal on an ext4 that is used', () => {
  it.each([
    ['in a partition', true],
    ['on the whole medium', false],
  ])(
    'survives mounting, filling, emptying and checking: %s',
    { timeout: 60_000 },
    async (_, isPartitioned) => {
      const path = join(folder, `ext4-${isPartitioned}.img`)
      const offset = isPartitioned ? 1_048_576 : 0
      writeFileSync(path, '')
      truncateSync(path, 16 * 1_048_576)
      const size = isPartitioned ? '14336k' : '16384k'
      execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-E', `offset=${offset}`, path, size], {
        stdio: 'pipe',
      })
      if (isPartitioned) {
        const bytes = readFileSync(path)
        bytes.writeUInt32LE(0x5ea1ab1e, 440)
        bytes[450] = 0x83
        bytes.writeUInt32LE(2_048, 454)
        bytes.writeUInt32LE(14 * 2_048, 458)
        bytes.writeUInt16LE(0xaa55, 510)
        writeFileSync(path, bytes)
      }
      const check = () =>
        execFileSync('fsck.ext4', ['-f', '-n', offset === 0 ? path : `${path}?offset=${offset}`], {
          stdio: 'pipe',
        })
      await withFile(path, true, async (source) => {
        expect(await writeSeal(source, seal)).toEqual({
          slot: isPartitioned ? 'before-first-partition' : 'boot-block',
        })
      })
      check()
      const mountPoint = join(folder, `mnt-${isPartitioned}`)
      mkdirSync(mountPoint)
      execFileSync('mount', ['-t', 'ext4', '-o', `loop,offset=${offset}`, path, mountPoint])
      try {
        execFileSync(
          'sh',
          [
            '-c',
            'dd if=/dev/zero of=noise bs=1M count=1 2>/dev/null; n=0; while cp noise $n 2>/dev/null; do n=$((n+1)); done; [ $n -gt 3 ]; rm [0-9]*; echo hello >file; sync',
          ],
          { cwd: mountPoint },
        )
      } finally {
        execFileSync('umount', [mountPoint])
      }
      check()
      await withFile(path, false, async (source) => {
        const { sealBytes, passport } = await examineMedium(source, about)
        expect(sealBytes?.subarray(0, seal.length)).toEqual(seal)
        expect(passport.fileSystems).toMatchObject([{ kind: 'ext4' }])
      })
    },
  )
})

async function withFile(path: string, forWriting: boolean, run: (source: BlockSource) => Promise<void>) {
  const source = await openBlockFile({ path, method: 'guarded', forWriting })
  try {
    await run(source)
  } finally {
    await source.close()
  }
}

function layoutOf(source: BlockSource) {
  return readLayout(readFrugally(source, EXAMINATION_BUDGET))
}

/** `filler` bytes that do not deflate. */
function sealOf(number: string, filler = 0): Buffer {
  const noise = Buffer.from(seededRandom(1).bytes(filler)).toString('base64')
  return encodeSealBytes({
    payload: Buffer.from(JSON.stringify({ v: 1, number, noise })).toString('base64'),
    signature: Buffer.alloc(64, 7).toString('base64'),
  })
}
