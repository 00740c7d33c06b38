import { ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { compileSerializer, compileValidator } from './validate.ts'

const schema = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) },
  { additionalProperties: false },
)
const check = (httpPart: string, value: unknown): unknown =>
  (compileValidator({ schema, httpPart, method: 'GET', url: '/x' }) as (value: unknown) => unknown)(value)

describe('a query', () => {
  it('becomes a number where the schema asks for one and it is written plainly', () => {
    expect(check('querystring', { limit: '500' })).toEqual({ value: { limit: 500 } })
    for (const limit of ['', ' 5', '5 ', '+5', '05', '5.0', '5e0', '0x5', '５', '501', ['5'], null]) {
      expect(check('querystring', { limit }), JSON.stringify(limit)).toMatchObject({
        error: expect.any(ShoukouError),
      })
    }
  })

  it('is left as it came, for whoever looks at it again', () => {
    const given = { limit: '5' }
    check('querystring', given)
    expect(given).toEqual({ limit: '5' })
  })
})

describe('a body', () => {
  it('is never changed to fit', () => {
    expect(check('body', { limit: '5' })).toMatchObject({ error: { code: 'invalid-request' } })
    expect(check('body', { limit: 5 })).toEqual({ value: { limit: 5 } })
  })
})

describe('an answer', () => {
  const write = compileSerializer({ schema, method: 'GET', url: '/x', httpStatus: '200' })

  it('that fits is written, one with a field too many is not sent', () => {
    expect(write({ limit: 5 })).toBe('{"limit":5}')
    expect(() => write({ limit: 5, passwordHash: '$argon2id' })).toThrow('unknown field "passwordHash"')
    expect(() => write({ limit: 0 })).toThrow('/limit')
  })
})
