/** On this kernel's loop devices: needs root, and fails without. */
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { needRoot } from '../sensors/testing/recording-context.ts'
import { writeUevent } from './block-cut-linux.ts'
import { readReadOnly, rereadPartitions, setDiskReadOnly, setReadOnly } from './block-read-only-linux.ts'
import { readDiskNumbers } from './disk-numbers-linux.ts'
import { SysfsWriter } from './usb-control-writes-linux.ts'

let folder: string
let name: string
let node: { readonly path: string; readonly number: string }

beforeEach(() => {
  needRoot()
  folder = mkdtempSync(join(tmpdir(), 'shoukou-read-only-'))
  const image = join(folder, 'image')
  writeFileSync(image, '')
  truncateSync(image, 4 * 1024 * 1024)
  const path = execFileSync('losetup', ['--find', '--show', '--partscan', image], { encoding: 'utf8' }).trim()
  name = path.replace('/dev/', '')
  node = { path, number: `7:${name.replace('loop', '')}` }
})
afterEach(() => {
  // A loop device keeps its protection for the next file.
  execFileSync('blockdev', ['--setrw', node.path])
  execFileSync('losetup', ['-d', node.path])
  rmSync(folder, { recursive: true, force: true })
})

function tryWriting(path: string): string {
  // Newer kernels let a protected disk be opened for writing, and refuse the write.
  try {
    const fd = openSync(path, 'r+')
    try {
      writeSync(fd, Buffer.alloc(512), 0, 512, 0)
      return 'written'
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? ''
  }
}

it('write protection is set, read back, and lifted', async () => {
  expect(await readReadOnly(node)).toBe(false)
  await setReadOnly(node, true)
  expect(await readReadOnly(node)).toBe(true)
  expect(tryWriting(node.path)).toMatch(/^(EACCES|EPERM|EROFS)$/)
  expect(readFileSync(`/sys/block/${name}/ro`, 'latin1')).toBe('1\n')
  await setReadOnly(node, false)
  expect(tryWriting(node.path)).toBe('written')
})

it('partitions are protected with the disk, and are read anew: this one is in no table', async () => {
  // This kernel may know no partition tables: the partition is told to it.
  execFileSync('addpart', [node.path, '1', '2048', '2048'])
  const partitions = (await readDiskNumbers('/sys', name))?.partitions ?? []
  expect(partitions.map((each) => each.name)).toEqual([`${name}p1`])
  const nodes = [node, ...partitions.map((each) => ({ path: `/dev/${each.name}`, number: each.number }))]
  const steps = await setDiskReadOnly(nodes, true)
  expect(steps).toEqual(
    nodes.map(({ number }) => ({ step: 'block-read-only', result: 'done', detail: number })),
  )
  expect(tryWriting(`/dev/${name}p1`)).toMatch(/^(EACCES|EPERM|EROFS)$/)
  await rereadPartitions(node)
  expect((await readDiskNumbers('/sys', name))?.partitions).toEqual([])
})

it('a node that is another disk’s is not touched, and the step says so', async () => {
  const [step] = await setDiskReadOnly([{ path: node.path, number: '8:0' }], true)
  expect(step).toMatchObject({ step: 'block-read-only', result: 'failed' })
  expect(step?.detail).toContain('8:0')
  expect(await readReadOnly(node)).toBe(false)
  await expect(setReadOnly({ path: '/dev/null', number: '1:3' }, true)).rejects.toThrow(
    /not the block device/,
  )
})

it('the kernel sends the event of a disk again', async () => {
  const sequence = (): number => Number(readFileSync('/sys/kernel/uevent_seqnum', 'latin1'))
  const before = sequence()
  const step = await writeUevent(`/sys/block/${name}`, 'change', new SysfsWriter(1_000))
  expect(step).toEqual({ step: 'uevent-change', result: 'done', detail: null })
  expect(sequence()).toBeGreaterThan(before)
})
