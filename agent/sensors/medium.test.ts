import { type Baseline, type BlockDevice, diskKey, isOwnDisk } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { type BlockEntry, blockBusOf, serialOfVpd80, trimPadding, usbPathOf } from './block-entry.ts'
import { isOnMedium } from './medium.ts'
import { EMPTY_BASELINE } from './testing/recording-context.ts'

describe('the bus of a disk', () => {
  // Places as the kernel's drivers lay them out (Documentation/ABI/testing/sysfs-*), not recorded.
  const usb = '/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.3/1-2.3:1.0/host6/target6:0:0/6:0:0:0/block/'
  const ata = '/devices/pci0000:00/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0/block/'
  it.each([
    ['sdb', `${usb}sdb`, 'usb'],
    ['sda', `${ata}sda`, 'ata'],
    [
      'sdc',
      '/devices/pci0000:00/0000:03:00.0/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0/block/sdc',
      'scsi',
    ],
    ['sdd', '/devices/platform/host3/session1/target3:0:0/3:0:0:1/block/sdd', 'network'],
    ['sr0', `${usb}sr0`, 'optical'],
    ['nvme0n1', '/devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0/nvme0n1', 'nvme'],
    ['nvme1n1', '/devices/virtual/nvme-fabrics/ctl/nvme1/nvme1n1', 'network'],
    ['mmcblk0', '/devices/pci0000:00/0000:00:1a.0/mmc_host/mmc0/mmc0:0001/block/mmcblk0', 'mmc'],
    ['vda', '/devices/pci0000:00/0000:00:02.0/virtio1/block/vda', 'virtio'],
    ['fd0', '/devices/platform/floppy.0/block/fd0', 'floppy'],
    ['loop3', '/devices/virtual/block/loop3', 'loop'],
    ['dm-0', '/devices/virtual/block/dm-0', 'mapped'],
    ['md127', '/devices/virtual/block/md127', 'mapped'],
    ['zram0', '/devices/virtual/block/zram0', 'memory'],
    ['nbd0', '/devices/virtual/block/nbd0', 'network'],
    ['xvda', '/devices/vbd-768/block/xvda', 'other'],
  ])('of %s at %s is %s', (name, devpath, bus) => {
    expect(blockBusOf(name, devpath)).toBe(bus)
  })

  it('names the nearest USB device above it', () => {
    expect(usbPathOf(`${usb}sdb`)).toBe('1-2.3')
    expect(usbPathOf(`${ata}sda`)).toBeNull()
  })
})

it('reads the serial of a SCSI page without its padding, and of a lying page no more than is there', () => {
  const page = Buffer.concat([Buffer.from([0, 0x80, 0, 8]), Buffer.from('  AB12  ')])
  expect(Buffer.from(serialOfVpd80(page) ?? []).toString()).toBe('AB12')
  expect(
    Buffer.from(
      serialOfVpd80(Buffer.concat([Buffer.from([0, 0x80, 0xff, 0xff]), Buffer.from('X')])) ?? [],
    ).toString(),
  ).toBe('X')
  expect(serialOfVpd80(Buffer.from([0, 0x83, 0, 1, 65]))).toBeNull()
  expect(serialOfVpd80(Buffer.alloc(3))).toBeNull()
  expect(trimPadding(Buffer.from('   ')).length).toBe(0)
})

const device = (more: Partial<BlockDevice>): BlockDevice => ({
  name: 'sda',
  number: '8:0',
  bus: 'ata',
  sizeBytes: 1_000,
  isRemovable: false,
  isReadOnly: false,
  vendor: null,
  model: null,
  serial: 'S1',
  wwn: null,
  usbPath: null,
  ...more,
})
const entry = (more: Partial<BlockDevice>, rest: Partial<BlockEntry> = {}): BlockEntry => ({
  device: device(more),
  devpath: '',
  diskSequence: null,
  partitions: [],
  slaves: [],
  mappedName: null,
  ...rest,
})
const baselineOf = (...disks: BlockDevice[]): Baseline => ({
  ...EMPTY_BASELINE,
  disks: disks.map(({ name, serial, wwn, sizeBytes }) => ({ name, serial, wwn, sizeBytes })),
})

describe('own disks', () => {
  it('are known by serial whatever name they get, and by name and size where they have none', () => {
    const baseline = baselineOf(device({}), device({ name: 'vda', serial: null, sizeBytes: 5 }))
    expect(isOwnDisk(device({ name: 'sdz' }), baseline)).toBe(true)
    expect(isOwnDisk(device({ serial: 'S2' }), baseline)).toBe(false)
    expect(isOwnDisk(device({ name: 'vda', serial: null, sizeBytes: 5 }), baseline)).toBe(true)
    expect(isOwnDisk(device({ name: 'vda', serial: null, sizeBytes: 6 }), baseline)).toBe(false)
  })

  it('do not include the card that is put into an own reader', () => {
    const reader = device({ name: 'sdb', bus: 'usb', isRemovable: true, serial: 'READER', sizeBytes: 0 })
    expect(isOwnDisk(reader, baselineOf(reader))).toBe(true)
    expect(isOwnDisk({ ...reader, sizeBytes: 32_000_000 }, baselineOf(reader))).toBe(false)
  })

  it('are never taken for one another across kinds of keys', () => {
    expect(diskKey(device({ serial: 'X', wwn: null }))).not.toBe(diskKey(device({ serial: null, wwn: 'X' })))
  })
})

describe('a mount', () => {
  const own = entry({}, { partitions: [{ name: 'sda1', number: '8:1' }] })
  const stick = entry(
    { name: 'sdb', number: '8:16', bus: 'usb', serial: 'STICK', isRemovable: true },
    { partitions: [{ name: 'sdb1', number: '8:17' }] },
  )
  const thunderbolt = entry({ name: 'nvme1n1', number: '259:5', bus: 'nvme', serial: 'TB' })
  const mapped = (name: string, number: string, slaves: string[]): BlockEntry =>
    entry({ name, number, bus: 'mapped', serial: null }, { slaves, mappedName: `crypt-${name}` })
  const disks = new Map([
    ['sda', own],
    ['sdb', stick],
    ['nvme1n1', thunderbolt],
    ['dm-0', mapped('dm-0', '254:0', ['sda1'])],
    ['dm-1', mapped('dm-1', '254:1', ['sdb1'])],
    ['dm-2', mapped('dm-2', '254:2', ['dm-1'])],
    ['dm-3', mapped('dm-3', '254:3', ['dm-3'])],
    ['loop0', entry({ name: 'loop0', number: '7:0', bus: 'loop', serial: null })],
    ['loop1', entry({ name: 'loop1', number: '7:1', bus: 'loop', serial: null }, { slaves: ['sdb'] })],
  ])
  const baseline = baselineOf(own.device)
  const on = (number: string, source = 'x'): boolean =>
    isOnMedium({ number, source: Buffer.from(source) }, disks, baseline)

  it('is on a medium where its disk is none of the computer’s own, whatever the bus', () => {
    expect(['8:1', '8:17', '8:16', '259:5'].map((number) => on(number))).toEqual([false, true, true, true])
  })

  it('is followed through what is mapped, and not round a circle', () => {
    expect(['254:0', '254:1', '254:2', '254:3'].map((number) => on(number))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('with a number of its own making is found by its source', () => {
    expect(on('0:45', '/dev/sdb1')).toBe(true)
    expect(on('0:45', '/dev/mapper/crypt-dm-1')).toBe(true)
    expect(on('0:45', '/dev/sda1')).toBe(false)
    expect(on('0:45', 'tmpfs')).toBe(false)
  })

  it('is on the medium below where a loop device lies on a disk: so is a read-only medium read', () => {
    expect(on('7:1')).toBe(true)
  })

  it('of a loop device over a file, or of nothing known, is on none', () => {
    expect([on('7:0'), on('99:9')]).toEqual([false, false])
  })
})
