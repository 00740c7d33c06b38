import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openReadOnlyView } from './read-only-view-linux.ts'

/** A loop device stands for the disk: the view is a loop on a loop, as the kernel allows it. */
function diskWith(text: string): { path: string; detach: () => void } {
  const file = join(mkdtempSync(join(tmpdir(), 'shoukou-view-')), 'disk.img')
  writeFileSync(file, text)
  truncateSync(file, 4 * 1_024 * 1_024)
  const path = execFileSync('losetup', ['--find', '--show', file]).toString().trim()
  return { path, detach: () => execFileSync('losetup', ['--detach', path]) }
}

it('shows the disk to be read, and lets nobody write through it', async () => {
  const disk = diskWith('what stands on the disk')
  const view = await openReadOnlyView(disk.path, 512)
  try {
    const node = `/dev/${view.name}`
    expect(readFileSync(`/sys/block/${view.name}/ro`, 'latin1').trim()).toBe('1')
    const fd = openSync(node, 'r')
    const bytes = Buffer.alloc(23)
    readSync(fd, bytes, 0, bytes.length, 0)
    closeSync(fd)
    expect(bytes.toString()).toBe('what stands on the disk')
    const writing = (): void => {
      const writer = openSync(node, 'r+')
      try {
        writeSync(writer, Buffer.alloc(512), 0, 512, 0)
      } finally {
        closeSync(writer)
      }
    }
    expect(writing).toThrow(/EACCES|EPERM|EROFS/)
  } finally {
    view.close()
    disk.detach()
  }
})

it('goes away when it is closed', async () => {
  const disk = diskWith('x')
  const view = await openReadOnlyView(disk.path, 512)
  const backing = `/sys/block/${view.name}/loop/backing_file`
  expect(readFileSync(backing, 'latin1').trim()).toBe(disk.path)
  view.close()
  view.close()
  await expect.poll(() => hasBacking(backing), { timeout: 3_000 }).toBe(false)
  disk.detach()
})

it('says what is missing where the disk cannot be opened', async () => {
  await expect(openReadOnlyView('/dev/no-such-disk', 512)).rejects.toMatchObject({
    code: 'control-unavailable',
  })
})

function hasBacking(path: string): boolean {
  try {
    return readFileSync(path, 'latin1') !== ''
  } catch {
    return false
  }
}
