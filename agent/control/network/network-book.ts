/**
 * Keeps `network.json`: read once at the start, written whole after each change, one write at a time.
 *
 * Isolation is on the disk before it is said to hold: whoever pulls the plug must not lift it.
 */
import type { NetworkState } from './network-file.ts'
import { emptyState, networkFile } from './network-file.ts'

export interface NetworkBookOptions {
  readonly path: string
  readonly bootId: string
  readonly onFault: (fault: unknown) => void
}

export class NetworkBook {
  readonly #options: NetworkBookOptions
  #state: NetworkState
  #isDirty = false
  #writing: Promise<boolean> | null = null
  /** Whether what was found is of this boot. */
  readonly isOfThisBoot: boolean

  constructor(options: NetworkBookOptions, found: NetworkState | null) {
    this.#options = options
    this.isOfThisBoot = found?.bootId === options.bootId
    const kept = found ?? emptyState(options.bootId)
    // Keys are of one boot: the kernel numbers its interfaces anew. So are the counters of its nets.
    const anew = { bootId: options.bootId, conditions: [], told: [], hasPacketTable: false }
    this.#state = this.isOfThisBoot ? kept : { ...kept, ...anew }
  }

  static async open(options: NetworkBookOptions, onDamaged: (path: string) => void): Promise<NetworkBook> {
    return new NetworkBook(options, await networkFile.read(options.path, onDamaged))
  }

  get state(): NetworkState {
    return this.#state
  }

  /** Changes what is kept; resolves whether it is on the disk. */
  change(part: Partial<Omit<NetworkState, 'v' | 'bootId'>>): Promise<boolean> {
    this.#state = { ...this.#state, ...part }
    this.#isDirty = true
    this.#writing ??= this.#write()
    return this.#writing
  }

  async saved(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<boolean> {
    const { path, onFault } = this.#options
    let isWritten = true
    while (this.#isDirty) {
      // What changes in the same turn shares a write.
      await Promise.resolve()
      this.#isDirty = false
      try {
        await networkFile.write(path, this.#state)
        isWritten = true
      } catch (fault) {
        onFault(fault)
        isWritten = false
      }
    }
    // In the same turn as the last look: a change that came after it would wait for the next one.
    this.#writing = null
    return isWritten
  }
}
