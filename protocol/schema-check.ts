/**
 * Checks values against a schema by code that is made when the first one is checked: a command that parses one kind of
 * thing does not pay for all others, which on a slow computer is most of its start.
 */
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** Whether a value is as a schema says, and where it is not, as JSON pointers. */
export interface SchemaCheck {
  Check(value: unknown): boolean
  Errors(value: unknown): Iterable<{ readonly instancePath: string; readonly message: string }>
}

/** A check that tells the compiler what the value is, too. */
export interface CheckOf<Type extends TSchema> extends SchemaCheck {
  Check(value: unknown): value is Static<Type>
}

/** Returns the check of a schema. */
export function checkOf<const Type extends TSchema>(schema: Type): CheckOf<Type> {
  let made: SchemaCheck | undefined
  const check = (): SchemaCheck => (made ??= Compile(schema))
  return {
    Check: (value): value is Static<Type> => check().Check(value),
    Errors: (value) => check().Errors(value),
  }
}
