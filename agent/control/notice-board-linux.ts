/**
 * What everybody at the computer may see of media control, and the one thing that everybody may hand in: a spoken code.
 *
 * `notice.json` is written for all to read. `codes/` is a folder into which anybody may put a small file and which only
 * the agent can list; a file is read up to 64 bytes, of which the digits count, and removed. Nothing else is taken.
 */
import { chmodSync, constants, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../base/atomic-file.ts'
import type { Log } from '../base/log.ts'
import { CODES_FOLDER, NOTICE_FILE, type Notice } from './notice.ts'

export interface NoticeBoardOptions {
  /** `/run/shoukou` */
  readonly folder: string
  readonly onCode: (text: string) => Promise<string>
  readonly log: Log
}

const lookEveryMs = 700
const codeBytesMax = 64
/** A pile of files is taken away unread beyond this. */
const codesPerLookMax = 4

export class NoticeBoard {
  readonly #options: NoticeBoardOptions
  readonly #codes: string
  #timer: NodeJS.Timeout | null = null
  #isTaking = false
  #writing: Promise<void> = Promise.resolve()
  #notice: Omit<Notice, 'lastCode'> | null = null
  #lastCode: Notice['lastCode'] = null

  constructor(options: NoticeBoardOptions) {
    this.#options = options
    this.#codes = join(options.folder, CODES_FOLDER)
  }

  /** Makes the folders. Without the right to, there is no board, and the log says so. */
  start(): boolean {
    try {
      mkdirSync(this.#codes, { recursive: true })
      chmodSync(this.#options.folder, 0o755)
      // Write and enter, not list, for all but the agent.
      chmodSync(this.#codes, 0o1733)
    } catch (fault) {
      this.#options.log.info({ fault: String(fault) }, 'no notice board')
      return false
    }
    this.#timer = setInterval(() => void this.#take(), lookEveryMs)
    return true
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#writing
  }

  /** Shows a notice, with what became of the last code. */
  show(shown: Omit<Notice, 'lastCode'>): void {
    if (this.#timer === null) return
    this.#notice = shown
    const notice: Notice = { ...shown, lastCode: this.#lastCode }
    const path = join(this.#options.folder, NOTICE_FILE)
    this.#writing = this.#writing
      .then(() => writeFileAtomic(path, JSON.stringify(notice), 0o644))
      .catch((fault: unknown) => this.#options.log.warn({ fault: String(fault) }, 'notice not written'))
  }

  async #take(): Promise<void> {
    if (this.#isTaking) return
    this.#isTaking = true
    try {
      const names = readdirSync(this.#codes)
      for (const name of names.slice(0, codesPerLookMax)) await this.#takeOne(join(this.#codes, name))
      for (const name of names.slice(codesPerLookMax))
        rmSync(join(this.#codes, name), { recursive: true, force: true })
    } catch (fault) {
      this.#options.log.warn({ fault: String(fault) }, 'codes not read')
    } finally {
      this.#isTaking = false
    }
  }

  async #takeOne(path: string): Promise<void> {
    const text = await readSmall(path)
    rmSync(path, { recursive: true, force: true })
    if (text === null) return
    const outcome = await this.#options.onCode(text)
    this.#lastCode = { outcome, atMs: Date.now() }
    if (this.#notice !== null) this.show(this.#notice)
  }
}

/** Reads the beginning of a regular file; null where it is anything else: a link or a pipe of somebody's is not followed. */
async function readSmall(path: string): Promise<string | null> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null)
  if (file === null) return null
  try {
    if (!(await file.stat()).isFile()) return null
    const bytes = Buffer.alloc(codeBytesMax)
    const { bytesRead } = await file.read(bytes, 0, codeBytesMax, 0)
    return bytes.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
