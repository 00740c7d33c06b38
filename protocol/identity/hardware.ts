/**
 * Which machine it is: numbers that its makers burnt in, each as a hash, so that no serial number travels in clear.
 *
 * A hash hides a serial only from who does not guess it: it keeps registers of serials off the wire, and is no secret.
 */
import { createHash } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { HARDWARE_PARTS, type HardwarePart } from './hardware-parts.ts'

const closed = { additionalProperties: false } as const

/** Enough for a server with many disks and cards; what is beyond is not told. */
export const HARDWARE_FACTS_MAX = 256

export const HardwareFactSchema = Type.Object(
  { part: Type.Enum([...HARDWARE_PARTS]), hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) },
  closed,
)
export type HardwareFact = Static<typeof HardwareFactSchema>

/** Empty: the machine names nothing that tells it from another. */
export const HardwareFactsSchema = Type.Array(HardwareFactSchema, { maxItems: HARDWARE_FACTS_MAX })

/**
 * Returns the fact for a number as the machine names it: SHA-256("shoukou.hardware.v1" 00 part 00 number), hex. Letters
 * are compared without case: firmware writes one UUID in both.
 */
export function hardwareFact(part: HardwarePart, number: string): HardwareFact {
  const hash = createHash('sha256')
    .update(`shoukou.hardware.v1\0${part}\0`)
    .update(number.trim().toLowerCase())
    .digest('hex')
  return { part, hash }
}
