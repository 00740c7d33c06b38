/**
 * The ceilings of this console: the one in force, verified again when it is read, and those that an agent has to be handed
 * so that it can follow each change of keys.
 */
import {
  CEILING_LIMITS,
  type Ceiling,
  handsOver,
  judgeCeiling,
  type SentCeiling,
  ShoukouError,
  type SignedCeiling,
} from '@shoukou/protocol'
import type { CeilingRow } from '../../store/ceiling-ports.ts'
import type { Store } from '../../store/ports.ts'
import type { CeilingNow } from './assert-within.ts'

interface Entry {
  readonly row: CeilingRow
  readonly signed: SignedCeiling
  readonly ceiling: Ceiling
}

export class CeilingBook {
  readonly #entries: Entry[]

  private constructor(entries: Entry[]) {
    this.#entries = entries
  }

  /**
   * Reads the book and verifies it from its first ceiling on.
   *
   * @throws ShoukouError `ceiling-refused` where one does not follow the one before: the database was altered.
   */
  static async open(store: Pick<Store, 'ceilings'>): Promise<CeilingBook> {
    const book = new CeilingBook([])
    for (const row of await store.ceilings()) book.add(row)
    return book
  }

  /** The one in force; null where the unit has none. */
  get now(): CeilingNow {
    const newest = this.#entries.at(-1)
    return newest === undefined ? null : { signed: newest.signed, ceiling: newest.ceiling }
  }

  /** Oldest first. */
  get rows(): readonly CeilingRow[] {
    return this.#entries.map(({ row }) => row)
  }

  get newestRow(): CeilingRow | null {
    return this.#entries.at(-1)?.row ?? null
  }

  /** Adds the newest. @throws ShoukouError `ceiling-refused` where it may not follow. */
  add(row: CeilingRow): void {
    const signed = JSON.parse(row.signed) as SignedCeiling
    const verdict = judgeCeiling(signed, this.now?.signed ?? null)
    if (verdict.kind !== 'accepted') {
      const reason = verdict.kind === 'same' ? 'same' : verdict.reason
      throw new ShoukouError(
        'ceiling-refused',
        `The stored ceiling ${row.version} does not hold (${reason}); restore the database from the backup.`,
      )
    }
    this.#entries.push({ row, signed, ceiling: verdict.ceiling })
  }

  /**
   * Returns what an agent that holds a version is sent, oldest first: every ceiling whose keys are others than those of the
   * one before it, and the newest. Null: it knows of no ceilings.
   */
  sentTo(version: number | null): readonly SentCeiling[] {
    if (version === null) return []
    const due = this.#entries.filter(({ ceiling, row }, at) => {
      if (row.version <= version) return false
      const before = this.#entries[at - 1]
      const isNewest = at === this.#entries.length - 1
      return isNewest || before === undefined || handsOver(before.ceiling, ceiling)
    })
    // An agent that holds none takes the first one alone by the daily key's word; the rest follow from it.
    return due.slice(0, CEILING_LIMITS.chainMax).map(({ signed, row }) => ({
      ceiling: signed,
      dailySignature: row.dailySignature,
    }))
  }
}
