import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

interface Options {
  root: string
  say(text: string): void
  /** Where npm's own words go. */
  echo?(bytes: Uint8Array): void
}
const require = createRequire(import.meta.url)
const { ensureModules, npmProblem, readStamp, runtimeProblem, stampFor } =
  require('./install-modules.cjs') as {
    ensureModules: (options: Options) => Promise<string | null>
    npmProblem: (how: string, tail: string) => string
    readStamp: (root: string) => string | null
    runtimeProblem: (root: string, running: string) => string | null
    stampFor: (lockFile: Buffer, platform: string, arch: string) => string
  }

/** A project without dependencies: npm installs it for real, and asks no registry. */
const manifest = { name: 'empty', version: '1.0.0' }
const lock = { ...manifest, lockfileVersion: 3, packages: { '': manifest } }

let root: string
let said: string[]
const say = (text: string): void => {
  said.push(text)
}

beforeEach(() => {
  said = []
  root = mkdtempSync(join(tmpdir(), 'shoukou-bootstrap-'))
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('installing dependencies', () => {
  it('runs npm the first time and nothing the second', { timeout: 60_000 }, async () => {
    expect(await ensureModules({ root, say })).toBeNull()
    expect(said.join('\n')).toContain('npm ci')
    said = []
    expect(await ensureModules({ root, say })).toBeNull()
    expect(said).toEqual([])
  })

  it('runs npm again when the lock file is another', { timeout: 60_000 }, async () => {
    await ensureModules({ root, say })
    writeFileSync(join(root, 'package-lock.json'), `${JSON.stringify(lock)}\n`)
    said = []
    expect(await ensureModules({ root, say })).toBeNull()
    expect(said.join('\n')).toContain('npm ci')
  })

  it('installs once when two start together', { timeout: 60_000 }, async () => {
    expect(await Promise.all([ensureModules({ root, say }), ensureModules({ root, say })])).toEqual([
      null,
      null,
    ])
    expect(said.filter((text) => text.startsWith('Installing'))).toHaveLength(1)
    expect(said.join('\n')).toContain('waiting for it')
  })

  it('leaves no stamp and one sentence when npm fails', { timeout: 60_000 }, async () => {
    // A dependency beside the project, so that nothing is asked of a registry.
    mkdirSync(join(root, 'beside'))
    writeFileSync(join(root, 'beside', 'package.json'), JSON.stringify({ name: 'beside', version: '1.0.0' }))
    const dependencies = { beside: 'file:./beside' }
    writeFileSync(join(root, 'package.json'), JSON.stringify({ ...manifest, dependencies }))
    expect(await ensureModules({ root, say, echo: () => undefined })).toBe(
      '"npm ci" failed (exit code 1): package.json and package-lock.json differ.',
    )
    expect(readStamp(root)).toBeNull()
  })

  it('breaks the lock of a run that died', { timeout: 60_000 }, async () => {
    const folder = join(root, '.cache', 'bootstrap.lock')
    mkdirSync(folder, { recursive: true })
    // Above the largest process number that Linux gives (2^22).
    writeFileSync(
      join(folder, 'owner'),
      `99999999 ${(require('node:os') as typeof import('node:os')).hostname()}\n`,
    )
    expect(await ensureModules({ root, say })).toBeNull()
    expect(readStamp(root)).not.toBeNull()
  })

  it('says so where the folder may not be written', async () => {
    // A file where the folder should be: refused to root as well, which no permission is.
    writeFileSync(join(root, '.cache'), '')
    expect(await ensureModules({ root, say })).toMatch(
      /^Cannot install dependencies: .* may not be written \(E[A-Z]+\)\.$/,
    )
  })
})

describe('the stamp', () => {
  it('differs with the lock file and with the platform', () => {
    const lockFile = readFileSync(join(root, 'package-lock.json'))
    const stamps = [
      stampFor(lockFile, 'linux', 'x64'),
      stampFor(lockFile, 'linux', 'arm64'),
      stampFor(lockFile, 'darwin', 'x64'),
      stampFor(Buffer.from('{}'), 'linux', 'x64'),
    ]
    expect(new Set(stamps).size).toBe(4)
  })
})

describe('a failed npm', () => {
  it.each([
    ['npm error code EAI_AGAIN', 'the package registry cannot be reached'],
    ['npm error code ENOSPC', 'the disk is full'],
    ['npm error code EACCES', 'the project folder may not be written'],
    ['npm error code EINTEGRITY', 'a package is not the one that the lock file names'],
    ['something else', 'its message is above'],
  ])('is worded: %s', (tail, words) => {
    expect(npmProblem('exit code 1', tail)).toContain(words)
  })
})

describe('a stopped npm', () => {
  it('is not called a failure of its own', () => {
    expect(npmProblem('SIGTERM', 'npm error code EACCES')).toBe(
      '"npm ci" was stopped (SIGTERM); start again to finish.',
    )
  })
})

describe('the runtime', () => {
  it('is the running Node where that is new enough, and the installed one otherwise', () => {
    expect(runtimeProblem(root, '24.0.0')).toBeNull()
    expect(runtimeProblem(root, '20.20.2')).toMatch(
      /^Node\.js 24 did not come with the dependencies for .* \(ENOENT\): /,
    )
    mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true })
    writeFileSync(join(root, 'node_modules', '.bin', 'node'), '', { mode: 0o755 })
    expect(runtimeProblem(root, '20.20.2')).toBeNull()
  })
})
