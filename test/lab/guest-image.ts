/**
 * Makes the lab's guest once and keeps it outside the project: kernel, initial RAM disk, root disk, an empty stick.
 *
 * The cache's key is the recipe (everything in guest/ and the packages' suite), so a changed recipe makes another
 * image and an old one is never mended. Security updates reach the guest when its folder is removed.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readDebianSources, SUITE } from './debian-sources.ts'
import { extractKernel } from './extract-kernel.ts'

export interface GuestImage {
  readonly folder: string
  readonly kernel: string
  readonly initialRamDisk: string
  /** Opened with snapshot=on by everyone: nothing writes to it. */
  readonly rootDisk: string
  /** An empty vfat file system of 64 MB without partitions; each stick gets a copy. */
  readonly emptyStick: string
}

const RECIPE = join(import.meta.dirname, 'guest')
const BUILD_TIMEOUT_MS = 10 * 60_000

/** Returns the folder where the project keeps what can be made again, under `kind`. */
export function cacheFolder(kind: string): string {
  const base = process.env['SHOUKOU_CACHE']
  if (base !== undefined && base !== '') return join(base, kind)
  const xdg = process.env['XDG_CACHE_HOME']
  return join(xdg === undefined || xdg === '' ? join(homedir(), '.cache') : xdg, 'shoukou', kind)
}

/** Returns the guest's image, made now when this recipe was never made before. `say` gets the progress. */
export async function ensureGuestImage(say: (line: string) => void): Promise<GuestImage> {
  const folder = join(cacheFolder('lab'), await hashRecipe())
  if (!existsSync(folder)) {
    await mkdir(cacheFolder('lab'), { recursive: true })
    const lock = await takeLock(`${folder}.lock`, say)
    try {
      if (!existsSync(folder)) await buildInto(folder, say)
    } finally {
      await rm(lock, { force: true })
    }
  }
  return {
    folder,
    kernel: join(folder, 'vmlinux'),
    initialRamDisk: join(folder, 'initrd.img'),
    rootDisk: join(folder, 'root.img'),
    emptyStick: join(folder, 'stick.img'),
  }
}

async function hashRecipe(): Promise<string> {
  const hash = createHash('sha256').update(SUITE)
  for (const name of (await readdir(RECIPE)).toSorted()) {
    hash.update(`\0${name}\0`).update(await readFile(join(RECIPE, name)))
  }
  return hash.digest('hex').slice(0, 20)
}

async function buildInto(folder: string, say: (line: string) => void): Promise<void> {
  const startedAt = performance.now()
  say('lab image: making the guest, once for this recipe (about half a minute)')
  for (const name of await readdir(dirname(folder))) {
    if (name.startsWith(`${basename(folder)}.part-`))
      await rm(join(dirname(folder), name), { recursive: true })
  }
  const work = await mkdtemp(`${folder}.part-`)
  try {
    const packages = (await readFile(join(RECIPE, 'packages.txt'), 'utf8')).trim().split('\n')
    const sources = await readDebianSources()
    await runMmdebstrap(
      [
        '--variant=essential',
        '--format=null',
        `--include=${packages.join(',')}`,
        ...sources.aptOptions.map((option) => `--aptopt=${option}`),
        '--dpkgopt=path-exclude=/usr/share/doc/*',
        '--dpkgopt=path-exclude=/usr/share/locale/*',
        '--dpkgopt=path-exclude=/usr/share/man/*',
        `--customize-hook=sh '${join(RECIPE, 'customize.sh')}' "$1" '${work}' '${RECIPE}'`,
        '', // the suite is in the sources
        '-',
        '-',
      ],
      sources.lines.join('\n'),
      say,
    )
    await writeFile(join(work, 'vmlinux'), await extractKernel(await readFile(join(work, 'vmlinuz'))))
    await rm(join(work, 'vmlinuz'))
    await rename(work, folder)
    say(`lab image: made in ${Math.round((performance.now() - startedAt) / 1000)} s: ${folder}`)
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    throw error
  }
}

async function runMmdebstrap(args: string[], input: string, say: (line: string) => void): Promise<void> {
  const child = spawn('mmdebstrap', args, { stdio: ['pipe', 'ignore', 'pipe'], timeout: BUILD_TIMEOUT_MS })
  const tail: string[] = []
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    for (const line of chunk.split('\n').filter((each) => each.trim() !== '')) {
      tail.push(line)
      if (tail.length > 40) tail.shift()
      if (/^(?:I: (?:running apt|downloading|extracting|installing)|lab image: )/.test(line)) {
        say(line.replace(/^I: /, 'lab image: '))
      }
    }
  })
  child.stdin.on('error', () => undefined) // mmdebstrap's own end tells why
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error('mmdebstrap could not be started: is it installed?', { cause })),
    )
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`mmdebstrap ended with ${code ?? 'a signal'}:\n${tail.join('\n')}`)
}

/** Makes `path`, a file naming this process, and returns it. Left by a process that is gone, it is taken over. */
async function takeLock(path: string, say: (line: string) => void): Promise<string> {
  const deadline = performance.now() + BUILD_TIMEOUT_MS
  let hasSaid = false
  for (;;) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(String(process.pid))
      await file.close()
      return path
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (owner > 0 && !existsSync(`/proc/${owner}`)) {
      await rm(path, { force: true })
      continue
    }
    if (!hasSaid) say(`lab image: another run (process ${owner}) is making it; waiting`)
    hasSaid = true
    if (performance.now() > deadline) throw new Error(`the lock ${path} was not given up; remove it`)
    await sleep(300)
  }
}
