import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeHolder, signedBy, testCeiling } from '../../protocol/ceiling/fixtures/test-ceiling.ts'
import { writeFileAtomically } from '../base/atomic-file.ts'
import { readDataFolder } from '../base/data-folder.ts'
import { openKeys } from '../pki/key-store.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import { type BringAnswer, bringFiles } from '../workflows/ceiling/bring-box.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('./shoukou-console.ts', import.meta.url))
let folder: string
let console: string
const wait = { timeout: 30_000, interval: 20 }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-bring-'))
  console = join(folder, 'console')
  await mkdir(console)
  const { database, keys } = await readDataFolder(console)
  await openKeys(keys, 'Unit', ['localhost'], Date.now())
  await (await openSqliteStoreHere(database)).close()
  await writeFile(join(folder, 'signed'), JSON.stringify(signedBy(testCeiling([makeHolder().publicKey]))))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const bring = (...more: string[]) =>
  run(process.execPath, [
    ...[program, 'ceiling', 'bring', '--in', join(folder, 'signed'), '--data', folder],
    ...['--reason', 'a test', ...more],
  ])

/** The request, as the console takes it. */
async function asked(): Promise<{ id: string; reason: string }> {
  const { request } = bringFiles(console)
  await expect.poll(() => readdir(console), wait).toContain('ceiling-to-bring.json')
  return JSON.parse(await readFile(request, 'utf8')) as { id: string; reason: string }
}

const answer = (told: BringAnswer): Promise<void> =>
  writeFileAtomically(bringFiles(console).answer, JSON.stringify(told))

it('waits for the console’s answer to this very request, and says what is in force', async () => {
  await answer({ id: 'of an earlier time', ok: true, message: '7' })
  const brought = bring('--wait', '60')
  // Awaited below; an end before that is told there.
  brought.catch(() => undefined)
  const { id, reason } = await asked()
  expect(reason).toBe('a test')
  await answer({ id: 'another’s', ok: true, message: '9' })
  await new Promise((resolve) => setTimeout(resolve, 500))
  await answer({ id, ok: true, message: '1' })
  expect(await brought).toMatchObject({
    stdout: 'Ceiling 1 is in force; computers take it as they connect.\n',
  })
}, 60_000)

it('ends with the console’s own words where it refuses', async () => {
  const brought = bring('--wait', '60')
  // Awaited below; an end before that is told there.
  brought.catch(() => undefined)
  const { id } = await asked()
  await answer({ id, ok: false, message: 'It is older than the one in force.' })
  await expect(brought).rejects.toMatchObject({
    code: 1,
    stderr: 'shoukou-console: It is older than the one in force.\n',
  })
}, 60_000)

it('leaves it for the console’s next start where none answers, and says so', async () => {
  expect((await bring('--wait', '0')).stdout).toMatch(/No console answered; it is brought when .* runs next/)
  expect((await asked()).reason).toBe('a test')
}, 60_000)

it('is refused without a data folder that a console used, and with a time that is none', async () => {
  await expect(bring('--wait', 'long')).rejects.toMatchObject({ code: 1 })
  await rm(console, { recursive: true })
  await expect(bring()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(console) })
  expect(await readdir(folder)).toEqual(['signed'])
}, 60_000)
