/**
 * The running agent's side of bundles: records exports that somebody made beside it, and takes return packages that
 * somebody put into its inbox. Both are looked for every second or so: nobody waits for them but a person at a terminal.
 *
 * The inbox is a folder of the state folder, which only root may enter: what lies there was put there by
 * `shoukou-agent import`. Its content is judged all the same.
 */
import { lstat, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BUNDLE_LIMITS } from '@shoukou/protocol'
import { isErrno, makeFolder, writeJsonAtomic } from '../base/atomic-file.ts'
import type { Log } from '../base/log.ts'
import { peekBook, readTold, writeTold } from './export-book.ts'
import { type PackageTaker, type TakenPackage, takePackage } from './take-package.ts'

/** Names in the inbox: a package as put there, and what became of it. */
export const PACKAGE_NAME = /^[0-9a-f]{32}\.skr$/
export const answerNameOf = (name: string): string => name.replace(/\.skr$/, '.json')

export interface BundleDeskOptions extends PackageTaker {
  readonly log: Log
  readonly onDamaged: (path: string) => void
}

const lookEveryMs = 1_000
/** Answers that nobody fetched are taken away after so long. */
const answerKeptMs = 3_600_000
const namesPerLookMax = 256

export class BundleDesk {
  readonly #options: BundleDeskOptions
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> = Promise.resolve()
  #isLooking = false

  constructor(options: BundleDeskOptions) {
    this.#options = options
  }

  start(): void {
    this.#look()
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#looking
  }

  #look(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#looking = this.#work().finally(() => {
      this.#isLooking = false
    })
  }

  async #work(): Promise<void> {
    try {
      await this.#tellExports()
      await this.#sweep()
    } catch (fault) {
      this.#options.log.error({ fault: String(fault) }, 'bundles not looked after')
    }
  }

  async #tellExports(): Promise<void> {
    const { folder, tell, onDamaged } = this.#options
    const { exported } = await peekBook(folder)
    if (exported.length === 0) return
    const told = await readTold(folder, onDamaged)
    for (const note of exported.filter(({ number }) => number > told)) {
      await tell({ kind: 'bundle.exported', ...note })
      await writeTold(folder, note.number)
    }
  }

  async #sweep(): Promise<void> {
    const { inbox } = this.#options.folder
    const names = await readdir(inbox).catch((fault: unknown) => {
      if (isErrno(fault, 'ENOENT')) return []
      throw fault
    })
    for (const name of names.slice(0, namesPerLookMax)) {
      if (PACKAGE_NAME.test(name)) await this.#takeOne(join(inbox, name), join(inbox, answerNameOf(name)))
      else await this.#clear(join(inbox, name))
    }
  }

  async #takeOne(path: string, answerPath: string): Promise<void> {
    const found = await lstat(path)
    const bytes =
      found.isFile() && found.size <= BUNDLE_LIMITS.packageBytesMax ? await readFile(path) : Buffer.alloc(0)
    const taken: TakenPackage = await takePackage(this.#options, bytes)
    this.#options.log.info(
      { result: taken.result, reason: taken.reason, number: taken.number },
      'return package looked at',
    )
    // The answer first: a package that is gone was answered.
    await writeJsonAtomic(answerPath, taken)
    await rm(path, { recursive: true, force: true })
  }

  async #clear(path: string): Promise<void> {
    const { mtimeMs } = await lstat(path)
    if (Date.now() - mtimeMs > answerKeptMs) await rm(path, { recursive: true, force: true })
  }
}

/** Makes the inbox. */
export async function makeInbox(inbox: string): Promise<void> {
  await makeFolder(inbox)
}
