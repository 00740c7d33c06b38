/** console/docs/security.md says what the code does: figures, algorithms, key files and connections are read from the code. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHAIN_HASHES, LIMITS, runtimeHash } from '@shoukou/protocol'
import { UNEXPLAINED_MIN } from '@shoukou/protocol/common-passwords.ts'
import { describe, expect, it } from 'vitest'
import { API_LIMITS } from '../../console/api/limits.ts'
import { LEAKED_FILE } from '../../console/workflows/accounts/leaked-passwords.ts'
import { ACCOUNT_LIMITS } from '../../console/workflows/accounts/limits.ts'
import { PRODUCT_WORDS } from '../../console/workflows/accounts/password-words.ts'
import { listTrackedFiles, ROOT } from '../house/tracked-files.ts'

const page = readFileSync(join(ROOT, 'console/docs/security.md'), 'utf8')
const part = (title: string): string =>
  new RegExp(`^## ${title}\\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, 'm').exec(page)?.[1] ?? ''
const figure = (value: number): string => value.toLocaleString('en-US')

const shipped = listTrackedFiles()
  .filter((file) => /^(?:agent|console|protocol)\/.*\.tsx?$/.test(file))
  .filter((file) => !/(?:\.test\.tsx?$|\/(?:testing|fixtures|dist)\/|\/test-[^/]*$)/.test(file))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }))
const named = (pattern: RegExp, files = shipped): string[] =>
  [
    ...new Set(files.flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''))),
  ].toSorted()

/** What stands between backticks in a part. */
const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')

describe('the page on limits, keys and connections', () => {
  it('has the limits of the code', () => {
    const values = [
      ...[LIMITS.frameBytesMax, LIMITS.recordsPerFrameMax, LIMITS.windowRecordsMax, LIMITS.recordBytesMax],
      ...[
        LIMITS.textBytesMax,
        LIMITS.apiBodyBytesMax,
        API_LIMITS.importBodyBytesMax,
        API_LIMITS.connectionsMax,
      ],
      ...[API_LIMITS.requestMsMax, API_LIMITS.headersMsMax, API_LIMITS.handshakeMsMax],
      ...[API_LIMITS.feedsPerSessionMax, API_LIMITS.signInsPerMinute, API_LIMITS.enrolmentsPerMinute],
      ...[
        ACCOUNT_LIMITS.hashesAtOnceMax,
        ACCOUNT_LIMITS.hashesWaitingMax,
        ACCOUNT_LIMITS.sessionsPerAccountMax,
      ],
    ]
    const figures = part('Limits').match(/\d[\d,]*\d|\d/g) ?? []
    for (const value of values) expect(figures).toContain(figure(value))
  })

  it('tells what files may be brought, and how large', () => {
    expect(part('Files that may be brought')).toContain(
      figure(ACCOUNT_LIMITS.certificateRequestCharactersMax),
    )
    for (const kind of ['.xlsx', 'bundles', 'PEM', 'ceilings'])
      expect(part('Files that may be brought')).toContain(kind)
  })

  it('tells how signing in is bounded', () => {
    const text = part('Signing in')
    expect(text).toContain(
      `After ${ACCOUNT_LIMITS.wrongPasswordsMax} wrong tries an account waits ${ACCOUNT_LIMITS.lockMs / 60_000} minutes`,
    )
    expect(text).toContain(
      `after ${ACCOUNT_LIMITS.sessionIdleMs / 60_000} minutes without use and after ${ACCOUNT_LIMITS.sessionMs / 3_600_000} hours`,
    )
    expect(text.replaceAll('\n', ' ')).toContain(
      `at least ${ACCOUNT_LIMITS.passwordCharactersMin} characters of four classes`,
    )
  })

  it('names every word that no password may hold, and how few characters beside a common one are too few', () => {
    const text = part('Signing in')
    for (const word of PRODUCT_WORDS) expect(quoted(text)).toContain(word)
    expect(text.replaceAll('\n', ' ')).toContain(`with fewer than ${UNEXPLAINED_MIN} characters beside them`)
    expect(text).toContain(LEAKED_FILE)
  })

  it('has every algorithm that the sources name, and none is a weak one', () => {
    const used = [
      ...named(/create(?:Hash|Hmac|Cipheriv|Decipheriv)\('([a-z0-9-]+)'/g),
      ...named(/(?:hkdfSync|generateKeyPair(?:Sync)?)\(\s*'([a-z0-9-]+)'/g),
      ...named(/namedCurve: '([A-Za-z0-9-]+)'/g),
    ]
    const told = quoted(part('Cryptography').split('| key file')[0] ?? '')
    expect([...new Set(used)].filter((one) => !told.includes(one))).toEqual([])
    expect([...new Set(used)].toSorted()).toEqual([
      'P-256',
      'aes-256-gcm',
      'ed25519',
      'sha1',
      'sha256',
      'x25519',
    ])
    // A chain's hash is chosen by name, in the one place that may.
    for (const hash of CHAIN_HASHES) expect(told).toContain(runtimeHash(hash))
    expect(part('Cryptography')).toContain(`"chainHash": "${CHAIN_HASHES[1]}"`)
    const choosing = shipped.filter(({ text }) => /create(?:Hash|Hmac)\((?!\s*['"])/.test(text))
    expect(choosing.map(({ file }) => file)).toEqual(['protocol/algorithms/hashes.ts'])
    const weak = shipped
      .filter(({ text }) => /create(?:Hash|Hmac)\('sha1'/.test(text))
      .map(({ file }) => file)
    // Codes as telephones have them, and lists of leaked passwords as they are published.
    expect(weak).toEqual([
      'console/workflows/accounts/leaked-passwords.ts',
      'console/workflows/accounts/totp.ts',
    ])
    // Nothing of our own making, and nobody else's: all of it comes from Node.
    const foreign = shipped.filter(({ text }) =>
      /from '(?:crypto-js|node-forge|tweetnacl|@noble\/[^']+|bcrypt[^']*|argon2)'/.test(text),
    )
    expect(foreign.map(({ file }) => file)).toEqual([])
  })

  it('says how each kind of algorithm is replaced', () => {
    const rows = (part('Cryptography').split('| key file')[0] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    expect(rows.length).toBeGreaterThan(6)
    for (const row of rows) expect(row.split('|')[3]?.trim().length ?? 0, row).toBeGreaterThan(15)
    expect(part('Cryptography')).toContain('quantum')
  })

  it('has every key file that is made, and no other', () => {
    // Pages have words of such names, and no files.
    const notOfPages = shipped.filter(({ file }) => !file.startsWith('console/web/'))
    const told = quoted(part('Cryptography').split('| key file')[1] ?? '')
    expect(told.toSorted()).toEqual(expect.arrayContaining(named(/['"`]([a-z-]+\.key)['"`]/g, notOfPages)))
  })

  it('has every place that opens a connection to elsewhere', () => {
    const opening = shipped
      .filter(({ text }) => /from '(?:node:(?:tls|net|https|http|dgram|http2)|ws|nodemailer)'/.test(text))
      .filter(({ text }) =>
        /\b(?:connectTls|connectTcp|connect|httpsRequest|request|createTransport|createConnection|fetch)\(|new WebSocket\(/.test(
          text,
        ),
      )
      .map(({ file }) => file)
    const told = quoted(part('Connections'))
    expect(opening.length).toBeGreaterThan(4)
    expect(opening.filter((file) => !told.includes(file) && NO_CONNECTION[file] === undefined)).toEqual([])
    for (const file of told) expect(shipped.map((one) => one.file)).toContain(file)
  })
})

/** They use a module of sockets, and open none to elsewhere. */
const NO_CONNECTION: Readonly<Record<string, string>> = {
  'agent/link/link.ts': 'runs the connection that connect.ts opened',
}
