/**
 * What is known of a watched tree: folders, their watches, and what lies in each. Pure bookkeeping, no I/O.
 *
 * Names are kept as Latin-1 strings, one character per byte: small, comparable, and every name comes back as it was.
 */
export type EntryKind = 'file' | 'folder' | 'other'

export interface Entry {
  readonly kind: EntryKind
  readonly sizeBytes: number
  readonly modifiedMs: number
  readonly changedMs: number
  /** 0 where the file system does not know it. */
  readonly bornMs: number
}

export interface Folder {
  parent: Folder | null
  name: string
  watch: number | null
  readonly entries: Map<string, Entry>
  readonly folders: Map<string, Folder>
}

/** A thing that was gone before it could be read. */
export function unreadEntry(kind: EntryKind): Entry {
  return { kind, sizeBytes: 0, modifiedMs: 0, changedMs: 0, bornMs: 0 }
}

export class FolderTree {
  readonly root: Folder = newFolder(null, '')
  readonly #byWatch = new Map<number, Folder>()
  #entryCount = 0

  get entryCount(): number {
    return this.#entryCount
  }

  get folderCount(): number {
    return this.#byWatch.size
  }

  folderOf(watch: number): Folder | undefined {
    return this.#byWatch.get(watch)
  }

  setWatch(folder: Folder, watch: number): void {
    if (folder.watch !== null) this.#byWatch.delete(folder.watch)
    folder.watch = watch
    this.#byWatch.set(watch, folder)
  }

  /** Forgets a watch that the kernel has ended. */
  dropWatch(watch: number): void {
    const folder = this.#byWatch.get(watch)
    if (folder !== undefined) folder.watch = null
    this.#byWatch.delete(watch)
  }

  put(folder: Folder, name: string, entry: Entry): void {
    if (!folder.entries.has(name)) this.#entryCount += 1
    folder.entries.set(name, entry)
  }

  /** Takes an entry out, with all below it; returns the watches that are no longer wanted. */
  take(folder: Folder, name: string): number[] {
    if (folder.entries.delete(name)) this.#entryCount -= 1
    const below = folder.folders.get(name)
    if (below === undefined) return []
    folder.folders.delete(name)
    return this.#forget(below)
  }

  /** Returns the folder of that name, new where there was none. */
  child(folder: Folder, name: string): Folder {
    const existing = folder.folders.get(name)
    if (existing !== undefined) return existing
    const made = newFolder(folder, name)
    folder.folders.set(name, made)
    return made
  }

  /** Moves an entry, with all below it: watches follow the folder, not its name. */
  move(from: Folder, name: string, to: Folder, newName: string, entry: Entry): number[] {
    const below = from.folders.get(name)
    from.folders.delete(name)
    if (from.entries.delete(name)) this.#entryCount -= 1
    const replaced = this.take(to, newName)
    this.put(to, newName, entry)
    if (below !== undefined) {
      below.parent = to
      below.name = newName
      to.folders.set(newName, below)
    }
    return replaced
  }

  /** Returns the path below the root, as bytes in Latin-1, without a leading slash. */
  pathOf(folder: Folder, name = ''): string {
    const parts = name === '' ? [] : [name]
    for (let at: Folder | null = folder; at !== null && at.parent !== null; at = at.parent)
      parts.push(at.name)
    return parts.reverse().join('/')
  }

  #forget(folder: Folder): number[] {
    const watches: number[] = []
    const open = [folder]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.watch !== null) {
        watches.push(next.watch)
        this.#byWatch.delete(next.watch)
      }
      this.#entryCount -= next.entries.size
      open.push(...next.folders.values())
    }
    return watches
  }
}

function newFolder(parent: Folder | null, name: string): Folder {
  return { parent, name, watch: null, entries: new Map(), folders: new Map() }
}

/** Reports whether a file was written between two looks at it. */
export function isModified(before: Entry, after: Entry): boolean {
  return before.sizeBytes !== after.sizeBytes || before.modifiedMs !== after.modifiedMs
}
