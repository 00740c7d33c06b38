/** The pages on data, logs, fields and libraries say what there is: tables, acts and versions are read from the program. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../../console/api/test-api.ts'
import { openSqliteStore } from '../../console/store/open-store.ts'
import { listTrackedFiles, ROOT } from '../house/tracked-files.ts'
import { missingTests } from './read-titles.ts'

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** The cells of the tables under a heading, a row each; the heads of tables left out. */
function rowsUnder(page: string, title: string): string[][] {
  const part = new RegExp(`^## ${title}\\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, 'm').exec(page)?.[1] ?? ''
  const lines = part.split('\n')
  return lines
    .filter(
      (line, at) => line.startsWith('|') && !/^\|[-|]+$/.test(line) && !/^\|[-|]+$/.test(lines[at + 1] ?? ''),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}
const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')

describe('the page on data', () => {
  const page = read('console/docs/data.md')

  it('has every table of the database once, and none that is not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shoukou-data-'))
    const path = join(folder, 'console.db')
    const store = await openSqliteStore(path, () => undefined)
    await store.close()
    const database = new DatabaseSync(path, { readOnly: true })
    const tables = database
      .prepare(
        "select name from pragma_table_list where schema = 'main' and type in ('table', 'virtual') and name <> 'sqlite_schema'",
      )
      .all()
      .map(({ name }) => String(name))
    database.close()
    await rm(folder, { recursive: true })
    const told = rowsUnder(page, 'Tables').flatMap(([, names = '']) => quoted(names))
    expect(tables.length).toBeGreaterThan(50)
    expect(tables.filter((table) => !told.includes(table))).toEqual([])
    expect(new Set(told).size).toBe(told.length)
    // Nor a name that the store does not know: of a table that is gone, or misspelt.
    const files = listTrackedFiles().filter((file) => /^console\/store\/.*\.ts$/.test(file))
    const sources = files.map(read).join('\n')
    expect(told.filter((table) => !tables.includes(table) && !sources.includes(table))).toEqual([])
  })

  it('says of each class who reads it, how it is kept, and what is done with it everywhere', () => {
    const classes = rowsUnder(page, 'Classes').map(([name = '', ...cells]) => {
      for (const cell of cells) expect(cell.length, name).toBeGreaterThan(5)
      return quoted(name)[0]
    })
    expect(classes).toEqual(['proofs', 'evidence', 'registers', 'orders', 'workings'])
    const used = [...rowsUnder(page, 'Tables'), ...rowsUnder(page, 'Files of the data folder')]
    for (const [name = ''] of used) expect(classes).toContain(quoted(name)[0])
    const done = rowsUnder(page, 'What is done with it')
    expect(done.length).toBeGreaterThan(5)
    for (const row of done)
      expect(
        row.every((cell) => cell !== ''),
        row[0],
      ).toBe(true)
  })
})

describe('the page on logs', () => {
  const page = read('console/docs/logs.md')

  it('has every act that the console writes down, and none that it does not', () => {
    const names = read('console/api/action-note.ts')
    const noted = [...names.slice(0, names.indexOf('export interface')).matchAll(/\| '([a-z-]+)'/g)]
    const sources = listTrackedFiles().filter(
      (file) => /^console\/.*\.ts$/.test(file) && !/(?:\.test\.ts$|\/test-|^console\/web\/)/.test(file),
    )
    // What is written without a request: by a command at the machine, by the console itself.
    const own = sources.flatMap((file) =>
      [...read(file).matchAll(/addAction\(\{[^}]*?action: ('[a-z-]+'|[A-Z_]+)/g)].map((match) =>
        nameOf(match[1] ?? '', sources),
      ),
    )
    const written = new Set([...noted.map((match) => match[1] ?? ''), ...own])
    const told = rowsUnder(page, 'Acts in the administrators’ log').flatMap(([acts = '']) => quoted(acts))
    expect(written.size).toBeGreaterThan(80)
    expect(new Set(told).size).toBe(told.length)
    const bare = [...written].map((act) => (told.includes(act) ? act : act.replace(/-refused$/, '')))
    expect([...new Set(bare)].filter((act) => !told.includes(act))).toEqual([])
    const texts = sources.map(read).join('\n')
    expect(told.filter((act) => !texts.includes(`'${act}'`))).toEqual([])
  })

  it('says of each log its place, its form, who reads it and how long it is kept', () => {
    const rows = rowsUnder(`## Logs\n${page}`, 'Logs')
    expect(rows.length).toBeGreaterThan(6)
    for (const row of rows) {
      expect(row).toHaveLength(6)
      for (const cell of row) expect(cell.length, row[0]).toBeGreaterThan(2)
      for (const file of quoted(row[2] ?? '').filter((one) => one.includes('/')))
        expect(listTrackedFiles()).toContain(file)
    }
  })
})

function nameOf(written: string, sources: readonly string[]): string {
  if (written.startsWith("'")) return written.slice(1, -1)
  const constant = new RegExp(`const ${written} = '([a-z-]+)'`)
  return sources.map((file) => constant.exec(read(file))?.[1]).find((name) => name !== undefined) ?? written
}

describe('the page on fields', () => {
  const page = read('console/docs/access.md')
  let api: TestApi
  beforeAll(async () => {
    api = await startTestApi()
  }, 30_000)
  afterAll(() => api[Symbol.asyncDispose]())

  it('has each field of an answer that carries a secret: no other route gives one, in whatever depth', async () => {
    const document = (await api.call('GET', '/api/openapi.json')).json as OpenApi
    const found = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, route]) =>
        Object.entries(route.responses)
          .filter(([status]) => status.startsWith('2'))
          .flatMap(([, answer]) => secretFields(answer).map((field) => `${method} ${path} ${field}`)),
      ),
    )
    const told = rowsUnder(page, 'Fields that are shown once, in the answer that makes them')
    expect([...new Set(found)].toSorted()).toEqual(
      told.map(([route = '', field = '']) => [...quoted(route), ...quoted(field)].join(' ')).toSorted(),
    )
  })

  it('names the source of each rule, and it is there', () => {
    const rows = rowsUnder(page, 'Fields that not everybody sees who may see the rest')
    expect(rows.length).toBeGreaterThan(6)
    for (const [what, , by = ''] of rows) expect(listTrackedFiles(), what).toContain(quoted(by)[0])
    for (const row of rowsUnder(page, 'Fields that not everybody sets who may set the rest'))
      expect(row.filter((cell) => cell.length > 3)).toHaveLength(3)
  })

  it('names the test of each rule on values that must fit together, and it is there', async () => {
    const rows = rowsUnder(page, 'What must fit together')
    expect(rows.length).toBeGreaterThan(8)
    const tests = rows.map(([, , test = '']) => {
      const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(test) ?? []
      return [file, title] as const
    })
    expect(await missingTests(tests)).toEqual([])
  })
})

interface OpenApi {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, unknown>> }>>>
  >
}

const secret =
  /^(?:.*[hH]ash|secrets?|password|totp|tokens?|cookie|passphrase|privateKey|recoveryCodes|seed|(?:spoken|removal|seal|bundle)Key)$/
/** Digests of what is public: of evidence, of files, of what was proposed. */
const publicDigests = new Set(['hash', 'fileHash', 'descriptorHash'])

/** Names of fields, in any depth of a schema, that are called like a secret and hold text that nobody chose from a list. */
function secretFields(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, object>> }
  const own = Object.entries(properties).filter(
    ([name, value]) =>
      secret.test(name) && !publicDigests.has(name) && /"type":"string"(?!,"enum)/.test(plain(value)),
  )
  return [...own.map(([name]) => name), ...Object.values(schema).flatMap(secretFields)]
}

const plain = (schema: object): string => ('enum' in schema ? '' : JSON.stringify(schema))

describe('the page on libraries', () => {
  const page = read('console/docs/dependencies.md')
  const { packages } = JSON.parse(read('package-lock.json')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>
  }
  const versionsOf = (name: string): string[] =>
    Object.entries(packages)
      .filter(([path]) => path.endsWith(`node_modules/${name}`))
      .map(([, { version = '' }]) => version)

  it('names a time for each severity, the shorter the worse', () => {
    const days = rowsUnder(page, 'Times').map(([, text = '']) =>
      Number(/(\d+) days/.exec(text)?.[1] ?? Number.NaN),
    )
    expect(days.slice(0, 3)).toEqual([7, 30, 90])
  })

  it('names faults of libraries that are locked, each in a version that mends it', () => {
    const rows = rowsUnder(page, 'Faults that were looked at')
    expect(rows.length).toBeGreaterThan(8)
    for (const [name = '', fault = '', mended = ''] of rows) {
      const library = quoted(name)[0] ?? ''
      expect(fault).toMatch(/^(?:CVE-\d{4}-\d{4,6}|GHSA(?:-[0-9a-z]{4}){3}): /)
      expect(versionsOf(library).length, library).toBeGreaterThan(0)
      for (const version of versionsOf(library))
        expect(isOlder(version, mended), `${library} ${version}`).toBe(false)
    }
  })

  it('tells an older version from a newer one by its numbers', () => {
    expect([isOlder('8.9.0', '8.17.1'), isOlder('8.17.0', '8.17.1')]).toEqual([true, true])
    expect([isOlder('8.17.1', '8.17.1'), isOlder('10.0.0', '9.9.9')]).toEqual([false, false])
  })
})

function isOlder(version: string, than: string): boolean {
  const [ours, theirs] = [version, than].map((one) => one.split(/[.+-]/).map(Number))
  for (let at = 0; at < 3; at += 1) {
    const difference = (ours?.[at] ?? 0) - (theirs?.[at] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
