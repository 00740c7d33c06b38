import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Entry {
  package: string
  commands?: string[]
  files?: string[]
}
type System = { hasApt: boolean; isRoot: boolean }
const require = createRequire(import.meta.url)
const { NEEDS, decide, findCommand, installCommand } = require('./system-packages.cjs') as {
  NEEDS: Record<string, { title: string; entries: Entry[] }>
  decide: (needs: string[], missing: Entry[], system: System) => { act: string; sentence?: string }
  findCommand: (name: string, pathVariable: string) => string | null
  installCommand: (missing: Entry[], isRoot: boolean) => string
}
const missing = [{ package: 'chromium' }, { package: 'fonts-noto-cjk' }]

describe('missing system packages', () => {
  it('are nothing to do where there are none', () => {
    expect(decide(['browser'], [], { hasApt: false, isRoot: false })).toEqual({ act: 'nothing' })
  })

  it('are installed where this is root on a Debian-family system', () => {
    expect(decide(['browser'], missing, { hasApt: true, isRoot: true })).toEqual({ act: 'install' })
  })

  it('are refused with the one command that brings them, where this is not root', () => {
    expect(decide(['browser'], missing, { hasApt: true, isRoot: false })).toEqual({
      act: 'refuse',
      sentence:
        'Missing for the browser tests: chromium, fonts-noto-cjk. Run: sudo apt-get install -y --no-install-recommends chromium fonts-noto-cjk',
    })
  })

  it('are refused by name where there is no apt-get, also for root', () => {
    const decision = decide(['lab'], missing, { hasApt: false, isRoot: true })
    expect(decision.act).toBe('refuse')
    expect(decision.sentence).toContain('Missing for the lab: chromium, fonts-noto-cjk.')
  })
})

describe('the table of needs', () => {
  it('says for every package how it is found', () => {
    for (const { entries } of Object.values(NEEDS)) {
      for (const entry of entries) expect([...(entry.commands ?? []), ...(entry.files ?? [])]).not.toEqual([])
    }
  })

  it('has everything of the browser in the tests and in the lab', () => {
    const packages = (need: string) => NEEDS[need]?.entries.map((entry) => entry.package) ?? []
    for (const need of ['test', 'lab'])
      expect(packages(need)).toEqual(expect.arrayContaining(packages('browser')))
    expect(installCommand(NEEDS['lab']?.entries ?? [], true)).toMatch(
      /^apt-get install -y --no-install-recommends chromium /,
    )
  })
})

describe('looking for a program', () => {
  it('finds what may be run, and neither a folder nor a plain file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'shoukou-path-'))
    try {
      const file = join(folder, 'shoukou-probe')
      writeFileSync(file, '')
      expect(findCommand('shoukou-probe', folder)).toBeNull()
      chmodSync(file, 0o755)
      expect(findCommand('shoukou-probe', `:/nowhere:${folder}`)).toBe(file)
      expect(findCommand('.', folder)).toBeNull()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
