import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import {
  EnrolmentAnswerSchema,
  EnrolmentRequestSchema,
  formatEnrolmentToken,
  parseEnrolmentToken,
} from './enrolment.ts'
import { ShoukouError } from './errors.ts'
import { readGolden } from './fixtures/golden.ts'
import { thrownBy } from './fixtures/thrown-by.ts'

const token = { secret: 'A'.repeat(43), authorityFingerprint: `${'b'.repeat(41)}_-` }

describe('an enrolment token', () => {
  it('is read as it was written, also with the white space of a copied line', () => {
    expect(parseEnrolmentToken(formatEnrolmentToken(token))).toEqual(token)
    expect(parseEnrolmentToken(`  ${formatEnrolmentToken(token)}\r\n`)).toEqual(token)
  })

  it.each([
    '',
    'sk1',
    'sk2.' + 'A'.repeat(43) + '.' + 'A'.repeat(43),
    'sk1.' + 'A'.repeat(42) + '.' + 'A'.repeat(43),
    'sk1.' + 'A'.repeat(44) + '.' + 'A'.repeat(43),
    'sk1.' + 'A'.repeat(43),
    'sk1.' + 'A'.repeat(43) + '.' + 'A'.repeat(43) + '.x',
    'sk1.' + '+'.repeat(43) + '.' + 'A'.repeat(43),
    'sk1.' + 'A'.repeat(43) + ' .' + 'A'.repeat(43),
  ])('is refused where it is not one: %j', (text) => {
    expect(() => parseEnrolmentToken(text)).toThrow(ShoukouError)
  })

  it('does not repeat the secret in the refusal', () => {
    const secret = 'S'.repeat(42)
    const refusal = thrownBy(() => parseEnrolmentToken(`sk1.${secret}.x`))
    expect(refusal).toMatchObject({ code: 'token-refused' })
    expect(JSON.stringify([String(refusal), refusal])).not.toContain(secret)
  })
})

describe('the enrolment exchange', () => {
  it.each([
    ['request', EnrolmentRequestSchema],
    ['answer', EnrolmentAnswerSchema],
  ] as const)('refuses an unknown field in the %s', (name, schema) => {
    const check = Compile(schema)
    const message = JSON.parse(readGolden(`enrolment/${name}.json`).toString()) as object
    expect(check.Check(message)).toBe(true)
    expect(check.Check({ ...message, isAdmin: true })).toBe(false)
    expect(check.Check({ ...message, v: 2 })).toBe(false)
    expect(check.Check(JSON.parse(`{"__proto__":{},${JSON.stringify(message).slice(1)}`))).toBe(false)
  })
})
