import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSessions, readSessionUser } from './session-user-linux.ts'

/** As systemd-logind 252 writes them. */
function sessions(...all: readonly Record<string, string>[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'shoukou-sessions-'))
  for (const [at, fields] of all.entries()) {
    const text = Object.entries({
      UID: '1000',
      USER: 'wang',
      ACTIVE: '1',
      REMOTE: '0',
      TYPE: 'x11',
      CLASS: 'user',
      ...fields,
    })
    writeFileSync(
      join(folder, `c${at}`),
      `# This is private data. Do not parse.\n${text.map(([key, value]) => `${key}=${value}`).join('\n')}\n`,
    )
    writeFileSync(join(folder, `c${at}.ref`), '')
  }
  return folder
}

it('names the account of the active local session', () => {
  const folder = sessions({ ACTIVE: '0', USER: 'li', UID: '1001' }, {}, { REMOTE: '1', USER: 'zhao' })
  expect(readSessions(folder)).toEqual([{ user: 'wang', uid: 1000, type: 'x11' }])
  expect(readSessionUser(folder)).toBe('wang')
})

it('leaves the greeter out, and names nobody where two people have a session', () => {
  expect(readSessionUser(sessions({ CLASS: 'greeter', USER: 'gdm' }))).toBeNull()
  expect(readSessionUser(sessions({}, { USER: 'li', UID: '1001' }))).toBeNull()
})

it('says nothing where there is no logind', () => {
  expect(readSessions('/nonexistent')).toEqual([])
})
