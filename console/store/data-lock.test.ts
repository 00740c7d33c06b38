import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { takeDataLock } from './data-lock.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-lock-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('is held by one console alone, and free again when that one releases it', () => {
  const first = takeDataLock(folder)
  expect(() => takeDataLock(folder)).toThrow(/Another console already runs on the data folder .*; stop it/)
  first.release()
  takeDataLock(folder).release()
})

it('says that a folder can’t be used, and which', () => {
  expect(() => takeDataLock(join(folder, 'not-there'))).toThrow(
    /The data folder .*not-there can't be used by this account \(unable to open database file\)/,
  )
})

it('ends with a process that was killed', async () => {
  const program = `import { takeDataLock } from '${new URL('./data-lock.ts', import.meta.url).href}'
// Kept alive by what uses it, as a console keeps it: one that nobody holds is collected, and the lock with it.
const lock = takeDataLock(process.argv[1]); process.stdout.write('held'); setInterval(() => lock, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  try {
    await once(child.stdout, 'data')
    expect(() => takeDataLock(folder)).toThrow('Another console')
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  takeDataLock(folder).release()
}, 20_000)
