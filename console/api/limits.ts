/** Bounds of the API that the contract's schemas do not already set. */
export const API_LIMITS = {
  /** A request from its first byte to its last, and its headers alone. */
  requestMsMax: 30_000,
  headersMsMax: 15_000,
  handshakeMsMax: 10_000,
  /** How often half-sent requests are looked for. */
  slowCheckMs: 2_000,
  /** Requests under way when the console stops. */
  closeMsMax: 2_000,
  /** A socket on which nothing moves; the feed's comments keep its own alive. */
  socketIdleMsMax: 120_000,
  connectionsMax: 2_000,
  /** Per address and minute. An office behind one gateway signs in at eight; a roll-out enrols from one. */
  signInsPerMinute: 60,
  enrolmentsPerMinute: 600,
  /** How often sessions that nobody uses are looked for. */
  sessionSweepMs: 60_000,
  /** Answers with raw records stop here, in bytes of records, and go on at the next page. */
  recordBytesPerAnswerMax: 8_388_608,
  recordsPerReadMax: 32,
  recordsPerPage: 100,
  violationsPerPage: 50,
  actionsPerPage: 100,
  actionsPerExport: 20_000,
  newestViolations: 10,
  /** Computers that the overview names, of each state. */
  overviewListed: 20,
  mediaPerPage: 50,
  registerEntriesPerPage: 100,
  actsPerPage: 50,
  /** Acts that wait, looked through for how many wait for whoever asks. */
  openActsCounted: 500,
  departmentsMax: 1_000,
  mediumHistoryMax: 500,
  mediumSightingsMax: 200,
  networkTracesMax: 2_000,
  /** A spreadsheet in base64, with what JSON adds. */
  importBodyBytesMax: 6_100_000,
  /** Around one violation. */
  timelineMs: 600_000,
  timelineNeighbours: 150,
  timelineRecordsMax: 300,
  /** The live feed. */
  feedCommentMs: 15_000,
  feedSessionCheckMs: 30_000,
  /** Texts written at once; the next ones follow when the page's connection has taken them. */
  feedBatchBytesMax: 131_072,
  /** A page that takes nothing for so long is gone. */
  feedStalledMsMax: 60_000,
  /** Messages that wait for one page: above the feed's ring, since a page that catches up with all of it is not slow yet. */
  feedWaitingMax: 4_096,
  feedsPerSessionMax: 8,
  /** Policies are never changed once made: their settings are kept for the lists. */
  policySettingsKept: 10_000,
} as const
