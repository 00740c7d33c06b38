/**
 * Lists and reads sysfs byte by byte: names travel as Latin-1, one character per byte, so that an interface whose name is
 * no UTF-8 is found as well. Only reads. Synchronous like the USB reader (the kernel answers from memory), in slices, so
 * that ten thousand entries do not stop everything else.
 */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { type RawText, rawTextOf } from '@shoukou/protocol'

/** Entries of one folder that are looked at; beyond, the folder counts as not wholly read. */
export const FOLDER_ENTRIES_MAX = 16_384
const entriesPerSlice = 128
const attributeBytesMax = 65_536

/** What could not be read in one look, for the coverage: paths with why. */
export class Unread {
  readonly #found: string[] = []

  add(what: string, why: string): void {
    if (this.#found.length < 8) this.#found.push(`${what} (${why})`)
  }

  get list(): readonly string[] {
    return this.#found
  }
}

export class SysfsReader {
  readonly unread = new Unread()
  readonly #root: string
  readonly #realRoot: string
  #sinceBreath = 0

  constructor(sys: string) {
    this.#root = Buffer.from(sys, 'utf8').toString('latin1')
    this.#realRoot = this.#realPath(this.#root) ?? this.#root
  }

  /** Returns the names in a folder below the root; empty where there is no such folder: then the kernel has no such thing. */
  list(folder: string): string[] {
    try {
      const names = readdirSync(bytesOf(`${this.#root}/${folder}`), { encoding: 'latin1' })
      if (names.length > FOLDER_ENTRIES_MAX)
        this.unread.add(folder, `${names.length} entries, the first ${FOLDER_ENTRIES_MAX} are looked at`)
      return names.slice(0, FOLDER_ENTRIES_MAX)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      if (code !== 'ENOENT') this.unread.add(folder, code)
      return []
    }
  }

  /** Lets others run now and then; called once for each entry. */
  async breathe(): Promise<void> {
    this.#sinceBreath += 1
    if (this.#sinceBreath < entriesPerSlice) return
    this.#sinceBreath = 0
    await breathe()
  }

  /** Returns where an entry leads, below the root (`/devices/…`); null where it dangles or leads out of the root. */
  place(entry: string): string | null {
    const path = this.#realPath(`${this.#root}/${entry}`)
    if (path?.startsWith(`${this.#realRoot}/`) !== true) return null
    return path.slice(this.#realRoot.length)
  }

  /** Reads an attribute's bytes without the line feed that the kernel adds; null where it is not there. */
  bytes(path: string): Buffer | null {
    try {
      const bytes = readFileSync(bytesOf(`${this.#root}/${path}`)).subarray(0, attributeBytesMax)
      return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      // Absent, or gone meanwhile, is an answer; refused is a hole.
      if (code === 'EACCES' || code === 'EPERM') this.unread.add(path, code)
      return null
    }
  }

  word(path: string): string | null {
    return this.bytes(path)?.toString('latin1').trim() ?? null
  }

  text(path: string): RawText | null {
    const bytes = this.bytes(path)
    return bytes === null || bytes.length === 0 ? null : rawTextOf(bytes)
  }

  /** Reads `0x8086` or `8086` as four lower-case digits. */
  hex4(path: string): string | null {
    const word = this.word(path)?.toLowerCase().replace(/^0x/, '') ?? ''
    return /^[0-9a-f]{1,4}$/.test(word) ? word.padStart(4, '0') : null
  }

  number(path: string): number | null {
    const word = this.word(path) ?? ''
    return /^(?:0x[0-9a-f]{1,8}|\d{1,9})$/i.test(word) ? Number(word) : null
  }

  /** Reads a link's last part: the driver. */
  linkName(path: string): string | null {
    try {
      const target = readlinkSync(bytesOf(`${this.#root}/${path}`), { encoding: 'latin1' })
      return target.split('/').at(-1) ?? null
    } catch {
      // No link: nothing is bound.
      return null
    }
  }

  has(path: string): boolean {
    return this.#realPath(`${this.#root}/${path}`) !== null
  }

  #realPath(path: string): string | null {
    try {
      return realpathSync.native(bytesOf(path), { encoding: 'latin1' })
    } catch {
      // Dangling, or gone meanwhile.
      return null
    }
  }
}

function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}
