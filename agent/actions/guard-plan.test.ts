import { describe, expect, it } from 'vitest'
import { nameOfKey } from './device-guard.ts'
import { type GuardDisk, isForSystem, majorEntries, type NumberInUse, planGuard } from './guard-plan.ts'

const procDevices = `Character devices:
  1 mem
  9 st
 21 sg
245 hidraw
248 bsg
250 nvme-generic

Block devices:
  7 loop
  8 sd
  9 md
 65 sd
253 device-mapper
259 blkext
`

function disk(name: string, number: string, more: Partial<GuardDisk> = {}): GuardDisk {
  return {
    name,
    number,
    diskSequence: 1,
    partitions: [],
    characters: [],
    liesOn: [],
    holders: [],
    isOwn: false,
    ...more,
  }
}
const own = disk('nvme0n1', '259:0', {
  isOwn: true,
  partitions: [{ name: 'nvme0n1p1', number: '259:1' }],
  characters: [{ name: 'ng0n1', number: '250:0' }],
})
const stick = disk('sda', '8:0', {
  partitions: [{ name: 'sda1', number: '8:1' }],
  characters: [{ name: 'sg0', number: '21:0' }],
})
const mounted = (number: string): NumberInUse => ({ number, why: 'mounted', where: '/srv' })

function plan(disks: readonly GuardDisk[], inUse: readonly NumberInUse[] = []) {
  const found = planGuard({ disks, procDevices, inUse })
  const rights = Object.fromEntries(found.entries.map((entry) => [nameOfKey(entry.key), entry.right]))
  return { ...found, rights, names: found.refused.map(({ name }) => name) }
}

describe('the guard begins', () => {
  it('with the own disks open, partitions of the extended major one by one, nodes included', () => {
    const { rights, names, spared } = plan([own, stick])
    expect(rights).toEqual({
      'block 7:*': 'read-write',
      'block 9:*': 'read-write',
      'block 253:*': 'read-write',
      'block 259:0': 'read-write',
      'block 259:1': 'read-write',
      'character 250:0': 'read-write',
      'character 9:*': 'none',
      'character 21:*': 'none',
      'character 86:*': 'none',
      'character 206:*': 'none',
      'character 248:*': 'none',
      'character 250:*': 'none',
    })
    expect(names).toEqual(['sda'])
    expect(spared).toEqual([])
  })

  it('with what is mounted spared, the whole disk with it, and says so', () => {
    const { rights, names, spared, entries } = plan([own, stick], [mounted('8:1')])
    expect(rights).toMatchObject({
      'block 8:0': 'read-write',
      'block 8:1': 'read-write',
      'character 21:0': 'read-write',
    })
    expect(names).toEqual([])
    expect(spared).toEqual([{ name: 'sda', number: '8:0', uses: [mounted('8:1')] }])
    expect(entries.filter((entry) => entry.isSpared)).toHaveLength(3)
  })

  it('with a disk spared that only a mapped one on another mapped one makes use of', () => {
    const volume = disk('dm-1', '253:1', { liesOn: ['253:0'] })
    const crypt = disk('dm-0', '253:0', { liesOn: ['8:1'] })
    const { spared, names } = plan([own, stick, crypt, volume], [mounted('253:1')])
    expect(spared.map(({ name }) => name)).toEqual(['sda'])
    expect(names).toEqual([])
  })

  it('with a mapped or loop disk shut that lies on a refused one, though its major is open', () => {
    const crypt = disk('dm-0', '253:0', {
      liesOn: ['8:1'],
      partitions: [{ name: 'dm-0p1', number: '253:7' }],
    })
    const loop = disk('loop0', '7:0', { liesOn: ['8:0'] })
    const striped = disk('md0', '9:0', { liesOn: ['259:1', '8:1'] })
    const onOwn = disk('dm-2', '253:2', { liesOn: ['259:1'] })
    const { rights, names } = plan([own, stick, crypt, loop, striped, onOwn])
    expect(rights).toMatchObject({
      'block 253:0': 'none',
      'block 253:7': 'none',
      'block 7:0': 'none',
      'block 9:0': 'none',
    })
    expect(rights).not.toHaveProperty('block 253:2')
    expect(names).toEqual(['sda', 'dm-0', 'loop0', 'md0'])
  })

  it('with a mapped disk shut that lies on a disk nobody knows, or on itself', () => {
    expect(plan([disk('dm-0', '253:0', { liesOn: ['8:77'] })]).names).toEqual(['dm-0'])
    expect(plan([disk('dm-0', '253:0', { liesOn: ['253:0'] })]).names).toEqual([])
  })

  it('with a loop device over a file open, and a network disk shut', () => {
    expect(plan([disk('loop0', '7:0'), disk('nbd0', '43:0')]).names).toEqual(['nbd0'])
  })

  it('naming the kinds of nodes that no driver has a major for yet', () => {
    expect(plan([]).unnamed).toEqual(['nvme'])
    expect(planGuard({ disks: [], procDevices: '', inUse: [] }).unnamed).toEqual([
      'bsg',
      'nvme',
      'nvme-generic',
    ])
  })
})

it('a list of majors that is cut short opens nothing', () => {
  expect(majorEntries('Character devices:\n  7 loop\nBlock dev').every(({ right }) => right === 'none')).toBe(
    true,
  )
})

it('takes what the computer hangs on for the system’s, and a stick that somebody mounted for a medium', () => {
  const use = (why: 'mounted' | 'swap', where: string) => isForSystem({ number: '8:16', why, where })
  for (const where of ['/', '/usr', '/boot/efi', '/home/wang', '/var/lib/shoukou'])
    expect(use('mounted', where)).toBe(true)
  expect(use('swap', '/dev/sdb2')).toBe(true)
  for (const where of ['/mnt', '/media/wang/STICK', '/run/media/wang/STICK', '/usrlocal'])
    expect(use('mounted', where)).toBe(false)
})
