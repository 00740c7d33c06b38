/** Bounds of what is read from spreadsheets and written to them. */
export const SHEET_LIMITS = {
  /** As sent, unpacked, and what is in it. */
  bytesMax: 4_500_000,
  unpackedBytesMax: 64 * 1_048_576,
  zipEntriesMax: 200,
  sheetsMax: 200,
  readMs: 30_000,
  readHeapMb: 512,
  rowsMax: 20_000,
  columnsMax: 64,
  /** Longer than any field takes, so that too long is still seen to be so. */
  cellCharactersKept: 4_001,
  faultsMax: 20_000,
  faultValueCharacters: 100,
  sampleRows: 20,
  /** Changed rows are shown before new ones; of a row so many cells. */
  sampleCells: 40,
  previewsMax: 8,
  previewsPerAccountMax: 2,
  previewMs: 30 * 60_000,
  /** Rows that one export writes; a spreadsheet program takes 1,048,575. */
  exportRowsMax: 100_000,
  exportPageRows: 500,
  exportColumnsMax: 64,
  exportCellCharacters: 4_000,
} as const
