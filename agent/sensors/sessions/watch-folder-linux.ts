/**
 * Watches a folder for changes by inotify, through Node: a hint to look again, no more. Neither needs a privilege.
 *
 * The folder rather than the file in it: a file that is made anew, or put in the place of another, is another one.
 */
import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'

export class FolderWatch {
  readonly #folder: string
  readonly #onHint: (name: string) => void
  #watcher: FSWatcher | null = null
  #watched = ''
  #reason: string | null = null

  constructor(folder: string, onHint: (name: string) => void) {
    this.#folder = folder
    this.#onHint = onHint
  }

  /** Why changes are not told; null where they are, or where there is nothing to watch. */
  get reason(): string | null {
    return this.#reason
  }

  /** Begins, or begins anew where another folder stands in its place now. Call it with each look. */
  async arm(): Promise<void> {
    const standing = await inodeOf(this.#folder)
    if (standing === this.#watched && this.#reason === null) return
    this.close()
    this.#reason = null
    this.#watched = standing
    if (standing === '') return
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, (_event, name) => this.#onHint(name ?? ''))
      this.#watcher.on('error', (error) => this.#fail(error))
    } catch (error) {
      this.#fail(error)
    }
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = null
    this.#watched = ''
  }

  #fail(error: unknown): void {
    this.#watcher?.close()
    this.#watcher = null
    this.#reason = error instanceof Error ? error.message : String(error)
  }
}

/** Empty where there is no such folder. */
async function inodeOf(folder: string): Promise<string> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return ''
  }
}
