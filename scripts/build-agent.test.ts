import { execFile } from 'node:child_process'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildAgent } from './build-agent.ts'

const run = promisify(execFile)
const BUILD_TIMEOUT_MS = 60_000

let folder: string
let moved: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-build-'))
  moved = join(folder, 'elsewhere')
  const built = await buildAgent(join(folder, 'agent'))
  await rename(built.folder, moved)
}, BUILD_TIMEOUT_MS)
afterAll(() => rm(folder, { recursive: true, force: true }))

it('runs from its folder alone, with its own Node', async () => {
  const { stdout } = await run(join(moved, 'node'), [join(moved, 'shoukou-agent.mjs'), 'help'], {
    cwd: '/',
    env: { LANG: 'en_US.UTF-8' },
  })
  expect(stdout).toContain('shoukou-agent COMMAND')
})

it('brings the native part of koffi, which reaches the C library', async () => {
  const script = `
    const koffi = require(${JSON.stringify(join(moved, 'node_modules/koffi'))})
    console.log(koffi.load('libc.so.6').func('int getpid()')() === process.pid)`
  const { stdout } = await run(join(moved, 'node'), ['-e', script], { cwd: '/', env: {} })
  expect(stdout).toBe('true\n')
})
