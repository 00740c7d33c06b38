/**
 * One watched tree: inotify events and comparisons become file activity.
 *
 * Everything is done one after the other in one queue, so that a name is never told in another order than it happened.
 * What is found by looking, at the first look or in a folder that appeared later, is told as `created`, source `rescan`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type FactNamed, rawTextOf } from '@shoukou/protocol'
import { type FirstLook, type FoundEntry, newestEntries } from './first-look.ts'
import {
  type Entry,
  type EntryKind,
  type Folder,
  FolderTree,
  isModified,
  unreadEntry,
} from './folder-tree.ts'
import type { AddedWatch } from './inotify-linux.ts'
import {
  IN_ATTRIB,
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_IGNORED,
  IN_ISDIR,
  IN_MODIFY,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
  type InotifyEvent,
} from './parse-inotify.ts'
import { bytesOfPath, readDevice, readEntry, readFolder } from './read-folder-linux.ts'

export interface TreeWatcher {
  add(path: Buffer): AddedWatch
  remove(watch: number): void
}

export interface WatchedTreeOptions {
  readonly root: Buffer
  readonly watcher: TreeWatcher | null
  readonly emit: (fact: FactNamed<'file.activity'>) => void
  readonly onOverflow: (noticedMs: number) => void
  /** The kernel ran out of watches, or the tree is larger than this watch bears: only comparisons are whole now. */
  readonly onLimit: (reason: string, remedy: string) => void
  readonly onUnmount: () => void
  readonly onFailure: (error: unknown) => void
  readonly entriesMax?: number
  readonly foldersMax?: number
}

type Operation = FactNamed<'file.activity'>['operation']
type Source = FactNamed<'file.activity'>['source']

interface Told {
  readonly operation: Operation
  readonly kind: EntryKind
  readonly path: string
  readonly entry: Entry | null
  readonly source: Source
  readonly renamedFrom?: string
}

interface OpenRename {
  readonly folder: Folder
  readonly name: string
  readonly kind: EntryKind
  readonly sinceMs: number
}

/** The second half of a rename follows its first at once; a half alone means that the thing left the tree. */
const renameWaitMs = 100
/** A file that is written for long is told again at this pace. */
const modifiedAgainMs = 1_000
const queuedEventsMax = 500_000
const remedyWatches = 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances'
/** The first look is told in slices, so that a full medium does not crowd out what happens elsewhere. */
const toldSlice = { entries: 500, pauseMs: 20 }
/** Events whose entries are read side by side, before they are handled one after the other. */
const chunkEvents = 256

export class WatchedTree {
  readonly #options: WatchedTreeOptions
  readonly #tree = new FolderTree()
  readonly #renames = new Map<number, OpenRename>()
  /** Files written and not yet told so: path key → since when, ms. */
  readonly #dirty = new Map<string, { folder: Folder; name: string; sinceMs: number }>()
  /** Entries read ahead for the events in hand, by path. */
  #ahead = new Map<string, Promise<Entry | null>>()
  #events: InotifyEvent[] = []
  #work: Promise<void> = Promise.resolve()
  #isQueued = false
  #isEnding = false
  #isClosed = false
  #device: number | null = null
  #told = 0

  constructor(options: WatchedTreeOptions) {
    this.#options = options
  }

  get folderCount(): number {
    return this.#tree.folderCount
  }

  /** Learns what is there, sets the watches, and tells the newest `toldMax` of what it found. */
  async start(toldMax = 0): Promise<FirstLook> {
    const found: FoundEntry[] = []
    let told: readonly FoundEntry[] = []
    await this.#enqueue(async () => {
      this.#device = await readDevice(this.#options.root)
      await this.#scan(this.#tree.root, (entry) => found.push(entry))
      told = newestEntries(found, toldMax)
      for (let at = 0; at < told.length; at += toldSlice.entries) {
        if (at > 0) await sleep(toldSlice.pauseMs)
        for (const one of told.slice(at, at + toldSlice.entries)) this.#tellFound(one)
      }
    })
    return { found: found.length, told: told.length }
  }

  /** Takes events in; they are handled in order, after what is being done now. */
  push(events: readonly InotifyEvent[]): void {
    if (events.some(({ mask }) => (mask & IN_Q_OVERFLOW) !== 0)) this.#options.onOverflow(performance.now())
    if (this.#events.length + events.length > queuedEventsMax) {
      this.#events = []
      this.#options.onOverflow(performance.now())
      return
    }
    for (const event of events) this.#events.push(event)
    if (this.#isQueued) return
    this.#isQueued = true
    void this.#enqueue(() => this.#handleAll())
  }

  /** Compares the tree with what is known; returns how many differences were told. */
  async rescan(): Promise<number> {
    let found = 0
    await this.#enqueue(async () => {
      const before = this.#told
      this.#settle(Number.POSITIVE_INFINITY)
      await this.#scan(this.#tree.root, (entry) => this.#tellFound(entry))
      found = this.#told - before
    })
    return found
  }

  /** Tells what has waited long enough: halves of renames, files still being written. Call every 100 ms or so. */
  tick(): void {
    if (this.#renames.size > 0 || this.#dirty.size > 0) {
      void this.#enqueue(async () => this.#settle(performance.now()))
    }
  }

  /** Tells what still waits, then nothing more. A look that is under way ends early. */
  async close(): Promise<void> {
    this.#isEnding = true
    await this.#enqueue(async () => this.#settle(Number.POSITIVE_INFINITY))
    this.#isClosed = true
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(async () => {
      if (this.#isClosed) return
      try {
        await work()
      } catch (error) {
        this.#options.onFailure(error)
      }
    })
    return this.#work
  }

  async #handleAll(): Promise<void> {
    this.#isQueued = false
    const events = this.#events
    this.#events = []
    for (let at = 0; at < events.length && !this.#isClosed; at += chunkEvents) {
      const chunk = events.slice(at, at + chunkEvents)
      this.#readAhead(chunk)
      for (const event of chunk) await this.#handle(event)
    }
    this.#ahead.clear()
  }

  #readAhead(events: readonly InotifyEvent[]): void {
    this.#ahead.clear()
    for (const { watch, mask, name } of events) {
      if ((mask & (IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB)) === 0) continue
      const folder = this.#tree.folderOf(watch)
      if (folder === undefined || name.length === 0) continue
      const path = this.#tree.pathOf(folder, name.toString('latin1'))
      if (!this.#ahead.has(path)) this.#ahead.set(path, readEntry(bytesOfPath(this.#options.root, path)))
    }
  }

  async #handle(event: InotifyEvent): Promise<void> {
    const { mask } = event
    if ((mask & IN_UNMOUNT) !== 0) return this.#options.onUnmount()
    if ((mask & IN_IGNORED) !== 0) return this.#tree.dropWatch(event.watch)
    const folder = this.#tree.folderOf(event.watch)
    if (folder === undefined || event.name.length === 0) return
    const name = event.name.toString('latin1')
    if ((mask & IN_CREATE) !== 0) return this.#created(folder, name, mask)
    if ((mask & IN_DELETE) !== 0) return this.#gone(folder, name, kindOfMask(mask), 'event')
    if ((mask & IN_MOVED_FROM) !== 0) {
      const kind = folder.entries.get(name)?.kind ?? kindOfMask(mask)
      this.#renames.set(event.cookie, { folder, name, kind, sinceMs: performance.now() })
      return
    }
    if ((mask & IN_MOVED_TO) !== 0) return this.#movedTo(folder, name, mask, event.cookie)
    if ((mask & (IN_MODIFY | IN_CLOSE_WRITE)) !== 0)
      return this.#written(folder, name, (mask & IN_CLOSE_WRITE) !== 0)
    if ((mask & IN_ATTRIB) !== 0) return this.#attributes(folder, name, mask)
  }

  async #created(folder: Folder, name: string, mask: number): Promise<void> {
    // Found before by the scan of its folder.
    if (folder.entries.has(name)) return
    const entry = await this.#entryAt(folder, name)
    const kind = entry?.kind ?? kindOfMask(mask)
    this.#tell({ operation: 'created', kind, path: this.#tree.pathOf(folder, name), entry, source: 'event' })
    // Gone again already: its removal follows as an event, and needs to be known as a thing that was there.
    this.#put(folder, name, entry ?? unreadEntry(kind))
    if (kind === 'folder') await this.#scan(this.#tree.child(folder, name), (one) => this.#tellFound(one))
  }

  #gone(folder: Folder, name: string, kind: EntryKind, source: Source): void {
    const known = folder.entries.get(name)
    if (known === undefined) return
    this.#settleDirty(folder, name)
    this.#forgetBelow(folder, name)
    const path = this.#tree.pathOf(folder, name)
    this.#tell({
      operation: 'deleted',
      kind: known.kind === 'other' ? kind : known.kind,
      path,
      entry: null,
      source,
    })
  }

  async #movedTo(folder: Folder, name: string, mask: number, cookie: number): Promise<void> {
    const rename = this.#renames.get(cookie)
    this.#renames.delete(cookie)
    const entry = await this.#entryAt(folder, name)
    const kind = entry?.kind ?? rename?.kind ?? kindOfMask(mask)
    const path = this.#tree.pathOf(folder, name)
    const kept = entry ?? unreadEntry(kind)
    if (rename === undefined) {
      // Moved in from where nothing is watched: to this tree it is new.
      this.#tell({ operation: 'created', kind, path, entry, source: 'event' })
      this.#put(folder, name, kept)
      if (kind === 'folder') await this.#scan(this.#tree.child(folder, name), (one) => this.#tellFound(one))
      return
    }
    this.#settleDirty(rename.folder, rename.name)
    const renamedFrom = this.#tree.pathOf(rename.folder, rename.name)
    this.#tell({ operation: 'renamed', kind, path, entry, source: 'event', renamedFrom })
    // What was read ahead below it bears its old name.
    if (kind === 'folder') this.#ahead.clear()
    const replaced = this.#tree.move(rename.folder, rename.name, folder, name, kept)
    for (const watch of replaced) this.#options.watcher?.remove(watch)
    if (kind === 'folder') await this.#scan(this.#tree.child(folder, name), (one) => this.#tellFound(one))
  }

  async #written(folder: Folder, name: string, isClosed: boolean): Promise<void> {
    const key = this.#tree.pathOf(folder, name)
    const isDirty = this.#dirty.has(key)
    if (!isClosed) {
      if (!isDirty) this.#dirty.set(key, { folder, name, sinceMs: performance.now() })
      return
    }
    const known = folder.entries.get(name)
    const entry = await this.#entryAt(folder, name)
    this.#dirty.delete(key)
    // Written through a mapping: only the file itself shows it.
    const isOther = known !== undefined && entry !== null && isModified(known, entry)
    if (!isDirty && !isOther) return
    if (entry !== null) this.#put(folder, name, entry)
    this.#tell({ operation: 'modified', kind: entry?.kind ?? 'file', path: key, entry, source: 'event' })
  }

  async #attributes(folder: Folder, name: string, mask: number): Promise<void> {
    const entry = await this.#entryAt(folder, name)
    // Removing the last link raises it too; the removal itself is told.
    if (entry === null) return
    const known = folder.entries.get(name)
    this.#put(folder, name, entry)
    if (known !== undefined && known.changedMs === entry.changedMs) return
    const kind = entry.kind === 'other' ? kindOfMask(mask) : entry.kind
    this.#tell({
      operation: 'attributes',
      kind,
      path: this.#tree.pathOf(folder, name),
      entry,
      source: 'event',
    })
  }

  #settle(nowMs: number): void {
    for (const [cookie, rename] of this.#renames) {
      if (nowMs - rename.sinceMs < renameWaitMs) continue
      this.#renames.delete(cookie)
      this.#gone(rename.folder, rename.name, rename.kind, 'event')
    }
    for (const { folder, name, sinceMs } of [...this.#dirty.values()]) {
      if (nowMs - sinceMs >= modifiedAgainMs) this.#settleDirty(folder, name)
    }
  }

  #settleDirty(folder: Folder, name: string): void {
    const path = this.#tree.pathOf(folder, name)
    if (!this.#dirty.delete(path)) return
    const entry = folder.entries.get(name) ?? null
    this.#tell({ operation: 'modified', kind: entry?.kind ?? 'file', path, entry: null, source: 'event' })
  }

  /** Watches a folder and all below, compares each with what is known; what is new goes to `onFound`. */
  async #scan(start: Folder, onFound: (found: FoundEntry) => void): Promise<void> {
    const open = [start]
    for (let folder = open.pop(); folder !== undefined && !this.#isEnding; folder = open.pop()) {
      // The watch first, then the look: what comes in between is heard.
      if (!this.#watch(folder)) continue
      const found = await readFolder(bytesOfPath(this.#options.root, this.#tree.pathOf(folder)))
      if (found === null) continue
      // Unmounted meanwhile, the path shows what lies beneath: nothing of it speaks of the medium.
      if ((await readDevice(this.#options.root)) !== this.#device) return
      this.#compare(folder, found, onFound)
      for (const [name, entry] of folder.entries) {
        if (entry.kind === 'folder') open.push(this.#tree.child(folder, name))
      }
      if (this.#tree.entryCount > (this.#options.entriesMax ?? 1_000_000)) {
        this.#options.onLimit('the tree has more entries than are kept', 'use a smaller medium')
        return
      }
    }
  }

  #compare(folder: Folder, found: ReadonlyMap<string, Entry>, onFound: (found: FoundEntry) => void): void {
    for (const [name, known] of [...folder.entries]) {
      const now = found.get(name)
      if (now === undefined || now.kind !== known.kind) this.#goneWithAll(folder, name, known.kind)
    }
    for (const [name, entry] of found) {
      const known = folder.entries.get(name)
      this.#put(folder, name, entry)
      if (known === undefined) onFound({ folder, name, entry })
      else if (entry.kind !== 'folder' && isModified(known, entry)) {
        const path = this.#tree.pathOf(folder, name)
        this.#tell({ operation: 'modified', kind: entry.kind, path, entry, source: 'rescan' })
      }
    }
  }

  #tellFound({ folder, name, entry }: FoundEntry): void {
    const path = this.#tree.pathOf(folder, name)
    this.#tell({ operation: 'created', kind: entry.kind, path, entry, source: 'rescan' })
  }

  /** The events of what lay in it were lost with the folder's own. */
  #goneWithAll(folder: Folder, name: string, kind: EntryKind): void {
    const below = folder.folders.get(name)
    if (below !== undefined) {
      for (const [child, entry] of [...below.entries]) this.#goneWithAll(below, child, entry.kind)
    }
    this.#gone(folder, name, kind, 'rescan')
  }

  /** Returns false where the folder is gone; a limit reached is said and the scan goes on without a watch. */
  #watch(folder: Folder): boolean {
    const { watcher, root, onLimit, foldersMax = 65_536 } = this.#options
    if (watcher === null || folder.watch !== null) return true
    if (this.#tree.folderCount >= foldersMax) {
      onLimit(`more than ${foldersMax} folders`, remedyWatches)
      return true
    }
    const added = watcher.add(bytesOfPath(root, this.#tree.pathOf(folder)))
    if (added.kind === 'gone') return false
    if (added.kind === 'watching') this.#tree.setWatch(folder, added.watch)
    else if (added.kind === 'denied')
      onLimit('a folder on a medium may not be read', 'needs CAP_DAC_READ_SEARCH')
    else onLimit('the limit fs.inotify.max_user_watches is reached', remedyWatches)
    return true
  }

  #put(folder: Folder, name: string, entry: Entry): void {
    this.#tree.put(folder, name, entry)
  }

  #forgetBelow(folder: Folder, name: string): void {
    for (const watch of this.#tree.take(folder, name)) this.#options.watcher?.remove(watch)
  }

  #entryAt(folder: Folder, name: string): Promise<Entry | null> {
    const path = this.#tree.pathOf(folder, name)
    return this.#ahead.get(path) ?? readEntry(bytesOfPath(this.#options.root, path))
  }

  #tell(told: Told): void {
    this.#told += 1
    const { operation, kind, path, entry, source, renamedFrom } = told
    this.#options.emit({
      kind: 'file.activity',
      operation,
      entry: kind,
      root: rawTextOf(this.#options.root),
      path: rawTextOf(Buffer.from(path, 'latin1')),
      renamedFrom: renamedFrom === undefined ? null : rawTextOf(Buffer.from(renamedFrom, 'latin1')),
      sizeBytes: entry !== null && entry.kind === 'file' ? entry.sizeBytes : null,
      isOnMedium: true,
      source,
    })
  }
}

function kindOfMask(mask: number): EntryKind {
  return (mask & IN_ISDIR) === 0 ? 'file' : 'folder'
}
