/**
 * What an entry of the catalogue is, and the pieces that evidence is made of. The entries themselves are in the files
 * beside this one, by what they concern.
 *
 * Evidence holds what the rule saw. When, by which record, under which policy: that stands around it, in the violation.
 */
import { Type } from 'typebox'
import { LevelSchema } from '../levels.ts'
import { RawTextSchema } from '../raw-text.ts'
import type { LegalBasis } from './legal-basis.ts'

/**
 * critical: a possible leak, the 24-hour clock runs until triage. high: handled the same day. medium: rectified by a
 * date. low: a note.
 */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Who can tell: the agent from what it observes, the console from what it knows, or both together. */
export type ViolationSource = 'agent' | 'console' | 'both'

export interface CatalogueEntry<Evidence extends Type.TSchema = Type.TSchema> {
  readonly name: { readonly zh: string; readonly en: string }
  readonly source: ViolationSource
  readonly severity: Severity
  readonly basis: readonly LegalBasis[]
  /** Closed: an unknown field is refused. */
  readonly evidence: Evidence
}

/** An entry of the numbered taxonomy. */
export interface NumberedEntry<Evidence extends Type.TSchema = Type.TSchema>
  extends CatalogueEntry<Evidence> {
  readonly number: number
}

/** Makes a closed object schema. */
export function closed<Fields extends Type.TProperties>(fields: Fields) {
  return Type.Object(fields, { additionalProperties: false })
}

/** Makes a schema whose value may be unknown. */
export function nullable<Schema extends Type.TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

export const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
export const signed = Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })
/** Unix ms. */
export const timeMs = count
export const identifier = Type.String({ minLength: 1, maxLength: 64 })
export const word = Type.String({ maxLength: 200 })
export const rawText = RawTextSchema
export const level = LevelSchema
/** 32 bytes in hex: a hash or a chain head. */
export const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
export const mac = Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){0,31}$' })
export const address = Type.String({ maxLength: 64 })
export const port = Type.Integer({ minimum: 0, maximum: 65_535 })
export const usbId = Type.String({ pattern: '^[0-9a-f]{4}$' })

/** A list inside one piece of evidence; what is beyond the limit is counted by the rule, not kept. */
export function list<Schema extends Type.TSchema>(schema: Schema, maxItems = 1_000) {
  return Type.Array(schema, { maxItems })
}

/** The account that was using the computer, as the operating system names it. */
export const account = nullable(rawText)

/** A medium as the register names it. */
export const registeredMedium = closed({ number: identifier, level })

/** A file that is evidence: its name and where its mark was read, never its content. */
export const fileEvidence = closed({
  name: rawText,
  path: nullable(rawText),
  pathHash: nullable(hash),
  sizeBytes: nullable(count),
  mark: nullable(word),
  markLevel: nullable(level),
})

/** A device on some bus, as far as it told. */
export const busDevice = closed({
  busPath: nullable(rawText),
  vendorId: nullable(usbId),
  productId: nullable(usbId),
  serial: nullable(rawText),
  model: nullable(rawText),
})
