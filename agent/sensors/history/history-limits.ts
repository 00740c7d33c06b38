/** Bounds of one reading of the system's own records: an old computer has gigabytes of them. */
export const HISTORY_LIMITS = {
  /** The whole reading. */
  durationMsMax: 10_000,
  filesMax: 4_096,
  /** Files of one folder. */
  folderEntriesMax: 1_024,
  /** A profile or lease file; a longer one is read so far. */
  smallFileBytesMax: 262_144,
  /** A log file, unpacked; of a longer one the end is read. */
  logFileBytesMax: 33_554_432,
  /** All files together. */
  bytesMax: 268_435_456,
  journalBytesMax: 134_217_728,
  /** One line of a log; the rest of it is not looked at. */
  lineBytesMax: 2_048,
  /** What a trace shows of a line or name. */
  textBytesMax: 1_024,
  traceMax: 4_000,
  unreadMax: 32,
  unreadLengthMax: 300,
} as const
