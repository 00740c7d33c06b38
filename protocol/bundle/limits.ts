/** Bounds of what travels on a medium, with units. A claim above one is refused before anything is read for it. */
import { LIMITS } from '../limits.ts'

export const BUNDLE_LIMITS = {
  /** The plain header: names, numbers, keys; never a list. */
  headerBytesMax: 8_192,
  /** One chunk before it is sealed: a manifest, one records frame, or the totals. */
  chunkBytesMax: LIMITS.frameBytesMax,
  chunksMax: 1_048_576,
  /** A whole bundle: a full journal and what wraps it. */
  bundleBytesMax: 1_610_612_736,
  /** A return package: a policy at its bound, in base64 within JSON, and room for the rest. */
  packageBytesMax: 8_388_608,
  commandsPerPackageMax: 64,
  /** An enrolment request or answer as a file. */
  enrolmentFileBytesMax: 4_194_304,
} as const
