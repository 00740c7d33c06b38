/** On this computer's own kernel description, and on small ones made by hand. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseBtf } from './parse-btf.ts'
import { parsePathOffsets } from './path-offsets.ts'

const kinds = { int: 1, struct: 4, union: 5, typedef: 8 } as const

/** Makes BTF of types, each with its name, kind, and words behind the first two. */
function btfOf(
  types: readonly {
    name: string
    kind: keyof typeof kinds
    count?: number
    flag?: boolean
    words: readonly (number | string)[]
  }[],
): Buffer {
  let texts = '\0'
  const place = (text: string): number => {
    if (text === '') return 0
    texts += `${text}\0`
    return texts.length - text.length - 1
  }
  const words = types.flatMap(({ name, kind, count = 0, flag = false, words: more }) => [
    place(name),
    ((flag ? 0x8000_0000 : 0) | (kinds[kind] << 24) | count) >>> 0,
    ...more.map((word) => (typeof word === 'string' ? place(word) : word)),
  ])
  const bytes = Buffer.alloc(24 + 4 * words.length + texts.length)
  bytes.writeUInt16LE(0xeb9f, 0)
  bytes[2] = 1
  for (const [index, word] of [24, 0, 4 * words.length, 4 * words.length, texts.length].entries())
    bytes.writeUInt32LE(word, 4 + 4 * index)
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 24 + 4 * index)
  bytes.write(texts, 24 + 4 * words.length, 'latin1')
  return bytes
}

const example = btfOf([
  { name: 'int', kind: 'int', words: [4, 0] },
  { name: 'inner_t', kind: 'typedef', words: [3] },
  { name: '', kind: 'union', count: 2, words: [8, 'first', 1, 0, 'second', 1, 32] },
  { name: 'outer', kind: 'struct', count: 3, words: [24, 'plain', 1, 64, '', 2, 128, 'last', 1, 192] },
  {
    name: 'narrow',
    kind: 'struct',
    count: 2,
    flag: true,
    words: [8, 'bit', 1, (1 << 24) | 3, 'whole', 1, 8],
  },
])

describe('the kernel’s description of itself', () => {
  it('tells where a field stands, also in what has no name', () => {
    const btf = parseBtf(example, ['outer', 'narrow'])
    expect(btf?.offsetOf('outer', 'plain')).toBe(8)
    expect(btf?.offsetOf('outer', 'second')).toBe(20)
    expect(btf?.offsetOf('outer', 'last')).toBe(24)
  })

  it('tells nothing of what is not there, was not asked for, or is a part of a byte', () => {
    const btf = parseBtf(example, ['outer', 'narrow', 'absent'])
    expect(btf?.offsetOf('outer', 'absent')).toBeNull()
    expect(btf?.offsetOf('absent', 'plain')).toBeNull()
    expect(btf?.offsetOf('narrow', 'bit')).toBeNull()
    expect(btf?.offsetOf('narrow', 'whole')).toBe(1)
    expect(parseBtf(example, [])?.offsetOf('outer', 'plain')).toBeNull()
  })

  it('is refused where it is cut short, of another byte order, or of unknown kinds', () => {
    for (let length = 0; length < example.length; length += 1)
      expect(parseBtf(example.subarray(0, length), ['outer'])).toBeNull()
    expect(parseBtf(Buffer.from(example).swap16(), ['outer'])).toBeNull()
    const unknown = Buffer.from(example)
    unknown[24 + 7] = 31
    expect(parseBtf(unknown, ['outer'])).toBeNull()
  })

  it('never makes the reader throw, whatever byte is another', () => {
    for (let at = 0; at < example.length; at += 1)
      for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
        const altered = Buffer.from(example)
        altered[at] = byte
        const btf = parseBtf(altered, ['outer', 'narrow'])
        expect(() => btf?.offsetOf('outer', 'second')).not.toThrow()
      }
  })

  it('of this computer has all that a path is walked by', () => {
    const offsets = parsePathOffsets(readFileSync('/sys/kernel/btf/vmlinux'))
    expect(offsets).not.toBeNull()
    for (const offset of Object.values(offsets ?? {})) expect(offset).toBeLessThan(65_536)
  })

  it('is of no use where a structure is missing', () => {
    expect(parsePathOffsets(example)).toBeNull()
  })
})
