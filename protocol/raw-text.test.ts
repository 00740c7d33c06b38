import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import {
  HOSTILE_DEVICE_NAMES,
  HOSTILE_FILE_NAMES,
  HOSTILE_LONG_TEXTS,
  HOSTILE_SSIDS,
  HOSTILE_TEXTS,
} from './fixtures/hostile-texts.ts'
import { seededRandom } from './fixtures/seeded-random.ts'
import { LIMITS } from './limits.ts'
import {
  bytesOfRawText,
  type RawText,
  RawTextSchema,
  rawTextKey,
  rawTextOf,
  showRawText,
} from './raw-text.ts'

const check = Compile(RawTextSchema)
/** C0, DEL, C1, separators, bidi, zero width, tags, soft hyphen, and halves of surrogate pairs. */
const hidden =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/u

describe('the hostile corpus', () => {
  it('is at the limits of what a kernel can tell', () => {
    expect(Math.max(...HOSTILE_DEVICE_NAMES.map((name) => name.length))).toBe(126)
    expect(Math.max(...HOSTILE_FILE_NAMES.map((name) => name.length))).toBe(255)
    expect(HOSTILE_FILE_NAMES.every((name) => !name.includes(0) && !name.includes(0x2f))).toBe(true)
    expect(Math.max(...HOSTILE_SSIDS.map((name) => name.length))).toBe(32)
    expect(HOSTILE_LONG_TEXTS.every(({ bytes }) => bytes.length === LIMITS.textBytesMax)).toBe(true)
  })
})

describe('raw text', () => {
  it.each(HOSTILE_TEXTS)('comes back as the bytes that it was, also through JSON: $name', ({ bytes }) => {
    const text = rawTextOf(bytes)
    const travelled = JSON.parse(JSON.stringify(text)) as RawText
    expect(check.Check(travelled)).toBe(true)
    expect(Buffer.from(bytesOfRawText(travelled)).equals(bytes)).toBe(true)
  })

  it.each(HOSTILE_TEXTS)('shows nothing that a terminal or a page would obey: $name', ({ bytes }) => {
    expect(showRawText(rawTextOf(bytes))).not.toMatch(hidden)
  })

  it('has one key for equal bytes and another for others', () => {
    const keys = new Map<string, string>()
    for (const { bytes } of HOSTILE_TEXTS) {
      const hex = Buffer.from(bytes).toString('hex')
      const key = rawTextKey(rawTextOf(bytes))
      expect(keys.get(key) ?? hex).toBe(hex)
      keys.set(key, hex)
    }
    expect(new Set(keys.values()).size).toBe(keys.size)
  })

  it('has the same key for bytes that a peer spelt in another way', () => {
    expect(rawTextKey({ b64: 'QQ==' })).toBe(rawTextKey('A'))
    expect(rawTextKey({ b64: 'QR==' })).toBe(rawTextKey('A'))
    expect(rawTextKey('\ud800')).toBe(rawTextKey({ b64: '7aCA' }))
  })

  it('keeps text that only looks like its own base64 form apart from it', () => {
    expect(rawTextKey('{"b64":"QQ=="}')).not.toBe(rawTextKey({ b64: 'QQ==' }))
    expect(rawTextKey('b:/w==')).not.toBe(rawTextKey({ b64: '/w==' }))
  })

  it('loses nothing of a lone surrogate that a peer wrote', () => {
    expect(Buffer.from(bytesOfRawText('a\ud800b\udfff')).toString('hex')).toBe('61eda08062edbfbf')
    expect(bytesOfRawText('\ud83d\ude00')).toEqual(new TextEncoder().encode('\u{1f600}'))
  })

  it('keeps a byte order mark', () => {
    expect(bytesOfRawText(rawTextOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)))).toEqual(
      Uint8Array.of(0xef, 0xbb, 0xbf, 0x41),
    )
  })

  it('comes back from any bytes at all', () => {
    const random = seededRandom(0x5eed)
    for (let round = 0; round < 2_000; round += 1) {
      const bytes = random.bytes(random.int(40))
      const text = rawTextOf(bytes)
      expect(Buffer.from(bytesOfRawText(text)).equals(bytes)).toBe(true)
      expect(showRawText(text)).not.toMatch(hidden)
    }
  })
})

describe('shown raw text', () => {
  it.each([
    ['plain 守口', 'plain 守口'],
    ['a\\b', 'a\\\\b'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['\u0000\u001b[2J', '\\u{0000}\\u{001b}[2J'],
    ['\\u{202e}', '\\\\u{202e}'],
    ['x\ud800', 'x\\u{d800}'],
    ['\u{1f600}', '\u{1f600}'],
    ['<script>', '<script>'],
    [{ b64: Buffer.from([0x41, 0xff, 0xe5, 0xae, 0x88, 0x5c]).toString('base64') }, 'A\\xff守\\\\'],
    [{ b64: Buffer.from([0xed, 0xa0, 0x80]).toString('base64') }, '\\xed\\xa0\\x80'],
    [{ b64: Buffer.from([0xe2, 0x80, 0xae, 0xff]).toString('base64') }, '\\u{202e}\\xff'],
  ] as [RawText, string][])('%j as %j', (text, shown) => {
    expect(showRawText(text)).toBe(shown)
  })

  it('tells a real character from the escape that spells it', () => {
    expect(showRawText('\u202e')).not.toBe(showRawText('\\u{202e}'))
    expect(showRawText({ b64: '/w==' })).not.toBe(showRawText('\\xff'))
  })
})

describe('the schema of raw text', () => {
  it.each([
    'A',
    'AA',
    'AAA',
    'AAAAA',
    '=',
    'AA=',
    'A===',
    'AA==A',
    'AA==\n',
    '-_==',
    'AA ==',
    '====',
    '\u0000',
  ])('refuses base64 that decoders disagree on: %j', (b64) => {
    expect(check.Check({ b64 })).toBe(false)
  })

  it.each(['', 'AA==', 'AAA=', 'AAAA', '+/+/'])('takes base64 that every decoder takes alike: %j', (b64) => {
    expect(check.Check({ b64 })).toBe(true)
    expect(Buffer.from(bytesOfRawText({ b64 })).equals(Buffer.from(b64, 'base64'))).toBe(true)
  })

  it('takes text at its limit and refuses it one past', () => {
    expect(check.Check('a'.repeat(LIMITS.textBytesMax))).toBe(true)
    expect(check.Check('a'.repeat(LIMITS.textBytesMax + 1))).toBe(false)
    expect(check.Check(rawTextOf(new Uint8Array(LIMITS.textBytesMax).fill(0xff)))).toBe(true)
    expect(check.Check(rawTextOf(new Uint8Array(LIMITS.textBytesMax + 3).fill(0xff)))).toBe(false)
  })

  it.each([null, 1, [], {}, { b64: 1 }, { b64: '', more: 1 }])('refuses what is no text: %j', (value) => {
    expect(check.Check(value)).toBe(false)
  })
})
