/** Loop devices are this kernel's: needs root, and fails without. SCSI and NVMe are a sysfs of files. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { needRoot } from '../sensors/testing/recording-context.ts'
import { SysfsTree } from '../sensors/testing/sysfs-tree.ts'
import { readAllDiskNumbers, readDiskNumbers } from './disk-numbers-linux.ts'
import { readNumbersInUse } from './disks-in-use-linux.ts'

let folder: string
const loops: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoukou-disks-'))
})
afterEach(() => {
  for (const loop of loops.splice(0).reverse()) execFileSync('losetup', ['-d', loop])
  rmSync(folder, { recursive: true, force: true })
})

function loopOver(path: string): { path: string; name: string; number: string } {
  const loop = execFileSync('losetup', ['--find', '--show', path], { encoding: 'utf8' }).trim()
  loops.push(loop)
  const name = loop.replace('/dev/', '')
  return { path: loop, name, number: `7:${name.replace('loop', '')}` }
}

it('names the disk behind a loop device, and none where a file is behind it', async () => {
  needRoot()
  const image = join(folder, 'image')
  writeFileSync(image, '')
  truncateSync(image, 1024 * 1024)
  const lower = loopOver(image)
  const upper = loopOver(lower.path)
  expect(await readDiskNumbers('/sys', lower.name)).toMatchObject({ number: lower.number, liesOn: [] })
  expect(await readDiskNumbers('/sys', upper.name)).toMatchObject({ liesOn: [lower.number] })
  const all = await readAllDiskNumbers('/sys')
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining([lower.name, upper.name]))
})

it('finds a loop device in use while it is mounted, or while it is swap', async () => {
  needRoot()
  const image = join(folder, 'image')
  writeFileSync(image, '')
  truncateSync(image, 8 * 1024 * 1024)
  const loop = loopOver(image)
  const uses = async () =>
    (await readNumbersInUse({ proc: '/proc', sys: '/sys' })).filter(({ number }) => number === loop.number)
  expect(await uses()).toEqual([])
  execFileSync('mkfs.ext4', ['-q', loop.path])
  const target = join(folder, 'a b')
  execFileSync('mkdir', [target])
  execFileSync('mount', [loop.path, target])
  expect(await uses()).toEqual([{ number: loop.number, why: 'mounted', where: target }])
  execFileSync('umount', [target])
  execFileSync('mkswap', ['-q', loop.path], { stdio: 'pipe' })
  execFileSync('swapon', [loop.path])
  expect(await uses()).toEqual([{ number: loop.number, why: 'swap', where: loop.path }])
  execFileSync('swapoff', [loop.path])
})

it('names partitions, and the nodes that let SCSI commands through', async () => {
  const tree = new SysfsTree({ withUsb: false })
  const place = 'devices/pci0000:00/host6/target6:0:0/6:0:0:0/block/sdb'
  tree.addDisk(place, {
    dev: '8:16\n',
    diskseq: '7\n',
    'sdb1/dev': '8:17\n',
    'sdb1/holders/dm-0/dev': '253:0\n',
    'device/scsi_generic/sg1/dev': '21:1\n',
    'device/bsg/6:0:0:0/dev': '248:3\n',
  })
  expect(await readDiskNumbers(tree.root, 'sdb')).toEqual({
    name: 'sdb',
    number: '8:16',
    diskSequence: 7,
    partitions: [{ name: 'sdb1', number: '8:17' }],
    characters: [
      { name: 'sg1', number: '21:1' },
      { name: '6:0:0:0', number: '248:3' },
    ],
    liesOn: [],
    holders: ['253:0'],
  })
  expect(await readDiskNumbers(tree.root, 'sdc')).toBeNull()
  tree[Symbol.dispose]()
})

it('names the controller and the generic node of an NVMe disk', async () => {
  const tree = new SysfsTree({ withUsb: false })
  tree.addDisk('devices/pci0000:00/nvme/nvme0/nvme0n1', {
    dev: '259:0\n',
    'device/dev': '251:0\n',
    '../../../../../class/nvme-generic/ng0n1/dev': '250:0\n',
    '../../../../../class/nvme-generic/ng1n1/dev': '250:1\n',
  })
  const found = await readDiskNumbers(tree.root, 'nvme0n1')
  expect(found?.characters.map(({ number }) => number)).toEqual(['251:0', '250:0'])
  tree[Symbol.dispose]()
})
