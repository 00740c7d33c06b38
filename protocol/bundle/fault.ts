/** Why a bundle, a package or an enrolment file can't be taken: a closed list, so that every page can word it. */
import { ShoukouError } from '../errors.ts'

export const BUNDLE_FAULTS = [
  /** It does not begin as one. */
  'not-a-bundle',
  'unsupported-version',
  /** Its parts are not what the format says. */
  'malformed',
  /** It claims, or has, more than may be. */
  'too-large',
  /** It ends before its end. */
  'truncated',
  /** A part is not what was written: a byte changed, chunks swapped, pieces of two bundles. */
  'altered',
  /** The signature is not that of the key it names. */
  'signature',
  /** Made for another console. */
  'foreign-console',
  /** Sealed to a key that this console does not have. */
  'unknown-key',
  /** Of an agent that is not enrolled here. */
  'unknown-agent',
  'agent-revoked',
  /** Made for another computer. */
  'foreign-agent',
  /** An older one than was taken before. */
  'older',
  /** Records between what is stored and what it brings are missing. */
  'records-missing',
  /** Its records are not a continuation of what is stored. */
  'chain',
  /** The computer is connected at this moment and sends its records itself. */
  'connected',
  /** Its key is that of a known computer, and its hardware is another one's: an identity that was copied. */
  'other-machine',
] as const
export type BundleFault = (typeof BUNDLE_FAULTS)[number]

/** Where in a file something is wrong. */
export interface FaultPlace {
  readonly atByte: number
  readonly chunk: number | null
}

/** Makes the error of a refused bundle; `context.fault` names the reason, `atByte` and `chunk` where. */
export function bundleError(
  fault: BundleFault,
  message: string,
  more: { readonly place?: FaultPlace; readonly cause?: unknown } = {},
): ShoukouError {
  const { place, cause } = more
  return new ShoukouError('bundle-refused', message, {
    context: { fault, ...(place === undefined ? {} : { atByte: place.atByte, chunk: place.chunk }) },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Returns the reason that an error names, null where it is no bundle's error. */
export function bundleFaultOf(error: unknown): BundleFault | null {
  if (!(error instanceof ShoukouError) || error.code !== 'bundle-refused') return null
  const { fault } = error.context
  return BUNDLE_FAULTS.find((one) => one === fault) ?? null
}
