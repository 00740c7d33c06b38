/** Bounds of the media register's workflows. */
export const MEDIA_LIMITS = {
  /** Candidates that share a key: more devices with one serial than this are compared no further. */
  candidatesMax: 200,
  /** Policies that are due are looked for in steps of so many. */
  dueMax: 10_000,
  /** Acts that follow within this time make one policy. */
  debounceMs: 150,
  /** After a policy could not be made: when it is tried again. */
  retryMs: 5_000,
  policyTriesMax: 5,
  reasonCharactersMax: 500,
  /** A spreadsheet: as sent, unpacked, and what is in it. */
  spreadsheetBytesMax: 4_500_000,
  unpackedBytesMax: 64 * 1_048_576,
  zipEntriesMax: 200,
  readMs: 30_000,
  readHeapMb: 512,
  rowsMax: 20_000,
  columnsMax: 64,
  cellCharactersKept: 501,
  faultsMax: 20_000,
  faultValueCharacters: 100,
  sampleRows: 20,
  previewsMax: 8,
  previewsPerAccountMax: 2,
  previewMs: 30 * 60_000,
} as const
