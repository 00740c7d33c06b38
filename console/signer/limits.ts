/** Bounds of the signing process and of the way to it. */
import { LIMITS } from '@shoukou/protocol'

export const SIGNER_LIMITS = {
  /** One message: a policy at its bound, and its header. */
  messageBytesMax: LIMITS.policyBytesMax + 131_072,
  headerBytesMax: 131_072,
  /** Asked and not answered yet. Who makes many policies asks one after another. */
  waitingMax: 2_000,
  /** Sent and not answered yet; the rest waits on the console's side. */
  underWayMax: 64,
  /** From being asked to the answer, a new start of the process included. */
  waitMsMax: 15_000,
  /** Signatures a second, and how many may come at once: what one change asks for, and nothing like a flood. */
  signaturesPerSecond: 500,
  burst: 2_000,
  /** Starting again after it died. */
  restartDelayMsMin: 100,
  restartDelayMsMax: 10_000,
  /** From its start until it says what its key is. */
  startMsMax: 20_000,
} as const
