/** The shape of an entry's own fields, compiled from its kind: what is stored, and what is read back, is held to it. */
import { type TSchema, Type } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { type Field, type FieldValues, type LedgerKindName, PRESENCES } from './fields.ts'
import { kindOf } from './kinds.ts'

const closed = { additionalProperties: false } as const
const validators = new Map<LedgerKindName, Validator>()

/** Reports whether fields have the shape that the register's definition gives them. */
export function areFieldsOf(name: LedgerKindName, fields: unknown): fields is FieldValues {
  const known = validators.get(name)
  if (known !== undefined) return known.Check(fields)
  const made = Compile(
    Type.Object(
      Object.fromEntries(kindOf(name).fields.map((field) => [field.key, Type.Optional(schemaOf(field))])),
      closed,
    ),
  )
  validators.set(name, made)
  return made.Check(fields)
}

function schemaOf(field: Field): TSchema {
  switch (field.type) {
    case 'text':
      return Type.String({ maxLength: field.max })
    case 'choice':
      return Type.Enum(field.options.map(({ value }) => value))
    case 'flag':
      return Type.Boolean()
    case 'day':
      return day
    case 'count':
      return Type.Integer({ minimum: field.min, maximum: field.max })
    case 'list':
      return Type.Array(Type.String({ minLength: 1, maxLength: field.max }), { maxItems: field.itemsMax })
    case 'presence':
      return Type.Object({ is: Type.Enum([...PRESENCES]), date: Type.Union([day, Type.Null()]) }, closed)
    case 'level':
      return Type.String({ maxLength: 20 })
    case 'link':
      return Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: field.itemsMax })
  }
}

const day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
