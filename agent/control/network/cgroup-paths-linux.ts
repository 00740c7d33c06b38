/**
 * Paths of cgroups by the kernel's numbers of them, which are the inode numbers of their folders on a 64-bit kernel.
 *
 * The tree is read again where a number is not known, at most once a second: cgroups come with each session and service.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

const againMsMin = 1_000
const foldersMax = 20_000

export class CgroupPaths {
  readonly #root: Promise<string | null>
  #paths = new Map<bigint, string>()
  #readMs = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | null = null

  constructor(root?: string) {
    this.#root = root === undefined ? findCgroup2() : Promise.resolve(root)
  }

  /** Returns the path below the root of the tree (`/system.slice/ssh.service`); null where there is none of that number. */
  async of(id: bigint): Promise<string | null> {
    const known = this.#paths.get(id)
    if (known !== undefined) return known
    if (this.#reading === null && performance.now() - this.#readMs < againMsMin) return null
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    await this.#reading
    return this.#paths.get(id) ?? null
  }

  async #read(): Promise<void> {
    this.#readMs = performance.now()
    const root = await this.#root
    if (root === null) return
    const paths = new Map<bigint, string>()
    let folders = ['/']
    while (folders.length > 0 && paths.size < foldersMax) {
      const below = await Promise.all(folders.map((folder) => readFolder(root, folder, paths)))
      folders = below.flat()
    }
    this.#paths = paths
  }
}

/** Returns where the unified hierarchy is mounted; null where it is nowhere. */
export async function findCgroup2(proc = '/proc'): Promise<string | null> {
  const mounts = await readFile(`${proc}/self/mounts`, 'utf8')
  const line = mounts.split('\n').find((each) => each.split(' ')[2] === 'cgroup2')
  return line?.split(' ')[1] ?? null
}

async function readFolder(root: string, folder: string, paths: Map<bigint, string>): Promise<string[]> {
  try {
    const path = join(root, folder)
    const { ino } = await stat(path, { bigint: true })
    paths.set(ino, folder)
    const entries = await readdir(path, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))
  } catch {
    // It ended between the listing and the reading.
    return []
  }
}
