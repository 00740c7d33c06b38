import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCeilingKey } from '../pki/ceiling-key.ts'
import { atTerminal } from './test-terminal.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('./shoukou-console.ts', import.meta.url))
const passphrase = 'two people, not the console'
let folder: string
const file = (name: string): string => join(folder, name)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-terminal-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const newKey = (name: string): string[] => ['ceiling', 'new-key', '--to', file(name), '--holder', 'one']

describe('a passphrase at a terminal', () => {
  it('is asked for twice, never shown, and opens the key that was made; a slip is taken back', async () => {
    const { shown, code } = await atTerminal(newKey('key'), [
      { asked: 'Passphrase: ', typed: `${passphrase}?!\u007f\b\r` },
      { asked: 'Once more: ', typed: `${passphrase}\r` },
    ])
    expect(code, shown).toBe(0)
    expect(shown).not.toContain('two people')
    const text = await readFile(file('key'), 'utf8')
    expect((await stat(file('key'))).mode & 0o777).toBe(0o600)
    expect(await openCeilingKey(text, passphrase)).toMatchObject({ holder: 'one' })
  }, 60_000)

  it('that is another one the second time makes no key', async () => {
    const { shown, code } = await atTerminal(newKey('key'), [
      { asked: 'Passphrase: ', typed: `${passphrase}\r` },
      { asked: 'Once more: ', typed: `${passphrase}!\r` },
    ])
    expect(code).toBe(1)
    expect(shown).toContain('The two are not the same')
    expect(await readdir(folder)).toEqual([])
  }, 60_000)

  it('may be typed ahead: nothing of it is lost', async () => {
    const { shown, code } = await atTerminal(newKey('key'), [
      { asked: 'Passphrase: ', typed: `${passphrase}\r${passphrase}\r` },
    ])
    expect(code, shown).toBe(0)
    expect(await readdir(folder)).toEqual(['key', 'key.pub'])
  }, 60_000)

  it.each([
    ['Ctrl-C', 'half\u0003', 'Given up'],
    ['Ctrl-D', 'half\u0004', 'Given up'],
    ['an arrow key, which nobody sees', 'half\u001b[D', 'begin again without it'],
  ])(
    'is given up with %s: nothing is written',
    async (_key, typed, told) => {
      const { shown, code } = await atTerminal(newKey('key'), [{ asked: 'Passphrase: ', typed }])
      expect(code).toBe(1)
      expect(shown).toContain(told)
      expect(await readdir(folder)).toEqual([])
    },
    60_000,
  )
})

describe('the halves of the passphrase of backups', () => {
  it('are asked for of two people, one after the other; given up with Ctrl-C nothing is restored', async () => {
    const restore = ['restore', '--from', file('backup'), '--data', file('data')]
    const { shown, code } = await atTerminal(restore, [
      { asked: 'First person’s half of the passphrase: ', typed: 'the first words\r' },
      { asked: 'Second person’s half of the passphrase: ', typed: 'the other words\u0003' },
    ])
    expect(code, shown).toBe(1)
    expect(shown).toContain('Given up')
    expect(shown).not.toContain('words')
    expect(await readdir(folder)).toEqual([])
  }, 60_000)

  it('come from files of their owners alone', async () => {
    for (const name of ['one', 'two']) await writeFile(file(name), 'twelve characters\n', { mode: 0o644 })
    const files = ['--passphrase-file', file('one'), '--second-passphrase-file', file('two')]
    const restore = ['restore', '--from', file('backup'), '--data', file('data'), ...files]
    await expect(run(process.execPath, [program, ...restore])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/set its mode to 0600/),
    })
  }, 60_000)
})

describe('where nobody can be asked', () => {
  it('a passphrase comes from a file of its owner alone, or not at all', async () => {
    const cli = (...more: string[]) => run(process.execPath, [program, ...newKey('key'), ...more])
    // Standard input is a pipe.
    await expect(cli()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/asked for at a terminal; or use --passphrase-file/),
    })
    await writeFile(file('secret'), `${passphrase}\n`, { mode: 0o644 })
    await expect(cli('--passphrase-file', file('secret'))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/set its mode to 0600/),
    })
    expect(await readdir(folder)).toEqual(['secret'])
  }, 60_000)
})
