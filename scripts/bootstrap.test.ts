import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const require = createRequire(import.meta.url)
const { nodeRefusal } = require('./bootstrap.cjs') as {
  nodeRefusal: (version: string, executable: string) => string | null
}
const { stampFor } = require('./install-modules.cjs') as {
  stampFor: (lockFile: Buffer, platform: string, arch: string) => string
}
const scripts = ['bootstrap.cjs', 'install-modules.cjs', 'install-lock.cjs', 'system-packages.cjs']

const execute = promisify(execFile)
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shoukou-bootstrap-'))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

/** Copies the bootstrap into a project whose dependencies are in place, so that a test can never touch the real ones. */
function prepared(): string {
  mkdirSync(join(root, 'scripts'))
  for (const name of scripts) cpSync(join(import.meta.dirname, name), join(root, 'scripts', name))
  writeFileSync(join(root, 'package-lock.json'), '{}')
  mkdirSync(join(root, 'node_modules'))
  const stamp = stampFor(Buffer.from('{}'), process.platform, process.arch)
  writeFileSync(join(root, 'node_modules', '.shoukou-stamp'), stamp)
  return join(root, 'scripts', 'bootstrap.cjs')
}

describe('the version of Node', () => {
  it.each(['20.11.0', '20.11.1', '20.20.2', '21.0.0', '22.1.0', '24.21.0', '100.0.0'])(
    '%s is enough',
    (version) => {
      expect(nodeRefusal(version, '/usr/bin/node')).toBeNull()
    },
  )

  it.each(['8.17.0', '18.19.1', '19.99.0', '20.0.0', '20.10.0', '20.9.1'])(
    '%s is refused in one sentence',
    (version) => {
      const sentence = nodeRefusal(version, '/usr/bin/node')
      expect(sentence).toBe(
        `Shoukou needs Node.js 20.11 or newer to begin; found is ${version} (/usr/bin/node).`,
      )
    },
  )
})

describe('the bootstrap', () => {
  it('has no syntax that Node 8 could not read, and asks for nothing before it has looked at the version', () => {
    const source = readFileSync(join(import.meta.dirname, 'bootstrap.cjs'), 'utf8')
    const forNode8 = transformSync(source, { target: 'node8.0' }).code
    expect(forNode8).toBe(transformSync(source, { target: 'esnext' }).code)
    const required = [...source.matchAll(/require\('([^']+)'\)/g)].map((match) => match[1])
    expect(required).toEqual(['path', './install-modules.cjs', './system-packages.cjs'])
    expect(source.indexOf('nodeRefusal(process.versions.node')).toBeLessThan(
      source.indexOf("require('./install-modules"),
    )
  })

  it.each(scripts)('%s needs built-ins and its neighbours alone', (name) => {
    const source = readFileSync(join(import.meta.dirname, name), 'utf8')
    const required = [...source.matchAll(/require\('([^']+)'\)/g)].map((match) => match[1] ?? '')
    const neighbours = scripts.map((one) => `./${one}`)
    const builtIns = ['path', 'fs', 'os', 'crypto', 'child_process']
    expect(required.filter((one) => !neighbours.includes(one) && !builtIns.includes(one))).toEqual([])
  })

  it('refuses a need that it does not know, with exit code 1', async () => {
    const run = execute(process.execPath, [prepared(), 'spaceship'])
    await expect(run).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Unknown need: spaceship'),
    })
  })

  it('says nothing and is quick where there is nothing to do', async () => {
    const script = prepared()
    const startedAt = performance.now()
    const { stdout, stderr } = await execute(process.execPath, [script])
    expect(stdout + stderr).toBe('')
    // The goal is 150 ms; the bound is wide, because other work shares the machine.
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
