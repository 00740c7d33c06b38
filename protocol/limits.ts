/**
 * Every bound of the wire and of a record, in one place, with its unit in its name.
 *
 * A value above its bound is refused at the edge that reads it, with `limit-exceeded`; nothing is cut
 * silently. Each is tested at the bound and one past it.
 */
export const LIMITS = {
  /** One text that a device, a file system or a network named: the longest that may pass, in bytes. */
  textBytesMax: 65_536,
  /** Raw descriptors of one USB device: the kernel itself stops at 64 KiB a configuration. */
  descriptorBytesMax: 65_536,
  /** One record as written: a text at its bound, each byte escaped six-fold, and room for the rest. */
  recordBytesMax: 524_288,
  /** Records in one `records` frame. */
  recordsPerFrameMax: 1_000,
  /** One WebSocket message, also the server's `maxPayload`. */
  frameBytesMax: 2_097_152,
  /** One control frame (anything but `records`, `policy`), as text. */
  controlFrameBytesMax: 65_536,
  /** A signed policy in its envelope. */
  policyBytesMax: 1_048_576,
  /** Records sent and not yet acknowledged: the window that a console offers at most. */
  windowRecordsMax: 4_000,
  windowBytesMax: 8_388_608,
  /** A frame each 10 s proves life; three missed ones close the connection. */
  heartbeatMs: 10_000,
  connectionSilentMsMax: 30_000,
  /** A handshake that has not said hello by then is closed. */
  helloMsMax: 10_000,
  /** Reconnecting: full jitter between these. The console's grace after its own start covers the upper one. */
  reconnectDelayMsMin: 250,
  reconnectDelayMsMax: 15_000,
  /** The agent's journal. */
  segmentBytesMax: 8_388_608,
  journalBytesMax: 1_073_741_824,
  /** One enrolment request, and one API request body. */
  enrolmentBytesMax: 1_048_576,
  apiBodyBytesMax: 1_048_576,
  /** Lists inside one policy. */
  registeredMediaMax: 10_000,
  approvedInterfacesMax: 1_000,
  baselineItemsMax: 4_096,
  /** Lists inside one fact. */
  interfaceAddressesMax: 4_096,
  routesPerFactMax: 1_000,
  usbInterfacesMax: 1_024,
  disksPerInventoryMax: 1_024,
  /** Registered media. A seal on a medium has to fit into the smallest gap that file systems leave. */
  sealBytesMax: 4_096,
  computersPerSealMax: 64,
  usersPerSealMax: 16,
  sealsPerPolicyMax: 300,
  revocationsPerPolicyMax: 4_000,
  fileSystemsPerMediumMax: 16,
  approvedPeripheralsMax: 1_000,
  /** What one act on a device may report. */
  actionStepsMax: 32,
  guardRefusalsPerFactMax: 256,
  /** The network: lists of a policy, and of one fact. */
  approvedPrefixesMax: 256,
  approvedDestinationsMax: 512,
  approvedGatewaysMax: 64,
  pictureItemsMax: 128,
  differencesPerFactMax: 256,
  flowsPerFactMax: 200,
  tracesPerFactMax: 200,
  isolationReasonMax: 500,
  /** A temporary grant, minutes. */
  grantMinutesMax: 1_440,
} as const
