import { describe, expect, it } from 'vitest'
import { mediumOf, readImage } from './fixtures/image.ts'
import { readPartitionTable } from './partition-table.ts'

const tableOf = (image: Buffer, blockBytes = 512) => readPartitionTable(mediumOf(image, { blockBytes }))

describe('a partition table', () => {
  it('lists primary and logical partitions as the kernel numbers them', async () => {
    const { partitions, kind, faults } = await tableOf(readImage('extended'))
    expect(kind).toBe('mbr')
    expect(faults).toEqual([])
    expect(
      partitions.map(({ number, startByte, sizeBytes }) => [number, startByte / 512, sizeBytes / 512]),
    ).toEqual([
      [1, 2_048, 4_096],
      [5, 10_240, 4_096],
      [6, 16_384, 4_096],
    ])
  })

  it('stops at a chain that leads back to itself, that leaves its container, and at a broken one', async () => {
    const image = readImage('extended')
    const next = firstBootRecord(image) + 446 + 16
    expect(image[next + 4]).toBe(5)
    const told = async (start: number) => {
      image.writeUInt32LE(start, next + 8)
      return (await tableOf(image)).faults
    }
    expect(await told(0)).toEqual(['the chain of logical partitions leads back to itself'])
    expect(await told(60_000)).toEqual(['the chain of logical partitions leaves its container'])
    expect(await told(40_000)).toEqual(['a boot record of a logical partition is none'])
  })

  it('walks a chain no further than a person could have made one', async () => {
    const image = Buffer.alloc(4 * 1_048_576)
    writeEntry(image, 446, 5, 64, 8_000)
    image.writeUInt16LE(0xaa55, 510)
    for (let index = 0; index < 900; index += 1) {
      const at = (64 + index * 2) * 512
      writeEntry(image, at + 446, 0x83, 1, 1)
      writeEntry(image, at + 462, 5, (index + 1) * 2, 2)
      image.writeUInt16LE(0xaa55, at + 510)
    }
    const { partitions, faults } = await tableOf(image)
    expect(partitions).toHaveLength(60)
    expect(faults).toEqual(['the chain of logical partitions goes on after 60'])
  })

  it('is a GPT by its backup when the first header is lost, and says so', async () => {
    const whole = await tableOf(readImage('gpt'))
    const backup = await tableOf(readImage('gpt-primary-lost'))
    expect(backup).toEqual({ ...whole, faults: [expect.stringContaining('backup')] })
    expect(whole.faults).toEqual([])
    expect(whole.tableEndByte).toBe(34 * 512)
    expect(whole.tailStartByte).toBe(50_331_648 - 33 * 512)
  })

  it('believes no GPT whose sums are wrong', async () => {
    const image = readImage('gpt')
    image[1_024 + 60] = (image[1_024 + 60] ?? 0) ^ 1
    expect((await tableOf(image)).faults).toEqual([expect.stringContaining('vouches')])
    expect((await tableOf(image)).partitions).toEqual([])
    for (const at of [512, image.length - 512]) image[at + 57] = (image[at + 57] ?? 0) ^ 1
    const neither = await tableOf(image)
    expect(neither.kind).toBe('mbr')
    expect(neither.partitions).toEqual([])
    expect(neither.faults).toContain('the MBR announces a GPT, and there is none that holds')
  })

  it('tells of a hybrid', async () => {
    const hybrid = await tableOf(readImage('hybrid'))
    expect(hybrid.kind).toBe('gpt')
    expect(hybrid.faults).toEqual([expect.stringContaining('hybrid')])
  })

  it.each(['fat12', 'fat16', 'ext4', 'iso9660', 'btrfs', 'luks1'])('is none on %s', async (name) => {
    expect(await tableOf(readImage(name))).toMatchObject({
      kind: 'none',
      id: null,
      partitions: [],
      faults: [],
    })
  })

  it('does not reach beyond its medium, and overlaps are told', async () => {
    const image = Buffer.alloc(1_048_576)
    writeEntry(image, 446, 0x0c, 64, 0xffff_fff0)
    writeEntry(image, 462, 0x83, 100, 10)
    writeEntry(image, 478, 0x83, 0xffff_0000, 0xffff)
    image.writeUInt16LE(0xaa55, 510)
    const { partitions, faults } = await tableOf(image)
    expect(partitions.map(({ number, sizeBytes }) => [number, sizeBytes])).toEqual([
      [1, 1_048_576 - 64 * 512],
      [2, 5_120],
    ])
    expect(faults).toEqual([
      'partition 1 reaches beyond the end of the medium',
      'partition 2 overlaps another',
      'partition 3 reaches beyond the end of the medium',
    ])
  })

  it('counts in blocks of the medium', async () => {
    const image = readImage('mbr-fat32')
    const { partitions } = await tableOf(image, 4_096)
    expect(partitions[0]?.startByte).toBe(2_048 * 4_096)
  })
})

function firstBootRecord(image: Buffer): number {
  for (let at = 446; at < 510; at += 16) if (image[at + 4] === 5) return image.readUInt32LE(at + 8) * 512
  throw new Error('the image has an extended partition')
}

function writeEntry(image: Buffer, at: number, type: number, start: number, count: number): void {
  image[at + 4] = type
  image.writeUInt32LE(start, at + 8)
  image.writeUInt32LE(count, at + 12)
}
