/** Reads files of the system's own records within bounds of number, bytes and time; what fails is named. Only reads. */
import { constants } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { HISTORY_LIMITS } from './history-limits.ts'

const unpack = promisify(gunzip)

export interface HistoryFile {
  /** As it stands on the computer, without the root. */
  readonly path: string
  readonly name: string
  readonly parent: string
  readonly bytes: Buffer
  readonly writtenMs: number
}

export class HistoryFiles {
  readonly #root: string
  readonly #signal: AbortSignal
  readonly #unread: string[] = []
  #filesLeft: number = HISTORY_LIMITS.filesMax
  #bytesLeft: number = HISTORY_LIMITS.bytesMax

  /** The signal ends the reading: asked to, or because its time is over. */
  constructor(root: string, signal: AbortSignal) {
    this.#root = root === '/' ? '' : root
    this.#signal = signal
  }

  get unread(): readonly string[] {
    return this.#unread
  }

  get isOver(): boolean {
    return this.#signal.aborted
  }

  get signal(): AbortSignal {
    return this.#signal
  }

  /** Names a source that could not be read, with why; each once. */
  note(source: string, why: string): void {
    const text = `${source}: ${why}`.slice(0, HISTORY_LIMITS.unreadLengthMax)
    if (this.#unread.includes(text)) return
    if (this.#unread.length < HISTORY_LIMITS.unreadMax) this.#unread.push(text)
  }

  /** Returns a path with the root before it. */
  at(path: string): string {
    return `${this.#root}/${path}`
  }

  /** Lists names in a folder (`*` for one level of folders), as paths below the root. */
  async list(source: string, folder: string, names: RegExp): Promise<string[]> {
    const star = folder.indexOf('*')
    if (star >= 0) {
      const above = folder.slice(0, star - 1)
      const below = folder.slice(star + 1)
      const found: string[] = []
      for (const path of await this.list(source, above, /^[^.]/)) {
        if (found.length >= HISTORY_LIMITS.folderEntriesMax) break
        found.push(...(await this.list(source, `${path}${below}`, names)))
      }
      return found
    }
    try {
      const entries = await readdir(Buffer.from(this.at(folder), 'latin1'), { encoding: 'latin1' })
      const fitting = entries.filter((name) => names.test(name)).sort()
      if (fitting.length > HISTORY_LIMITS.folderEntriesMax)
        this.note(source, `${fitting.length} files, the first ${HISTORY_LIMITS.folderEntriesMax} were read`)
      return fitting.slice(0, HISTORY_LIMITS.folderEntriesMax).map((name) => `${folder}/${name}`)
    } catch (error) {
      this.#noteFailure(source, error)
      return []
    }
  }

  /** Returns when a file was last written; null where it is no file. */
  async writtenMs(source: string, path: string): Promise<number | null> {
    try {
      const found = await stat(Buffer.from(this.at(path), 'latin1'))
      return found.isFile() ? found.mtimeMs : null
    } catch (error) {
      this.#noteFailure(source, error)
      return null
    }
  }

  /** Reads a file, of a longer one the end where `wantsEnd` and else the beginning; unpacks `.gz`. Null where it can't be. */
  async read(
    source: string,
    path: string,
    options: { readonly bytesMax: number; readonly wantsEnd: boolean },
  ): Promise<HistoryFile | null> {
    if (this.isOver) return null
    if (this.#filesLeft <= 0 || this.#bytesLeft <= 0) {
      this.note(source, 'not read: more files than one reading takes')
      return null
    }
    this.#filesLeft -= 1
    try {
      const found = await this.#readWithin(path, options)
      if (found === null) return null
      const { bytes, writtenMs, isCut } = found
      if (isCut) this.note(source, `/${path} is longer than ${options.bytesMax} bytes; the rest was not read`)
      const parts = path.split('/')
      return {
        path: `/${path}`,
        name: parts.at(-1) ?? '',
        parent: parts.at(-2) ?? '',
        bytes: path.endsWith('.gz') ? await this.#unpack(source, path, bytes) : bytes,
        writtenMs,
      }
    } catch (error) {
      this.#noteFailure(source, error)
      return null
    }
  }

  async #readWithin(
    path: string,
    { bytesMax, wantsEnd }: { readonly bytesMax: number; readonly wantsEnd: boolean },
  ): Promise<{ bytes: Buffer; writtenMs: number; isCut: boolean } | null> {
    // Whoever may write here could put a pipe in the place of a file: opening must not wait for a writer.
    const file = await open(Buffer.from(this.at(path), 'latin1'), constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const found = await file.stat()
      if (!found.isFile()) return null
      const length = Math.min(found.size, bytesMax, this.#bytesLeft)
      const buffer = Buffer.alloc(length)
      const at = wantsEnd ? found.size - length : 0
      const { bytesRead } = await file.read(buffer, 0, length, at)
      this.#bytesLeft -= bytesRead
      return {
        bytes: buffer.subarray(0, bytesRead),
        writtenMs: found.mtimeMs,
        isCut: found.size > length,
      }
    } finally {
      await file.close()
    }
  }

  async #unpack(source: string, path: string, bytes: Buffer): Promise<Buffer> {
    try {
      return await unpack(bytes, { maxOutputLength: HISTORY_LIMITS.logFileBytesMax })
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      const why = code === 'ERR_BUFFER_TOO_LARGE' ? 'too long when unpacked' : `cannot be unpacked (${code})`
      this.note(source, `/${path} ${why}`)
      return Buffer.alloc(0)
    }
  }

  #noteFailure(source: string, error: unknown): void {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    // Not there: this computer has no such source.
    if (code === 'ENOENT' || code === 'ENOTDIR') return
    this.note(
      source,
      code === 'EACCES' || code === 'EPERM' ? 'permission denied' : `cannot be read (${code})`,
    )
  }
}
