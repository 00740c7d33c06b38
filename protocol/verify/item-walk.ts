/**
 * Walks a chain of the console's own making (`../trail/trail-chain.ts`) item by item: numbers without a hole, each head
 * made of the one before. Pure.
 */
import type { ChainRules } from '../trail/trail-chain.ts'
import type { Finding } from './finding.ts'

export interface ChainItem {
  readonly seq: number
  readonly raw: Uint8Array
  readonly head: Uint8Array
}

export class ItemWalk {
  readonly #rules: ChainRules
  readonly #table: string
  readonly #add: (finding: Finding) => void
  #seq = 0
  #stored: Uint8Array
  #computed: Uint8Array

  constructor(chain: { rules: ChainRules; table: string; origin: string; add: (finding: Finding) => void }) {
    this.#rules = chain.rules
    this.#table = chain.table
    this.#add = chain.add
    this.#stored = chain.rules.genesis(chain.origin)
    this.#computed = this.#stored
  }

  get seq(): number {
    return this.#seq
  }

  take({ seq, raw, head }: ChainItem): void {
    const table = this.#table
    if (seq !== this.#seq + 1) {
      if (seq > this.#seq + 1)
        this.#add({ kind: 'missing', table, seq: this.#seq + 1, lastSeq: seq - 1, what: 'entries' })
      else this.#add({ kind: 'added', table, seq, what: 'number out of order' })
      // What stands before it is gone: it is compared from itself on.
      this.#seq = seq
      this.#stored = head
      this.#computed = head
      return
    }
    const computed = this.#rules.after(this.#stored, seq, raw)
    if (!isSame(computed, head)) {
      const isOnlyHeadBefore =
        !isSame(this.#computed, this.#stored) && isSame(this.#rules.after(this.#computed, seq, raw), head)
      this.#add(
        isOnlyHeadBefore
          ? { kind: 'head-altered', table, seq: seq - 1, what: 'head' }
          : { kind: 'altered', table, seq, what: 'raw or head' },
      )
    }
    this.#seq = seq
    this.#stored = head
    this.#computed = computed
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}
