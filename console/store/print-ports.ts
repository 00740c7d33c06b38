/**
 * What the store keeps of printed labels and forms: what stood on them, each time they were printed, and signed papers that came
 * back. Part of the store's interface: see `ports.ts`. Nothing of it is ever changed.
 */
import type { NumberStem } from './ledger-ports.ts'

export interface PrintItem {
  readonly kind: string
  readonly number: string
}

/** How often a label of the entry, or this form, was printed: 1 is the first. */
export interface PrintedItem extends PrintItem {
  readonly copy: number
}

export interface PrintRow {
  readonly id: number
  /** `labels`, or a form's name. */
  readonly what: string
  /** A form's number; null: labels have none of their own. */
  readonly number: string | null
  /** JSON: what stood on it. */
  readonly content: string
  readonly at: number
  readonly account: string
}

export interface PrintRun {
  readonly id: number
  readonly at: number
  readonly account: string
  readonly person: string | null
  /** Empty at the first time. */
  readonly reason: string
  readonly items: readonly PrintedItem[]
}

/** A signed paper that came back, and where it is kept. */
export interface PrintReturn {
  readonly at: number
  readonly account: string
  readonly place: string
}

export interface FullPrint {
  readonly print: PrintRow
  /** Oldest first. */
  readonly runs: readonly PrintRun[]
  readonly returns: readonly PrintReturn[]
}

/** One line of a list: a job, with its first entries. */
export interface PrintListRow {
  readonly print: Omit<PrintRow, 'content'>
  readonly runs: number
  readonly lastAt: number
  readonly items: readonly PrintItem[]
  readonly itemsTotal: number
  readonly isReturned: boolean
}

/** One printing of one entry, as its history tells it. */
export interface PrintingOf {
  readonly print: number
  readonly what: string
  /** A form's number; null: a label. */
  readonly number: string | null
  readonly copy: number
  readonly at: number
  readonly account: string
  readonly reason: string
}

export interface NewRun {
  readonly at: number
  readonly account: string
  readonly person: string | null
  readonly reason: string
}

export interface PrintStore {
  /** Keeps a job and its first printing; a form's number is counted off in the same transaction. */
  addPrint(
    job: { readonly what: string; readonly content: string; readonly stem: NumberStem | null },
    items: readonly PrintItem[],
    run: NewRun,
  ): Promise<FullPrint>
  /** Keeps that a job is printed once more. */
  addPrintRun(id: number, run: NewRun): Promise<FullPrint>
  addPrintReturn(id: number, back: PrintReturn): Promise<void>
  print(id: number): Promise<FullPrint | null>
  /** By a form's number, upper and lower case alike. */
  printOfForm(number: string): Promise<FullPrint | null>
  /** Newest first; of one entry where it is named. Jobs before an id. */
  prints(asked: {
    readonly of?: PrintItem
    readonly beforeId?: number
    readonly limit: number
  }): Promise<readonly PrintListRow[]>
  /** Every printing of one entry, newest first. */
  printingsOf(entry: PrintItem, limit: number): Promise<readonly PrintingOf[]>
  /** How many labels of each entry were printed; those of none are left out. */
  labelCopies(kind: string, numbers: readonly string[]): Promise<ReadonlyMap<string, number>>
}
