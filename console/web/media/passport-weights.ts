/** How long each fact of a passport lasts and what it weighs: the table by which passports are compared. */
import { type FieldStability, PASSPORT_FIELDS } from '@shoukou/protocol/media/compare-passports.ts'

export interface FieldWeight {
  readonly stability: FieldStability
  readonly weight: number
}

const weights: ReadonlyMap<string, FieldWeight> = new Map(
  PASSPORT_FIELDS.map(({ field, stability, weight }) => [field, { stability, weight }]),
)

/** Returns null for a field that is kept to be read by people, and never compared. */
export function weightOfField(field: string): FieldWeight | null {
  return weights.get(field) ?? null
}
