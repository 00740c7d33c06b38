/** The lock file says what is installed, and not from where: the same on every registry, also on none but a mirror. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from './tracked-files.ts'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
}
const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> }

it('the lock file names no registry host', () => {
  const named = Object.entries(packages).filter(
    ([, { resolved }]) => resolved !== undefined && /^[a-z+]+:/.test(resolved),
  )
  expect(named.map(([name]) => name)).toEqual([])
  expect(text).not.toMatch(/"resolved": "[a-z+]+:\/\//)
})

it('the lock file holds the hash of everything that is downloaded', () => {
  const installed = Object.entries(packages).filter(
    ([name, { link }]) => name.startsWith('node_modules/') && link !== true,
  )
  expect(installed.length).toBeGreaterThan(100)
  expect(installed.filter(([, { integrity }]) => integrity === undefined).map(([name]) => name)).toEqual([])
})

it('npm is told not to write registry hosts', () => {
  expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toContain('omit-lockfile-registry-resolved=true')
})
