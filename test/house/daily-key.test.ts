import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isTestFile, refuseFile } from '../../scripts/import-rules.ts'

const root = new URL('../../', import.meta.url).pathname
const sources = globSync('{agent,console,protocol}/**/*.{ts,tsx}', {
  cwd: root,
  exclude: ['**/node_modules/**', '**/dist/**'],
})
  .filter((path) => !isTestFile(path) && !path.includes('/testing/'))
  .map((path) => ({ path, text: readFileSync(`${root}${path}`, 'utf8') }))

const where = (pattern: RegExp): string[] =>
  sources.flatMap(({ path, text }) => (pattern.test(text) ? [path] : [])).toSorted()

describe('the two keys', () => {
  it('are out of reach of the code that talks to agents', () => {
    for (const to of [
      'console/pki/key-store.ts',
      'console/pki/ceiling-key.ts',
      'console/signer/signing-core.ts',
      'console/signer/signer-client.ts',
    ]) {
      expect(refuseFile('console/link/agent-connection.ts', to), to).not.toBeNull()
      expect(refuseFile('console/link/agent-server.ts', to), to).not.toBeNull()
    }
    const link = sources.filter(({ path }) => path.startsWith('console/link/'))
    expect(link.length).toBeGreaterThan(2)
    for (const { path, text } of link)
      expect(/createPrivateKey|signEnvelope|signCeiling|policy\.key|Signer\b/.test(text), path).toBe(false)
  })

  it('sign in one place each: the daily key in the signing process, the ceiling keys on the command line', () => {
    expect(where(/\bsignEnvelope\(/).filter((path) => !path.startsWith('protocol/'))).toEqual([
      'console/signer/signing-core.ts',
    ])
    expect(where(/\bsignCeiling\(/).filter((path) => !path.startsWith('protocol/'))).toEqual([
      'console/cli/ceiling.ts',
    ])
    expect(where(/\bopenDailyKey\(/)).toEqual([
      'console/cli/signer.ts',
      'console/signer/daily-key.ts',
      'console/signer/signer-process.ts',
    ])
  })
})
