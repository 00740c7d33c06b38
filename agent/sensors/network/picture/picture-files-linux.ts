/** The files that a picture is read from, below one root. What is not there says nothing; what may not be read is a gap. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'

export interface FileRead {
  /** Its last `fileBytesMax` bytes. */
  readonly bytes: Buffer
  readonly changedWallMs: number
}

const fileBytesMax = 262_144
/** Lease folders keep one file for each network ever joined. */
const folderEntriesMax = 512

export class PictureFiles {
  readonly #root: string
  #hasGap = false

  /** `root` is the folder that stands for `/`. */
  constructor(root: string) {
    this.#root = root === '/' ? '' : root
  }

  /** Something was there and could not be read. */
  get hasGap(): boolean {
    return this.#hasGap
  }

  /** Reads a file's end; null where there is none. Paths are latin1, one character for each byte. */
  read(path: string): FileRead | null {
    let fd: number | null = null
    try {
      // Without waiting: a FIFO in such a folder would hold the agent for ever.
      fd = openSync(this.#place(path), constants.O_RDONLY | constants.O_NONBLOCK)
      const stat = fstatSync(fd)
      if (!stat.isFile()) {
        this.#hasGap = true
        return null
      }
      const { size, mtimeMs } = stat
      // Files of /proc have no size and no end that one could count from.
      const bytes = Buffer.allocUnsafe(size === 0 ? fileBytesMax : Math.min(size, fileBytesMax))
      const start = Math.max(0, size - fileBytesMax)
      let length = 0
      for (let got = -1; got !== 0 && length < bytes.length; length += got) {
        got = readSync(fd, bytes, length, bytes.length - length, size === 0 ? null : start + length)
      }
      return {
        bytes: Buffer.from(bytes.subarray(0, length)),
        changedWallMs: Math.max(0, Math.trunc(mtimeMs)),
      }
    } catch (error) {
      this.#note(error)
      return null
    } finally {
      if (fd !== null) closeSync(fd)
    }
  }

  /** Reads a file as latin1 text; the empty text where there is none. */
  text(path: string): string {
    return this.read(path)?.bytes.toString('latin1') ?? ''
  }

  /** Reads where a link points; null where there is none, or where it may not be looked at. */
  link(path: string): string | null {
    try {
      return readlinkSync(this.#place(path), { encoding: 'latin1' })
    } catch (error) {
      this.#note(error)
      return null
    }
  }

  /** Lists a folder, latin1, sorted; nothing where there is none. */
  names(path: string): string[] {
    try {
      const names = readdirSync(this.#place(path), { encoding: 'latin1' }).sort()
      if (names.length > folderEntriesMax) this.#hasGap = true
      return names.slice(0, folderEntriesMax)
    } catch (error) {
      this.#note(error)
      return []
    }
  }

  #place(path: string): Buffer {
    return Buffer.concat([Buffer.from(this.#root), Buffer.from(path, 'latin1')])
  }

  #note(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ESRCH') this.#hasGap = true
  }
}
