import { showRawText } from '@shoukou/protocol/raw-text.ts'
import { describe, expect, it } from 'vitest'
import { documentSegments, isTypeable, rawLength, rawSegments } from './raw-segments.ts'

describe('rawSegments', () => {
  it('marks what a reader would not have seen and leaves the rest in one piece', () => {
    expect(rawSegments('USB\u202eexe.txt')).toEqual([
      { text: 'USB', isEscape: false },
      { text: '\\u{202e}', isEscape: true },
      { text: 'exe.txt', isEscape: false },
    ])
  })

  it('does not take a backslash that a device sent for an escape of ours', () => {
    expect(rawSegments('\\u{202e}')).toEqual([{ text: '\\\\u{202e}', isEscape: false }])
    expect(rawSegments('\\\u0000').map((one) => one.isEscape)).toEqual([false, true])
  })

  it('shows bytes that are no text, byte by byte', () => {
    expect(rawSegments({ b64: btoa('A\xff') })).toEqual([
      { text: 'A', isEscape: false },
      { text: '\\xff', isEscape: true },
    ])
    expect(rawLength({ b64: btoa('A\xff') })).toBe(2)
  })

  it('loses nothing of what showRawText shows', () => {
    const hostile = '<img src=x onerror=alert(1)>\u0007\r\n"\'\\\\\u2066中文\ud800'
    expect(
      rawSegments(hostile)
        .map((one) => one.text)
        .join(''),
    ).toBe(showRawText(hostile))
  })

  it('is empty for empty text', () => {
    expect(rawSegments('')).toEqual([])
  })
})

describe('documentSegments', () => {
  it('leaves the backslashes of a record as they are and marks what is hidden', () => {
    expect(documentSegments('{"a":"\\u0000\u202e"}')).toEqual([
      { text: '{"a":"\\u0000', isEscape: false },
      { text: '\\u{202e}', isEscape: true },
      { text: '"}', isEscape: false },
    ])
  })
})

describe('isTypeable', () => {
  it('lets people type a backslash, and keeps hidden characters and bytes out of inputs', () => {
    expect(isTypeable('A\\B 中')).toBe(true)
    expect(isTypeable('')).toBe(true)
    expect(isTypeable('A\u202eB')).toBe(false)
    expect(isTypeable('A\n')).toBe(false)
    expect(isTypeable({ b64: '/w==' })).toBe(false)
  })
})
