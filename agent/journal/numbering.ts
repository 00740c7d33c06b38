/**
 * Gives records their numbers, and puts seals between them when they fall due: at the latest after so many records, and
 * when the journal asks for one. Not re-entrant: called by the journal's loop alone.
 */
import { type Fact, RECORDS_PER_SEAL_MAX } from '@shoukou/protocol'
import type { BuildRecord } from './append-queue.ts'
import type { Entry } from './entry.ts'
import type { EpochStore } from './epoch-store.ts'
import { lastSealIn } from './seal-tail.ts'
import type { Sealer } from './sealer.ts'

export interface NumberingOptions {
  readonly store: () => EpochStore
  /** Left out: nothing is sealed. */
  readonly sealer: Sealer | undefined
  readonly buildOwn: (fact: Fact) => BuildRecord
}

export class Numbering {
  readonly #options: NumberingOptions
  /** Records numbered since the last seal. */
  #unsealed = 0
  #foundSeal: number | null = null

  constructor(options: NumberingOptions) {
    this.#options = options
  }

  /** The index of the last seal that the journal held when it was opened; null where it held none. */
  get foundSeal(): number | null {
    return this.#foundSeal
  }

  /** Looks how far the journal is sealed: so far the key has moved on, whatever its file says. */
  async findSeal(): Promise<void> {
    const { sealer, store } = this.#options
    if (sealer === undefined) return
    const found = await lastSealIn(store(), RECORDS_PER_SEAL_MAX + 1)
    this.#unsealed = found.unsealed
    this.#foundSeal = found.index
    if (found.index !== null) sealer.passed(found.index)
  }

  /** Another epoch begins: nothing of it is there to be sealed. */
  begin(): void {
    this.#unsealed = 0
  }

  /** Numbers a record. Throws what `build` throws; then no number is used. */
  number(build: BuildRecord): Entry {
    const store = this.#options.store()
    const entry = store.add(build({ epoch: store.epoch, seq: store.nextSeq }))
    this.#unsealed += 1
    return entry
  }

  /** Makes the seal that has to stand before the next record; null where none has to. */
  sealIfDue(): Entry | null {
    return this.#unsealed >= RECORDS_PER_SEAL_MAX ? this.seal() : null
  }

  /** Makes a seal over what is numbered; null where there is no key, or nothing that is not sealed. */
  seal(): Entry | null {
    const { sealer, buildOwn } = this.#options
    const store = this.#options.store()
    const { epoch, nextSeq, lastHead } = store
    if (sealer === undefined || sealer.nextIndex === null || this.#unsealed === 0 || nextSeq === 1)
      return null
    const fact = sealer.seal({ epoch, upToSeq: nextSeq - 1, head: lastHead })
    const entry = store.add(buildOwn(fact)({ epoch, seq: nextSeq }))
    this.#unsealed = 0
    return entry
  }
}
