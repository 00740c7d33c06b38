/**
 * Reads which block devices this computer lives on: mounted file systems and swap. Only reads.
 *
 * Not known to it: members of a ZFS pool, and what is mounted only in another mount name space (a container). The
 * computer's own disks are in its baseline besides.
 */
import { readFile, stat } from 'node:fs/promises'
import { type RawText, rawTextOf } from '@shoukou/protocol'
import { readMounts } from '../base/mounts-linux.ts'
import { decodeOctalEscapes } from '../base/parse-mountinfo.ts'
import { deviceNumberOf } from './device-number.ts'
import { readNames, readNumber } from './disk-attributes-linux.ts'
import type { NumberInUse } from './guard-plan.ts'

/** @throws the file system's error where the mount table can't be read: without it no disk could be spared. */
export async function readNumbersInUse(paths: {
  readonly proc: string
  readonly sys: string
}): Promise<NumberInUse[]> {
  const [mounted, ofBtrfs, swaps] = await Promise.all([
    readMounted(paths.proc),
    readMembersOfBtrfs(paths.sys),
    readSwaps(paths.proc),
  ])
  const seen = new Set<string>()
  return [...mounted, ...ofBtrfs, ...swaps].filter(({ number, why }) => {
    const isNew = !seen.has(`${number} ${why}`)
    seen.add(`${number} ${why}`)
    return isNew
  })
}

async function readMounted(proc: string): Promise<NumberInUse[]> {
  const { mounts } = await readMounts(proc)
  const uses = await Promise.all(
    mounts.map(async ({ number, source, target }) => {
      // btrfs hides its device behind a number of its own.
      const real = number.startsWith('0:') ? await blockNumberOf(source) : number
      return real === null ? null : inUse(real, 'mounted', target)
    }),
  )
  return uses.filter((use) => use !== null)
}

/** All members of the btrfs file systems that are mounted: the mount table names one. */
async function readMembersOfBtrfs(sys: string): Promise<NumberInUse[]> {
  const root = `${sys}/fs/btrfs`
  const uses: NumberInUse[] = []
  for (const fileSystem of await readNames(root)) {
    const folder = `${root}/${fileSystem}/devices`
    for (const name of await readNames(folder)) {
      const number = await readNumber(`${folder}/${name}`)
      if (number !== null) uses.push(inUse(number, 'mounted', Buffer.from(name)))
    }
  }
  return uses
}

/** A swap file lies in a file system, which is mounted. */
async function readSwaps(proc: string): Promise<NumberInUse[]> {
  let text: Buffer
  try {
    text = await readFile(`${proc}/swaps`)
  } catch (error) {
    // A kernel without swap has no such file.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const uses = await Promise.all(
    text
      .toString('latin1')
      .split('\n')
      .slice(1)
      .map(async (line) => {
        const path = decodeOctalEscapes(Buffer.from(line.split(/\s/)[0] ?? '', 'latin1'))
        const number = await blockNumberOf(path)
        return number === null ? null : inUse(number, 'swap', path)
      }),
  )
  return uses.filter((use) => use !== null)
}

function inUse(number: string, why: NumberInUse['why'], where: Buffer): NumberInUse {
  const text: RawText = rawTextOf(where)
  return { number, why, where: text }
}

async function blockNumberOf(path: Buffer): Promise<string | null> {
  if (path[0] !== 0x2f) return null
  try {
    const found = await stat(path, { bigint: true })
    return found.isBlockDevice() ? deviceNumberOf(found.rdev) : null
  } catch {
    // `tmpfs`, `overlay` and other sources are no paths; one that is gone is not in use by it.
    return null
  }
}
