/** Reads a record's raw bytes into values, strictly. The bytes stay what they are; this is a copy to look at. */
import { Type } from 'typebox'
import { ShoukouError } from './errors.ts'
import { FACT_SCHEMAS, type FactKind } from './events/facts.ts'
import { type Record, RecordSchema } from './events/record.ts'
import { firstFault } from './frames.ts'
import { LIMITS } from './limits.ts'
import { checkOf, type SchemaCheck } from './schema-check.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// The fact is checked by its own kind's schema: faster than a union, and the fault names the field.
const envelopeCheck: SchemaCheck = checkOf(
  Type.Object(
    { ...RecordSchema.properties, fact: Type.Object({ kind: Type.String({ maxLength: 64 }) }) },
    { additionalProperties: false },
  ),
)
const factChecks: ReadonlyMap<string, SchemaCheck> = new Map(
  Object.entries(FACT_SCHEMAS).map(([kind, schema]) => [kind, checkOf(schema)]),
)

/**
 * Parses one record.
 *
 * @throws ShoukouError `limit-exceeded` above 512 KiB, `malformed-frame` where the bytes are not UTF-8, not JSON or
 * not a record; the message names the field, never its value.
 */
export function parseRecord(raw: Uint8Array): Record {
  if (raw.length > LIMITS.recordBytesMax)
    throw new ShoukouError('limit-exceeded', `A record of ${raw.length} bytes.`)
  const value = parseJsonBytes(raw)
  if (!envelopeCheck.Check(value)) throw malformed(firstFault(envelopeCheck.Errors(value)))
  const record = value as Record
  const check = factChecks.get(record.fact.kind satisfies FactKind)
  if (check === undefined) throw malformed('the fact is of no known kind')
  if (!check.Check(record.fact))
    throw malformed(`${record.fact.kind}: ${firstFault(check.Errors(record.fact))}`)
  return record
}

/** Writes a record: the one moment at which its bytes come to be. */
export function encodeRecord(record: Record): Buffer {
  return Buffer.from(JSON.stringify(record))
}

function parseJsonBytes(raw: Uint8Array): unknown {
  try {
    return JSON.parse(strictUtf8.decode(raw))
  } catch (cause) {
    throw malformed('not JSON in UTF-8', cause)
  }
}

function malformed(what: string, cause?: unknown): ShoukouError {
  return new ShoukouError('malformed-frame', `record: ${what}`, cause === undefined ? {} : { cause })
}
