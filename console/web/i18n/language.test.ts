import { describe, expect, it } from 'vitest'
import { chooseLanguage } from './language.ts'

describe('chooseLanguage', () => {
  it('speaks Chinese where the browser asks for any Chinese first', () => {
    expect(chooseLanguage(null, ['zh-Hans-CN', 'en-US'])).toBe('zh-CN')
    expect(chooseLanguage(null, ['zh'])).toBe('zh-CN')
  })

  it('speaks English where English is asked for first, and where neither is asked for', () => {
    expect(chooseLanguage(null, ['en-GB', 'zh-CN'])).toBe('en')
    expect(chooseLanguage(null, ['de-AT', 'fr'])).toBe('en')
    expect(chooseLanguage(null, [])).toBe('en')
  })

  it('passes over languages that it does not speak', () => {
    expect(chooseLanguage(null, ['ja-JP', 'zh-TW', 'en'])).toBe('zh-CN')
  })

  it('prefers the kept choice, and ignores a kept value that is no language of ours', () => {
    expect(chooseLanguage('en', ['zh-CN'])).toBe('en')
    expect(chooseLanguage('tlh', ['zh-CN'])).toBe('zh-CN')
  })
})
