import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode, ShoukouError } from './errors.ts'
import { errorFrame, parseAgentFrame, parseConsoleFrame } from './frames.ts'

const codes = Object.keys(ERROR_CODES) as ErrorCode[]

describe('error codes', () => {
  it.each(codes)('%s can be told over the link, both ways', (code) => {
    const text = JSON.stringify(errorFrame(code, ERROR_CODES[code].text))
    expect(parseAgentFrame(text)).toMatchObject({ code, retryable: ERROR_CODES[code].retryable })
    expect(parseConsoleFrame(text)).toMatchObject({ code })
  })

  it.each(codes)('%s says in one sentence what it is', (code) => {
    expect(ERROR_CODES[code].text).toMatch(/^[A-Z].*\.$/)
  })
})

describe('ShoukouError', () => {
  it('says the text of its code where nothing better is said', () => {
    expect(new ShoukouError('not-found').message).toBe(ERROR_CODES['not-found'].text)
  })

  it('keeps cause and context, and has no cause where none was given', () => {
    const cause = new Error('disk')
    const error = new ShoukouError('store-unavailable', 'no', { cause, context: { path: 'x' } })
    expect(error.cause).toBe(cause)
    expect(error.context).toEqual({ path: 'x' })
    expect(error.retryable).toBe(true)
    expect(Object.hasOwn(new ShoukouError('not-found'), 'cause')).toBe(false)
  })
})
