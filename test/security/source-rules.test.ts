/**
 * What no source of ours may do, whoever writes it: run text as a program, build SQL from values, read a disk while the event
 * loop waits, shut an eye to a certificate. Read from the sources, so that a new place fails here before it runs.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listTrackedFiles, ROOT } from '../house/tracked-files.ts'

const isShipped = (file: string): boolean =>
  /^(?:agent|console|protocol)\/.*\.tsx?$/.test(file) &&
  !/(?:\.test\.tsx?$|\/(?:testing|fixtures|dist)\/|\/test-[^/]*$)/.test(file)

const sources = listTrackedFiles()
  .filter(isShipped)
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }))

/** Places where a pattern stands in sources, as `file: line`. */
function found(pattern: RegExp, where: (file: string) => boolean = () => true): string[] {
  return sources
    .filter(({ file }) => where(file))
    .flatMap(({ file, text }) =>
      text
        .split('\n')
        .filter((line) => !/^\s*(?:\*|\/\/|\/\*)/.test(line) && pattern.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
}

/** Found places that were looked at one by one: the file, and why it may. */
const REVIEWED: Readonly<Record<string, string>> = {
  'agent/sensors/folders/load-usb-detection.ts': 'the name is a constant of the file: an optional package',
  'agent/link/find-authority.ts':
    'the first look at an unknown console: what it shows is held against the fingerprint of the token',
  'console/web/vite-split-words.ts': 'of the build: one of two files of words, named in it',
  'console/api/server.ts':
    'a client certificate is asked for, not demanded; whose it is is looked at per sign-in',
}
/** Patterns that are put together, and of what. */
const PATTERNS: Readonly<Record<string, string>> = {
  'agent/base/parse-sock-diag.ts': 'constants of the file',
  'agent/sensors/history/parse-log-message.ts': 'constants of the file',
  'console/web/computers/agent-words.ts': 'a constant of the file',
  'console/api/route-list.ts': 'routes as they are registered at the start; no request names one',
}
const unreviewed = (places: readonly string[]): string[] =>
  places.filter((place) => REVIEWED[place.slice(0, place.indexOf(':'))] === undefined)

describe('no source', () => {
  it('was left out of the search', () => {
    expect(sources.length).toBeGreaterThan(500)
    expect(found(/DatabaseSync\(/).length).toBeGreaterThan(0)
    for (const file of Object.keys(REVIEWED)) expect(sources.map((one) => one.file)).toContain(file)
  })

  it('runs text as a program', () => {
    const places = found(/\beval\(|\bnew Function\(|node:vm\b|\brequire\((?!')|\bimport\((?![\n'])\w/)
    expect(unreviewed(places)).toEqual([])
  })

  it('hands a line to a shell', () => {
    const imported = found(/import \{[^}]*\bexec(?:Sync)?\b[^}]*\} from '(?:node:)?child_process'/)
    expect([...imported, ...found(/shell:\s*(?:true|['"])/)]).toEqual([])
  })

  it('waits for the disk while requests wait for it', () => {
    const onRequestPaths = (file: string): boolean =>
      /^console\/(?:api|link|ingest|feed|workflows|rules|forward|ledger)\//.test(file)
    const disk =
      /\b(?:readFile|writeFile|appendFile|open|stat|lstat|exists|mkdir|readdir|rename|unlink|rm|copyFile|fsync)Sync\(/
    const work =
      /\b(?:scrypt|pbkdf2|execFile|spawn|gunzip|inflate|inflateRaw|unzip|brotliDecompress|generateKeyPair)Sync\(/
    expect(found(disk, onRequestPaths)).toEqual([])
    expect(found(work, onRequestPaths)).toEqual([])
  })

  it('shuts an eye to a certificate', () => {
    const places = found(/rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED|checkServerIdentity:\s*\(/)
    expect(unreviewed(places)).toEqual([])
  })

  it('trusts a header that names another address', () => {
    expect(found(/x-forwarded|x-real-ip|headers(?:\.|\[')forwarded|trustProxy:\s*true/i)).toEqual([])
  })

  it('makes a pattern of text that came from elsewhere', () => {
    // Constants alone: a pattern of what was sent would match what its sender likes, or for ever.
    const places = found(/\bRegExp\((?!\s*['"/])/)
    expect(places.length).toBeGreaterThan(5)
    expect(places.filter((place) => PATTERNS[place.slice(0, place.indexOf(':'))] === undefined)).toEqual([])
    for (const file of Object.keys(PATTERNS)) expect(places.join('\n')).toContain(file)
  })

  it('shows text as markup', () => {
    expect(found(/dangerouslySetInnerHTML|\.innerHTML\s*=|insertAdjacentHTML|document\.write\(/)).toEqual([])
  })

  it('draws chance where it must not be guessed', () => {
    // Only for when to try again: in whatever else, chance is a secret.
    const places = found(/Math\.random\(\)/)
    expect(
      places.filter(
        (place) => !/random: Math\.random|jitter|\* Math\.random|Math\.random\(\) \*/i.test(place),
      ),
    ).toEqual([])
  })
})

describe('SQL', () => {
  const stored = (file: string): boolean => file.startsWith('console/store/')

  it('is known to console/store alone', () => {
    expect(
      found(/[`'"]\s*(?:select .+ from|insert into|update \w+ set|delete from)\b/i, (file) => !stored(file)),
    ).toEqual([])
  })

  it('takes no value into its text: what stands in its places is text of the same file', () => {
    const places = sources
      .filter(({ file }) => stored(file))
      .flatMap(({ file, text }) =>
        // Of comments nothing; a template of Kysely's own `sql` binds its values as parameters.
        [...text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').matchAll(/(?:\bsql(?:<[^`]*?>)?)?`[^`]*`/g)]
          .filter(([template]) => SQL_VERBS.test(template) && !template.startsWith('sql'))
          .flatMap(([template]) => [...template.matchAll(/\$\{((?:[^{}]|\{[^{}]*\})*)\}/g)])
          .map((match) => ({
            place: `${file}: ${match[1] ?? ''}`,
            isConstant: isConstant(match[1] ?? '', text),
          })),
      )
    expect(places.length).toBeGreaterThan(5)
    const loose = places.filter(({ isConstant: isFine }) => !isFine).map(({ place }) => place)
    expect(
      [...new Set(loose)].filter((place) => !SQL_REVIEWED.has(place) && !isSchema(place)).toSorted(),
    ).toEqual([])
  })
})

const SQL_VERBS =
  /\b(?:select .+ from|insert into|update \w+ set|delete from|create (?:table|index|trigger|unique)|alter table|drop (?:table|index|trigger))\b/is

/** A constant of the same file in capitals, or as many question marks as there are values. */
function isConstant(what: string, text: string): boolean {
  if (/^[A-Z][A-Z0-9_]*$/.test(what)) return new RegExp(`const ${what}\\b`).test(text)
  return /^\w+\.map\(\(\) => '\?'\)\.join\(', '\)$/.test(what)
}

/** Made once, when a database is made or brought up to date, of lists in the same file: no request is there yet. */
const isSchema = (place: string): boolean =>
  /^console\/store\/(?:[a-z-]+-schema|migrations)\.ts: /.test(place)

/** Names of tables and columns, from lists in the same file; a condition that is one of its constants. */
const SQL_REVIEWED: ReadonlySet<string> = new Set([
  // Parts of statements and names of columns, all of them texts of the same file.
  "console/store/sqlite/clocks.ts: columns.join(', ')",
  ...['inDepartment', 'outside', 'suspected', 'table', 'place'].map(
    (name) => `console/store/sqlite/clocks.ts: ${name}`,
  ),
  ...[3, 4, 5].map((place) => `console/store/sqlite/clocks.ts: unreported(${place})`),
  ...['sum', 'where'].map((name) => `console/store/sqlite/mend-violation-lists.ts: ${name}`),
  ...['OF_REGISTERS', 'column', 'isListed', 'ofTotals', 'order', 'parameter', 'where'].map(
    (name) => `console/store/sqlite/violation-lists.ts: ${name}`,
  ),
  ...[
    ['class', 'among'],
    ['level', 'levels'],
    ['severity', 'severities'],
    ['state', 'states'],
    ['type', 'types'],
  ].map(
    ([column, parameter]) => `console/store/sqlite/violation-lists.ts: among('${column}', '${parameter}')`,
  ),
  'console/store/sqlite/coverage.ts: columns',
  ...['OF_REGISTERS', 'secretLevels', 'toHandIn'].map((name) => `console/store/sqlite/custody.ts: ${name}`),
  'console/store/sqlite/media.ts: columns',
  "console/store/sqlite/sightings.ts: names.join(', ')",
  'console/store/sqlite/sign-in-certificates.ts: opened',
  'console/store/verify/write-copy.ts: table',
])
