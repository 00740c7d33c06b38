/**
 * What a verification finds: where exactly something is not what it was, and in which way. Pure; words for people are
 * `finding-words.ts`.
 */
export type FindingKind =
  /** The bytes, or what stands behind them, are not those that made the stored head. */
  | 'altered'
  /** The stored head alone is not what the bytes make. */
  | 'head-altered'
  /** Something that was there is not there any more. */
  | 'missing'
  /** Something is there that nothing vouches for. */
  | 'added'
  /** A column beside the raw bytes says something else than they do. */
  | 'column-altered'
  /** A signature does not hold. */
  | 'signature'
  /** Something that was signed or chained before says that this was another. */
  | 'differs'
  /** The rule does not make this violation of this record. */
  | 'not-remade'
  /** The bytes can't be read as what they should be. */
  | 'unreadable'

export interface Finding {
  readonly kind: FindingKind
  /** The table, as the database calls it. */
  readonly table: string
  readonly agent?: string
  readonly epoch?: string
  /** The number within its chain or table. */
  readonly seq?: number
  readonly lastSeq?: number
  /** What exactly: a column, a checkpoint's number, the other side of a comparison. Never content. */
  readonly what: string
}

/** Keeps the first of them and counts all: an exchanged database would have millions. */
export class Findings {
  readonly kept: Finding[] = []
  total = 0
  readonly #max: number

  constructor(max = 200) {
    this.#max = max
  }

  readonly add = (finding: Finding): void => {
    this.total += 1
    if (this.kept.length < this.#max) this.kept.push(finding)
  }
}
