/**
 * Requests and answers against the contract's schemas.
 *
 * A request is never changed to fit: an unknown field is refused with its name, a wrong type is refused. Text of a
 * query or a path becomes a number where the schema asks for one, and only where it is written plainly. An answer that
 * does not fit its schema is not sent: rather an error than a field too many.
 */
import { ShoukouError, showRawText } from '@shoukou/protocol'
import type { FastifySchemaCompiler } from 'fastify'
import type { FastifySerializerCompiler } from 'fastify/types/schema.js'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

const plainNumber = /^(?:0|[1-9]\d{0,15})$/
const partNames: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'address',
  headers: 'header',
}

type Checker = ReturnType<typeof Compile>

/** A schema is compiled once, when the first one is checked by it, however many routes and servers speak of it. */
const compiled = new WeakMap<TSchema, Checker>()

function checkerOf(schema: TSchema): Checker {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const checker: Checker = Compile(schema)
  compiled.set(schema, checker)
  return checker
}

/** Checks one part of a request; the fault names the field, never its value. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const numeric = httpPart === 'body' ? [] : numericFields(schema)
  const part = partNames[httpPart ?? 'body'] ?? 'request'
  return (given: unknown) => {
    const check = checkerOf(schema)
    const value = numeric.length === 0 ? given : withNumbers(given, numeric)
    if (check.Check(value)) return { value }
    return { error: new ShoukouError('invalid-request', `The ${part}: ${faultOf(check.Errors(value))}.`) }
  }
}

/** Writes an answer that fits its schema. Throws Error where it does not; the message names the field. */
export const compileSerializer: FastifySerializerCompiler<TSchema> = ({ schema, url, httpStatus }) => {
  return (answer: unknown) => {
    const check = checkerOf(schema)
    if (!check.Check(answer)) {
      throw new Error(
        `The answer ${httpStatus ?? ''} of ${url} does not fit: ${faultOf(check.Errors(answer))}`,
      )
    }
    return JSON.stringify(answer)
  }
}

interface Fault {
  readonly keyword?: string
  readonly instancePath: string
  readonly message: string
  readonly params?: unknown
}

function faultOf(faults: Iterable<Fault>): string {
  for (const fault of faults) {
    if (fault.keyword === 'boolean') continue
    const at = fault.instancePath === '' ? '' : `${shown(fault.instancePath)} `
    const unknown = unknownField(fault)
    return unknown === null ? `${at}${fault.message}` : `${at}has an unknown field "${shown(unknown)}"`
  }
  return 'is not what the contract says'
}

function unknownField({ keyword, params }: Fault): string | null {
  if (keyword !== 'additionalProperties') return null
  const names = (params as { additionalProperties?: unknown }).additionalProperties
  return Array.isArray(names) && typeof names[0] === 'string' ? names[0] : ''
}

/** The sender named it: hostile, and maybe long. */
function shown(text: string): string {
  return showRawText(text.slice(0, 100))
}

function numericFields(schema: TSchema): string[] {
  const properties =
    (schema as { properties?: Readonly<Record<string, { type?: unknown }>> }).properties ?? {}
  return Object.entries(properties)
    .filter(([, field]) => field.type === 'integer' || field.type === 'number')
    .map(([name]) => name)
}

function withNumbers(given: unknown, numeric: readonly string[]): unknown {
  if (typeof given !== 'object' || given === null) return given
  const fields = Object.entries(given as Record<string, unknown>).map(([name, value]): [string, unknown] => [
    name,
    numeric.includes(name) && typeof value === 'string' && plainNumber.test(value) ? Number(value) : value,
  ])
  return Object.fromEntries(fields)
}
