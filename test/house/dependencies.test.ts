/**
 * Every dependency is there for a reason that README.md gives, in a table under the heading "Dependencies":
 *
 *   | package | where | licence | why |
 *   | `ws` | agent, console | MIT | … |
 *
 * The first cell names one or more packages in backticks; the last is the reason.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listTrackedFiles, ROOT } from './tracked-files.ts'

type Manifest = Partial<Record<(typeof sections)[number], Readonly<Record<string, string>>>>
const sections = ['dependencies', 'devDependencies', 'optionalDependencies'] as const

/** Declarations of types come with what they describe. */
const isNamed = (name: string): boolean => !name.startsWith('@shoukou/') && !name.startsWith('@types/')

function readDependencies(): Set<string> {
  const manifests = listTrackedFiles().filter((file) => /^(?:[a-z]+\/)?package\.json$/.test(file))
  const names = manifests.flatMap((file) => {
    const manifest = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Manifest
    return sections.flatMap((section) => Object.keys(manifest[section] ?? {}))
  })
  return new Set(names.filter(isNamed))
}

/** Returns the reason of each package that the table names. */
function readReasons(readme: string): Map<string, string> {
  return readCells(readme, -1)
}

function readCells(readme: string, column: number): Map<string, string> {
  const section = /^#{2,4} Dependencies\b.*\n([\s\S]*?)(?=^#{1,4} |(?![\s\S]))/m.exec(readme)?.[1] ?? ''
  const reasons = new Map<string, string>()
  for (const row of section.split('\n').filter((line) => line.startsWith('|'))) {
    const cells = row.split(/(?<!\\)\|/).slice(1, -1)
    const reason = cells.at(column)?.trim() ?? ''
    for (const match of cells[0]?.matchAll(/`([^`]+)`/g) ?? [])
      if (match[1] !== undefined) reasons.set(match[1], reason)
  }
  return reasons
}

describe('the table of dependencies in README.md', () => {
  it('names every dependency with a reason', () => {
    const reasons = readReasons(readFileSync(join(ROOT, 'README.md'), 'utf8'))
    const unnamed = [...readDependencies()].filter((name) => (reasons.get(name) ?? '').length < 10)
    expect(unnamed.toSorted()).toEqual([])
  })

  it('names none that is not there', () => {
    const reasons = readReasons(readFileSync(join(ROOT, 'README.md'), 'utf8'))
    const dependencies = readDependencies()
    expect([...reasons.keys()].filter((name) => !dependencies.has(name))).toEqual([])
  })

  it('names the licence that each has in the lock file', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Readonly<Record<string, { readonly license?: string }>>
    }
    const licences = readCells(readFileSync(join(ROOT, 'README.md'), 'utf8'), -2)
    const wrong = [...licences].filter(
      ([name, cell]) => !cell.split(', ').includes(packages[`node_modules/${name}`]?.license ?? '?'),
    )
    expect(wrong).toEqual([])
  })

  it('is read as it is meant', () => {
    const readme =
      '# X\n## Dependencies\n| package | why |\n|---|---|\n| `a`, `@b/c` | because of \\| this |\n## Next\n| `d` | no |\n'
    expect([...readReasons(readme)]).toEqual([
      ['a', 'because of \\| this'],
      ['@b/c', 'because of \\| this'],
    ])
  })
})
