/** The titles of tests, read from a test file's source. Not a run of it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../house/tracked-files.ts'
import type { TestName } from './asvs/requirement.ts'

const read = new Map<string, Promise<readonly string[]>>()

/** Returns the titles of a test file, those of its groups too. Rejects where there is no such file. */
export function titlesOf(file: string): Promise<readonly string[]> {
  const known = read.get(file) ?? readFile(join(ROOT, file), 'utf8').then(parseTitles)
  read.set(file, known)
  return known
}

/** Returns the first text after `it(` and `describe(`, and after the table of an `it.each(…)(`. Pure. */
export function parseTitles(source: string): string[] {
  const calls = /(?:\b(?:it|describe)|\))\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gs
  return [...source.matchAll(calls)].map((match) => (match[2] ?? '').replaceAll(/\\(.)/g, '$1'))
}

/** Reports what of a list of tests is not there, or not by one title alone: a sentence each. */
export async function missingTests(names: readonly TestName[]): Promise<string[]> {
  const faults = await Promise.all(
    names.map(async ([file, title]) => {
      if (!/\.test\.tsx?$/.test(file)) return `${file} is no test file`
      const titles = await titlesOf(file).catch(() => null)
      if (titles === null) return `${file} is not there`
      const found = new Set(titles.filter((one) => one.startsWith(title)))
      return found.size === 1 ? null : `${file}: ${found.size} tests begin with ${JSON.stringify(title)}`
    }),
  )
  return faults.filter((fault) => fault !== null)
}
