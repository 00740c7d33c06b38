/**
 * Checks that imports follow the arrows of `import-rules.ts`: `node scripts/check-imports.ts [folder]`.
 *
 * Prints one line for each wrong one (`file:line  what  why`) and ends with exit code 1 where there is any.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path/posix'
import { findCycles } from './find-cycles.ts'
import {
  areaOf,
  isBuildFile,
  isTestFile,
  refuseFile,
  refuseLiteral,
  refusePackage,
  refusePlace,
} from './import-rules.ts'
import { type Import, readSource } from './read-imports.ts'

export interface Breach {
  readonly file: string
  readonly line: number
  readonly what: string
  readonly why: string
}

interface ReadFile {
  readonly file: string
  readonly imports: readonly (Import & { readonly target: string | null })[]
}

const workspaces = ['agent', 'console', 'protocol', 'test', 'scripts']
const skippedFolders = new Set(['node_modules', 'dist', '.git', '.cache', 'coverage'])

/** Reads every source below a root and returns what is wrong, ordered by file and line. */
export function checkImports(root: string): Breach[] {
  const breaches: Breach[] = []
  const files: ReadFile[] = []
  for (const file of listSources(root, '')) {
    const { imports, literals } = readSource(readFileSync(join(root, file), 'utf8'))
    files.push({ file, imports: imports.map((one) => ({ ...one, target: targetOf(file, one.specifier) })) })
    const place = refusePlace(file)
    if (place !== null) breaches.push({ file, line: 1, what: 'stands here', why: place })
    const readsFiles = imports.some(({ specifier }) => /^(?:node:)?fs(?:\/promises)?$/.test(specifier))
    for (const { text, line } of literals) {
      const why = refuseLiteral(file, text, readsFiles)
      if (why !== null) breaches.push({ file, line, what: `says '${text}'`, why })
    }
  }
  for (const file of files) breaches.push(...checkFile(file))
  breaches.push(...checkPage(files), ...checkCycles(files))
  return breaches.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
}

/** Words one breach as a compiler would: a terminal makes a link of it. */
export function formatBreach({ file, line, what, why }: Breach): string {
  return `${file}:${line}  ${what}: ${why}`
}

function checkFile({ file, imports }: ReadFile): Breach[] {
  return imports.flatMap(({ specifier, line, target }) => {
    const why = target === null ? refusePackage(file, builtin(specifier)) : refuseFile(file, target)
    return why === null ? [] : [{ file, line, what: `imports ${specifier}`, why }]
  })
}

/** The page must not reach a built-in of Node through a file of the protocol or the contract either. */
function checkPage(files: readonly ReadFile[]): Breach[] {
  const byName = new Map(files.map((one) => [one.file, one]))
  const page = files.filter(
    ({ file }) => areaOf(file) === 'console/web' && !isTestFile(file) && !isBuildFile(file),
  )
  return page.flatMap(({ file, imports }) =>
    imports.flatMap(({ specifier, line, target, isTypeOnly }) => {
      if (target === null || isTypeOnly || areaOf(target) === 'console/web') return []
      const path = pathToBuiltin(target, byName)
      if (path === null) return []
      const why = `the page runs in a browser, and this leads to ${path.join(' → ')}`
      return [{ file, line, what: `imports ${specifier}`, why }]
    }),
  )
}

/** Returns the shortest way from a file to a built-in of Node, by imports that run, or null where there is none. */
function pathToBuiltin(start: string, byName: ReadonlyMap<string, ReadFile>): string[] | null {
  const seen = new Set([start])
  const queue: string[][] = [[start]]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const { specifier, target, isTypeOnly } of byName.get(path.at(-1) ?? '')?.imports ?? []) {
      if (isTypeOnly) continue
      if (target === null) {
        if (builtin(specifier).startsWith('node:')) return [...path, builtin(specifier)]
      } else if (!seen.has(target)) {
        seen.add(target)
        queue.push([...path, target])
      }
    }
  }
  return null
}

/** Of imports that run: two files may name each other's types, and neither waits for the other. */
function checkCycles(files: readonly ReadFile[]): Breach[] {
  const names = new Set(files.map(({ file }) => file))
  const graph = new Map(
    files.map(({ file, imports }) => [
      file,
      imports.flatMap(({ target, isTypeOnly }) =>
        target !== null && !isTypeOnly && names.has(target) ? [target] : [],
      ),
    ]),
  )
  return findCycles(graph).map((cycle) => {
    const [file = '', next] = cycle
    const line =
      files.find((one) => one.file === file)?.imports.find(({ target }) => target === next)?.line ?? 1
    return { file, line, what: 'is in a cycle', why: [...cycle, file].join(' → ') }
  })
}

/** Vite's configuration lies in the page's folder and runs in Node. */
/** Returns the file that a specifier names, relative to the root, or null for a package or a built-in. */
function targetOf(file: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier.replace(/\?.*$/, '')))
  const match = /^@shoukou\/(protocol|agent|console|test|scripts)(?:\/(.+))?$/.exec(specifier)
  if (match?.[1] === undefined) return null
  return `${match[1]}/${match[2] ?? 'index.ts'}`
}

function builtin(specifier: string): string {
  return !specifier.startsWith('node:') && builtinModules.includes(specifier)
    ? `node:${specifier}`
    : specifier
}

function listSources(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      const isOurs = folder !== '' || workspaces.includes(entry.name)
      return isOurs && !skippedFolders.has(entry.name) ? listSources(root, path) : []
    }
    return entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}

function main(root: string): number {
  if (!existsSync(root)) {
    process.stderr.write(`There is no folder ${root}.\n`)
    return 1
  }
  const breaches = checkImports(root)
  for (const breach of breaches) process.stdout.write(`${formatBreach(breach)}\n`)
  if (breaches.length > 0)
    process.stdout.write(`${breaches.length} wrong; the arrows are in scripts/import-rules.ts.\n`)
  return breaches.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = main(process.argv[2] ?? join(import.meta.dirname, '..'))
