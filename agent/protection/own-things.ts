/**
 * Keeps watch over the agent's own files: program, units, configuration, identity, policy. What differs is recorded, and put
 * back where the agent has the bytes.
 *
 * Hints come from the file system (a watch on each folder), the truth from looking: each path again every few seconds, by
 * its stamp, and read where that changed. A difference counts when it is still there at a second look and no write of this
 * process came in between: the agent's own work accuses nobody.
 */
import { type FSWatcher, watch } from 'node:fs'
import { chmod, lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FactNamed } from '@shoukou/protocol'
import { isErrno, makeFolder, onOwnWrite, writeFileAtomic } from '../base/atomic-file.ts'
import type { Log } from '../base/log.ts'
import { type Difference, differenceOf, type Entry, type OwnPath, sha256 } from './entries.ts'
import { readEntry, stampOf } from './read-entry.ts'

type Altered = FactNamed<'agent.altered'>

export interface OwnThingsOptions {
  readonly paths: readonly OwnPath[]
  /** Folders in which nothing may be added: drop-ins of the units. */
  readonly sealedFolders?: readonly { readonly folder: string; readonly thing: OwnPath['thing'] }[]
  /** Where what was added by others is put. */
  readonly setAside: string
  readonly tell: (fact: Altered) => void
  /** Units were put back: the service manager has to read them again. */
  readonly unitsRestored: () => Promise<void>
  readonly log: Log
  readonly sweepMs?: number
  readonly confirmMs?: number
}

/** Each path is looked at again so often: tampering is told within ten seconds. */
const sweepEveryMs = 5_000
const confirmAfterMs = 300
/** Put back again and again, a thing is in somebody's hands: it is told, and left, until the next start. */
const restoresMax = 20

interface Kept {
  readonly own: OwnPath
  readonly entry: Entry
  readonly bytes: Buffer | null
  readonly stamp: string
}

export class OwnThings {
  readonly #options: OwnThingsOptions
  readonly #kept = new Map<string, Kept>()
  readonly #writing = new Map<string, number>()
  readonly #writes = new Map<string, number>()
  readonly #restores = new Map<string, number>()
  readonly #told = new Map<string, string>()
  readonly #unreadable = new Set<string>()
  readonly #watchers: FSWatcher[] = []
  readonly #ownPaths: ReadonlyMap<string, OwnPath>
  #timer: NodeJS.Timeout | null = null
  #look: Promise<void> = Promise.resolve()
  #isLooking = false
  #isDue = false
  #forget: () => void = () => undefined

  constructor(options: OwnThingsOptions) {
    this.#options = options
    this.#ownPaths = new Map(options.paths.map((own) => [own.path, own]))
  }

  /** Takes what is there now for what should be, and begins to watch. */
  async start(): Promise<void> {
    this.#forget = onOwnWrite((write) => this.#onOwnWrite(write))
    for (const own of this.#options.paths) await this.#apart(own.path, () => this.#adopt(own))
    const folders = new Set([
      ...this.#options.paths.map(({ path }) => dirname(path)),
      ...(this.#options.sealedFolders ?? []).map(({ folder }) => folder),
    ])
    for (const folder of folders) this.#watch(folder)
    this.#timer = setInterval(() => this.look(), this.#options.sweepMs ?? sweepEveryMs).unref()
  }

  /** What each path holds, as it should be: to be compared with at the next start. */
  get entries(): readonly { readonly path: string; readonly entry: Entry }[] {
    return [...this.#kept].map(([path, { entry }]) => ({ path, entry }))
  }

  /** Looks at all of it soon. */
  look(): void {
    this.#isDue = true
    if (this.#isLooking) return
    this.#isLooking = true
    this.#look = this.#lookAll().finally(() => {
      this.#isLooking = false
    })
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
    await this.#look
    this.#forget()
  }

  async #lookAll(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false
      for (const kept of [...this.#kept.values()]) await this.#apart(kept.own.path, () => this.#lookAt(kept))
      for (const sealed of this.#options.sealedFolders ?? [])
        await this.#apart(sealed.folder, () => this.#lookInto(sealed))
    }
  }

  /** One path that can't be read hides none of the others. Logged once, until it can be again. */
  async #apart(path: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#unreadable.delete(path)
    } catch (fault) {
      if (this.#unreadable.has(path)) return
      this.#unreadable.add(path)
      this.#options.log.error({ path, fault: String(fault) }, 'an own file could not be looked at')
    }
  }

  async #lookAt({ own, stamp }: Kept): Promise<void> {
    const { path } = own
    if (this.#isWriting(path) || (await stampOf(path)) === stamp) return
    const writes = this.#writes.get(path)
    await sleep(this.#options.confirmMs ?? confirmAfterMs, undefined, { ref: false })
    const found = await readEntry(path)
    const now = this.#kept.get(path)
    if (now === undefined || this.#isWriting(path) || this.#writes.get(path) !== writes) return
    const difference = differenceOf(own, now.entry, found.entry)
    if (difference === null) {
      this.#kept.set(path, { ...now, stamp: await stampOf(path) })
      this.#told.delete(path)
      return
    }
    await this.#altered(now, difference)
  }

  async #altered(kept: Kept, difference: Difference): Promise<void> {
    const { path, thing, unit } = kept.own
    const name = JSON.stringify(difference)
    const restores = this.#restores.get(path) ?? 0
    const isRestored = restores < restoresMax && (await this.#restore(kept))
    this.#restores.set(path, restores + 1)
    if (isRestored && thing === 'unit') await this.#options.unitsRestored()
    // What can't be put back is told once, not at each look.
    if (!isRestored && this.#told.get(path) === name) return
    this.#told.set(path, name)
    if (unit !== undefined) this.#options.log.warn({ path, what: difference.what }, 'a unit was altered')
    this.#options.tell({
      kind: 'agent.altered',
      thing,
      path,
      ...difference,
      found: 'while-running',
      isRestored,
      account: null,
    })
  }

  async #restore({ own, entry, bytes }: Kept): Promise<boolean> {
    const { path } = own
    try {
      if (entry.kind === 'absent') await this.#putAside(path)
      else if (entry.kind === 'link') {
        await this.#putAside(path)
        await makeFolder(dirname(path))
        await symlink(entry.target, path)
      } else if (entry.kind === 'file' && bytes !== null) {
        const { isDirectory } = await kindOf(path)
        if (isDirectory) await this.#putAside(path)
        await mkdir(dirname(path), { recursive: true })
        await writeFileAtomic(path, bytes, entry.mode)
        await chmod(path, entry.mode)
      } else return false
      await this.#adopt(own)
      return true
    } catch (fault) {
      this.#options.log.error({ path, fault: String(fault) }, 'an own file could not be put back')
      return false
    }
  }

  /** What others put where nothing of theirs belongs is kept, to be looked at. */
  async #putAside(path: string): Promise<void> {
    const { setAside } = this.#options
    await makeFolder(setAside)
    const aside = join(setAside, `${Date.now()}-${basename(path)}`)
    try {
      await rename(path, aside)
    } catch (fault) {
      if (isErrno(fault, 'ENOENT')) return
      if (!isErrno(fault, 'EXDEV')) throw fault
      // On another file system: its bytes go over, where it has any.
      const { bytes } = await readEntry(path)
      if (bytes !== null) await writeFileAtomic(aside, bytes)
      await rm(path, { recursive: true, force: true })
    }
  }

  async #lookInto({ folder, thing }: { folder: string; thing: OwnPath['thing'] }): Promise<void> {
    for (const name of await namesIn(folder)) {
      const path = join(folder, name)
      if (this.#kept.has(path)) continue
      const own: OwnPath = { thing, path, unit: 'drop-in' }
      const entry: Entry = { kind: 'absent' }
      const difference = differenceOf(own, entry, (await readEntry(path)).entry)
      if (difference !== null) await this.#altered({ own, entry, bytes: null, stamp: 'absent' }, difference)
      // It is gone again; what comes there next is looked at anew.
      this.#kept.delete(path)
    }
  }

  async #adopt(own: OwnPath): Promise<void> {
    const stamp = await stampOf(own.path)
    const { entry, bytes } = await readEntry(own.path)
    this.#kept.set(own.path, { own, entry, bytes, stamp })
  }

  #isWriting(path: string): boolean {
    return (this.#writing.get(path) ?? 0) > 0
  }

  #onOwnWrite(write: Parameters<Parameters<typeof onOwnWrite>[0]>[0]): void {
    const own = this.#ownPaths.get(write.path)
    if (own === undefined) return
    const { path } = write
    this.#writes.set(path, (this.#writes.get(path) ?? 0) + 1)
    this.#writing.set(path, (this.#writing.get(path) ?? 0) + (write.state === 'begun' ? 1 : -1))
    if (write.state !== 'done') return
    const entry: Entry = {
      kind: 'file',
      hash: sha256(write.bytes),
      mode: write.mode,
      uid: process.getuid?.() ?? 0,
    }
    // Its stamp is not known yet: the next look reads it.
    this.#kept.set(path, { own, entry, bytes: write.bytes, stamp: '' })
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.look())
      watcher.on('error', () => watcher.close())
      this.#watchers.push(watcher)
    } catch (fault) {
      // No such folder, or no watches left: the sweep sees it all the same.
      this.#options.log.info(
        { folder, fault: String(fault) },
        'an own folder is looked at by the clock alone',
      )
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (fault) {
    if (isErrno(fault, 'ENOENT', 'ENOTDIR')) return []
    throw fault
  }
}

async function kindOf(path: string): Promise<{ readonly isDirectory: boolean }> {
  try {
    return { isDirectory: (await lstat(path)).isDirectory() }
  } catch (fault) {
    if (isErrno(fault, 'ENOENT', 'ENOTDIR')) return { isDirectory: false }
    throw fault
  }
}
