import { PassportSchema, ShoukouError } from '@shoukou/protocol'
import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../protocol/fixtures/seeded-random.ts'
import type { BlockSource } from './block-source.ts'
import { createBulkOnlySession } from './bulk-only-session.ts'
import { examineMedium } from './examine-medium.ts'
import { readImage } from './fixtures/image.ts'
import { type PretendStick, pretendStick, type StickOptions } from './fixtures/pretend-stick.ts'
import { sealForTests } from './fixtures/seal.ts'
import { openScsiDisk } from './scsi-disk.ts'
import { writeSeal } from './seal-slot.ts'

const about = { bus: 'usb', usb: null } as const
const image = readImage('mbr-fat32')

function openStick(
  stick: PretendStick,
  more: { lastUnit?: number; isWritable?: boolean } = {},
): Promise<BlockSource> {
  return openScsiDisk({
    session: createBulkOnlySession(stick),
    lastUnit: more.lastUnit ?? 0,
    isWritable: more.isWritable ?? false,
    wait: async () => undefined,
    close: async () => undefined,
  })
}
const open = (options: Partial<StickOptions> = {}, more = {}) =>
  openStick(pretendStick({ image, ...options }), more)

describe('a stick behind Bulk-Only Transport', () => {
  it('is known by what it says and by what stands on it', async () => {
    const pages = new Map([
      [0x00, Buffer.from([0, 0, 0, 3, 0x00, 0x80, 0x83])],
      [0x80, Buffer.from([0, 0x80, 0, 6, ...Buffer.from('  S1 \0')])],
      [
        0x83,
        Buffer.from([
          0, 0x83, 0, 24, 0x61, 0x93, 0, 4, 1, 2, 3, 4, 1, 3, 0, 8, 0x50, 1, 2, 3, 4, 5, 6, 7, 0x10, 0, 0, 0,
        ]),
      ],
    ])
    const { passport, faults, units } = await examineMedium(await open({ pages }), about)
    expect(passport).toMatchObject({
      inquiry: { vendor: 'Shoukou', product: 'Pretend stick', revision: '1.00' },
      diskSerial: 'S1',
      wwn: 'naa.5001020304050607',
      sizeBytes: image.length,
      blockBytes: 512,
      fileSystems: [{ partition: 1, kind: 'vfat', uuid: '0A1B-2C3D' }],
    })
    expect(faults).toEqual([])
    expect(units).toEqual([{ number: 0, peripheralType: 0, isReady: true }])
  })

  it('is not asked for pages where it is older than SPC-3: such sticks hang', async () => {
    const stick = pretendStick({ image, version: 4 })
    const { passport } = await examineMedium(await openStick(stick), about)
    expect(passport).toMatchObject({ diskSerial: null, wwn: null })
    expect(stick.commands.filter((command) => command[0] === 0x12 && command[1] === 1)).toEqual([])
  })

  it('is waited for when it tells of a changed medium, is empty without one, and refused when it never is ready', async () => {
    const stick = pretendStick({ image, notReady: { times: 3, sense: [6, 0x28, 0] } })
    expect((await openStick(stick)).sizeBytes).toBe(image.length)
    expect(stick.commands.filter((command) => command[0] === 3)).toHaveLength(3)
    const empty = await open({ notReady: { times: 9, sense: [2, 0x3a, 0] } })
    expect(empty.units).toEqual([{ number: 0, peripheralType: 0, isReady: false }])
    const { passport, faults } = await examineMedium(empty, about)
    expect(passport).toMatchObject({ sizeBytes: 0, blockBytes: null, partitionTable: null, fileSystems: [] })
    expect(passport.inquiry).toMatchObject({ vendor: 'Shoukou' })
    expect(faults).toEqual(['there is no medium in the device'])
    await expect(open({ notReady: { times: 1e9, sense: [2, 4, 1] } })).rejects.toMatchObject({
      context: { step: 'ready', sense: '2/4/1' },
    })
  })

  it.each([0, 3, 256, 8_192, 0xffff_ffff])(
    'is refused when it claims blocks of %d bytes',
    async (blockBytes) => {
      await expect(open({ blockBytes, lastBlock: 10 })).rejects.toMatchObject({
        code: 'medium-unreadable',
        context: { step: 'capacity' },
      })
    },
  )

  it('is read beyond two terabytes, in blocks of 4,096 too, and refused where no number reaches', async () => {
    const stick = pretendStick({ image, blockBytes: 4_096, lastBlock: 2 ** 33 })
    const source = await openStick(stick)
    expect(source.sizeBytes).toBe((2 ** 33 + 1) * 4_096)
    await source.read(2 ** 33 * 4_096, 4_096)
    expect(stick.commands.at(-1)?.[0]).toBe(0x88)
    await expect(open({ lastBlock: 2 ** 52 })).rejects.toMatchObject({ context: { step: 'capacity' } })
  })

  it('gives bytes across blocks and transfers, and none past its end', async () => {
    const source = await open()
    expect(await source.read(1_048_576 + 3, 70_000)).toEqual(image.subarray(1_048_579, 1_118_579))
    await expect(source.read(image.length - 1, 2)).rejects.toMatchObject({ context: { step: 'bounds' } })
    const [first, second] = await Promise.all([source.read(0, 512), source.read(1_048_576, 512)])
    expect(first).toEqual(image.subarray(0, 512))
    expect(second).toEqual(image.subarray(1_048_576, 1_049_088))
  })

  it('takes a seal where it was opened for writing, and nowhere else', async () => {
    const own = Buffer.from(image)
    const source = await open({ image: own }, { isWritable: true })
    expect(await writeSeal(source, sealForTests)).toEqual({ slot: 'before-first-partition' })
    expect(own.indexOf(sealForTests)).toBe(1_048_576 - 4_096)
    await expect((await open()).write(0, Buffer.alloc(512))).rejects.toMatchObject({
      context: { step: 'write' },
    })
    await expect(source.write(1, Buffer.alloc(512))).rejects.toMatchObject({ context: { step: 'write' } })
  })

  it('tells of all its units', async () => {
    const source = await open({}, { lastUnit: 2 })
    expect(source.units.map(({ number }) => number)).toEqual([0, 1, 2])
    expect((await examineMedium(source, about)).faults).toEqual([expect.stringContaining('3 logical units')])
  })

  it.each<[string, NonNullable<StickOptions['lie']>]>([
    ['the status of another command', (what, bytes) => changed(what === 'status', bytes, 4)],
    ['a status without its mark', (what, bytes) => changed(what === 'status', bytes, 0)],
    [
      'a phase error',
      (what, bytes) => (what === 'status' ? Buffer.concat([bytes.subarray(0, 12), Buffer.of(2)]) : bytes),
    ],
    ['half a status', (what, bytes) => (what === 'status' ? bytes.subarray(0, 6) : bytes)],
    ['nothing', () => ({ kind: 'failed', reason: 'errno 110', isGone: false })],
  ])('is reset, asked once more and refused when it answers with %s', async (_, lie) => {
    const stick = pretendStick({ image, lie })
    await expect(openStick(stick)).rejects.toMatchObject({
      code: 'medium-unreadable',
      context: { step: 'inquiry', recovered: true },
    })
    expect(stick.resets()).toBe(2)
  })

  it('is read on after a stall of its data, and an error of one block is a fault of one part', async () => {
    let stalls = 0
    const source = await open({
      lie: (what, bytes, command) => {
        if (what !== 'data' || command[0] !== 0x28 || command.readUInt32BE(2) < 4_000) return bytes
        stalls += 1
        return { kind: 'stalled' }
      },
    })
    const { passport, faults } = await examineMedium(source, about)
    expect(stalls).toBeGreaterThan(0)
    expect(faults).toEqual([expect.stringContaining('end-of-medium')])
    expect(passport.fileSystems).toHaveLength(1)
  })

  it('is read all the same when whoever spoke to it before died in the middle', async () => {
    let answers = 0
    const stick = pretendStick({
      image,
      lie: (what, bytes) => {
        answers += 1
        return answers === 2 && what === 'status' ? changed(true, bytes, 4) : bytes
      },
    })
    expect((await openStick(stick)).sizeBytes).toBe(image.length)
    expect(stick.resets()).toBe(1)
  })

  it('is gone at once when the kernel says so', async () => {
    const stick = pretendStick({ image, lie: () => ({ kind: 'failed', reason: 'errno 19', isGone: true }) })
    await expect(openStick(stick)).rejects.toMatchObject({ context: { gone: true } })
    expect(stick.resets()).toBe(0)
  })

  it('never throws anything but an operating error, whatever it answers', { timeout: 30_000 }, async () => {
    const random = seededRandom(50_50)
    let opened = 0
    for (let round = 0; round < 500; round += 1) {
      const rate = random.pick([4, 20, 60])
      const lie: StickOptions['lie'] = (_, bytes) => {
        if (random.int(rate) > 0) return bytes
        if (random.int(4) === 0)
          return { kind: random.int(2) === 0 ? 'stalled' : 'failed', reason: 'errno 71', isGone: false }
        const told = Buffer.from(bytes.subarray(0, random.int(bytes.length + 1)))
        for (let count = random.int(4); count > 0 && told.length > 0; count -= 1) {
          told[random.int(told.length)] = random.pick([0, 1, 0x7f, 0xff, random.int(256)])
        }
        return told
      }
      const pages = new Map([
        [0x00, Buffer.from([0, 0, 0, 3, 0x00, 0x80, 0x83])],
        [0x80, Buffer.from(random.bytes(20)).fill(0x80, 1, 2)],
        [0x83, Buffer.from(random.bytes(60)).fill(0x83, 1, 2)],
      ])
      try {
        const source = await open({ lie, pages }, { lastUnit: random.int(3) })
        opened += 1
        const { passport } = await examineMedium(source, about)
        expect(Value.Check(PassportSchema, passport)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(ShoukouError)
      }
    }
    expect(opened).toBeGreaterThan(50)
  })
})

function changed(isMeant: boolean, bytes: Buffer, at: number): Buffer {
  if (!isMeant) return bytes
  const other = Buffer.from(bytes)
  other[at] = (other[at] ?? 0) ^ 0xff
  return other
}
