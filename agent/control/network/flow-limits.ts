/** Bounds of the flow ledger. What they turn away is counted and declared as lost. */
export const FLOW_LIMITS = {
  /** Programs that are followed at a time. */
  seriesMax: 1_024,
  /** Flows that wait to be told, over all series. */
  pendingFlowsMax: 32_768,
  /** Flows of one series that are remembered as told. */
  knownFlowsMax: 8_192,
  /** The same over all series: a thousand programs that each ask everybody must not fill the memory. */
  knownFlowsOfAllMax: 262_144,
  /** Sockets whose next news is awaited. */
  cookiesMax: 131_072,
  /** Peers whose packets may belong to a flow of a program. */
  peersMax: 16_384,
  /** How long a packet waits for the call that sent it, ms, and how many may wait. */
  heldMs: 250,
  heldMax: 8_192,
  /** Peers of packets without a program that are series of their own, for each account; more are one series. */
  packetSeriesMax: 64,
  /** From one record of a series to the next, ms: growing, so that a program that goes on is told of and does not fill the journal. */
  spansMs: [1_000, 5_000, 30_000, 60_000],
  /** A peer that the series has not been told of, or a link that turns out to stand, is told within this, ms. */
  newsMs: 1_000,
  /** Something answered: told within this after the last record, ms. */
  confirmedMs: 50,
  /** Quiet for this long, a series has ended, ms. */
  quietMs: 600_000,
} as const
export type FlowLimits = {
  readonly [K in keyof typeof FLOW_LIMITS]: (typeof FLOW_LIMITS)[K] extends number
    ? number
    : readonly number[]
}
