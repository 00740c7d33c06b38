/** The answers that a route may give: its own, and the one body of every refusal. */
import type { TSchema } from 'typebox'
import { ErrorAnswerSchema } from '../contract.ts'

/** Returns the response schemas of a route whose answer is JSON. */
export function answers<Schema extends TSchema>(schema: Schema) {
  return { 200: schema, '4xx': ErrorAnswerSchema, '5xx': ErrorAnswerSchema } as const
}
