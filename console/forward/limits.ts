/** Bounds of forwarding, with their units. */
export const FORWARD_LIMITS = {
  targetsMax: 32,
  /** One batch: what is in memory at one time for a target. */
  batchEventsMax: 100,
  batchBytesMax: 524_288,
  /** One syslog message: what a receiver should take at least (RFC 5425 §4.3.1: 8192). */
  syslogBytesMax: 8_192,
  /** One message as JSON; longer facts are left out and said to be. */
  jsonBytesMax: 262_144,
  /** Of one mail: sentences; the rest is counted. */
  mailMessagesMax: 100,
  recipientsMax: 32,
  /** To reach a receiver, and for it to take a batch. */
  connectMsMax: 10_000,
  sendMsMax: 30_000,
  /** What is kept of what a receiver says. */
  answerBytesMax: 4_096,
  answerCharactersMax: 300,
  /** Backoff: full jitter up to these. */
  retryDelayMsMin: 1_000,
  retryDelayMsMax: 300_000,
  /** How often an idle target looks by itself. */
  pollMs: 2_000,
  watchMs: 15_000,
  /** Counting waits no further than this for a page. */
  waitingCountedMax: 100_000,
  /** Told events are kept for a while, to be asked about; then forgotten. The violations themselves stay. */
  eventKeptMs: 7 * 86_400_000,
  pruneEventsMax: 5_000,
  pruneMs: 600_000,
  heartbeatSecondsMin: 5,
  heartbeatSecondsMax: 3_600,
} as const
