import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LEAKED_FILE, leakedPasswordsAt } from './leaked-passwords.ts'

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-leaked-'))
  path = join(folder, LEAKED_FILE)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase()
const leaked = (n: number): string => `Leaked-${n}-Aa!`

it.each([
  ['with counts', (hash: string, n: number) => `${hash}:${n * 977}`, '\n'],
  ['without counts', (hash: string) => hash, '\n'],
  ['with the line ends of another system', (hash: string, n: number) => `${hash}:${n}`, '\r\n'],
] as const)(
  'finds each of a list %s, the first and the last too, and nothing else',
  async (_, lineOf, end) => {
    const hashes = Array.from({ length: 300 }, (_line, n) => sha1(leaked(n))).toSorted()
    await writeFile(path, hashes.map((hash, n) => `${lineOf(hash, n)}${end}`).join(''))
    const list = leakedPasswordsAt(path)
    for (let n = 0; n < 300; n += 1) expect(await list.has(leaked(n)), leaked(n)).toBe(true)
    for (let n = 300; n < 600; n += 1) expect(await list.has(leaked(n)), leaked(n)).toBe(false)
  },
)

it('finds the only one of a list without a last line end', async () => {
  await writeFile(path, sha1('caf\u00e9'))
  // One password typed on two keyboards is one.
  expect(await leakedPasswordsAt(path).has('cafe\u0301')).toBe(true)
  expect(await leakedPasswordsAt(path).has('cafe')).toBe(false)
})

it('says no where there is no list, or an empty one', async () => {
  expect(await leakedPasswordsAt(join(folder, 'none')).has('x')).toBe(false)
  await writeFile(path, '')
  expect(await leakedPasswordsAt(path).has('x')).toBe(false)
})

it.each([
  ['a text', 'these are no hashes at all, but a line of words as people write them\n'.repeat(20)],
  ['one line without an end', 'A'.repeat(4_000)],
  ['small letters', `${sha1('x').toLowerCase()}\n`.repeat(50)],
])('says that %s is no list, rather than that nothing leaked', async (_, text) => {
  await writeFile(path, text)
  await expect(leakedPasswordsAt(path).has('x')).rejects.toMatchObject({ code: 'config-invalid' })
})
