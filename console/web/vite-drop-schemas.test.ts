import { parseAst } from 'vite'
import { expect, it } from 'vitest'
import { markDroppable } from './vite-drop-schemas.ts'

const marked = (code: string) => markDroppable(code, parseAst(code).body)

it('marks what is worked out while a file is loaded, and leaves words, lists and functions as they are', () => {
  const plain = "export const LEVELS = ['a', 'b']\nconst of = (a) => Type.Object(a)\nexport function f() {}\n"
  expect(marked(`${plain}export const LevelSchema = Type.Enum([...LEVELS])\n`)).toBe(
    `${plain}export const LevelSchema = /* @__PURE__ */ (() => (Type.Enum([...LEVELS])))()\n`,
  )
  expect(marked('const a = count(1), b = 2, c = hex(3)')).toBe(
    'const a = /* @__PURE__ */ (() => (count(1)))(), b = 2, c = /* @__PURE__ */ (() => (hex(3)))()',
  )
  expect(marked('let waiting = make()')).toBe('let waiting = make()')
})
