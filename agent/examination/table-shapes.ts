/** What a partition table tells, whichever kind it is. */

export interface Partition {
  /** As the kernel numbers it: sdb1 is 1, the first logical one is 5. */
  readonly number: number
  readonly startByte: number
  readonly sizeBytes: number
  /** MBR: two hex digits; GPT: the type's GUID. */
  readonly type: string
}

export interface PartitionTable {
  readonly kind: 'none' | 'mbr' | 'gpt'
  readonly id: string | null
  /** Ordered by where they start; containers of logical partitions are left out. */
  readonly partitions: readonly Partition[]
  /** The first byte that belongs to no table, from the medium's beginning. */
  readonly tableEndByte: number
  /** The first byte of what stands at the end of the medium (GPT backup); null: nothing does. */
  readonly tailStartByte: number | null
  readonly faults: readonly string[]
}

/** What is put together while a table is read. */
export interface TableDraft {
  readonly partitions: Partition[]
  readonly faults: string[]
}

export type TableFound = Omit<PartitionTable, 'partitions' | 'faults'>
