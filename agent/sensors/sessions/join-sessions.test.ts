import { describe, expect, it } from 'vitest'
import { type LogindSession, parseLogindSession } from '../../base/parse-logind-session.ts'
import type { UtmpRecord } from '../../base/parse-utmp-records.ts'
import { diffSessions } from './diff-sessions.ts'
import { endingOf, joinSessions, type SessionLists, type SessionProcess } from './join-sessions.ts'
import { SESSION_LIMITS } from './session-limits.ts'

const t0 = Date.UTC(2026, 10, 20, 8)
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const record = (line: string, more: Partial<UtmpRecord> = {}): UtmpRecord => ({
  ...{ type: 7, pid: 10, line: bytes(line), user: bytes('wang'), host: bytes(''), address: null, wallMs: t0 },
  ...more,
})
/** As systemd-logind 252 writes them. */
function logind(name: string, more: Readonly<Record<string, string>> = {}): LogindSession {
  const fields = {
    ...{ UID: '1000', USER: 'wang', ACTIVE: '1', STATE: 'active', REMOTE: '0', TYPE: 'x11', CLASS: 'user' },
    ...{ SEAT: 'seat0', DISPLAY: ':0', LEADER: '10', REALTIME: String(t0 * 1_000) },
    ...more,
  }
  const lines = Object.entries(fields).map(([key, value]) => `${key}=${value}`)
  const session = parseLogindSession(
    name,
    bytes(`# This is private data. Do not parse.\n${lines.join('\n')}\n`),
  )
  if (session === null) throw new Error('no session')
  return session
}
function lists(
  utmp: readonly UtmpRecord[],
  sessions: readonly LogindSession[] = [],
  processes: readonly (readonly [number, SessionProcess | null])[] = [],
): SessionLists {
  return { utmp, logind: sessions, processes: new Map(processes) }
}
const inSession = (logindName: string | null, loginUid: number | null = null): SessionProcess => ({
  logindName,
  loginUid,
})

describe('sessions from both lists', () => {
  it('are told once, with what either says', () => {
    const remote = logind('4', {
      ...{ USER: 'li', UID: '1001', REMOTE: '1', REMOTE_HOST: '203.0.113.9', TYPE: 'tty' },
      ...{ SEAT: '', DISPLAY: '', REALTIME: String((t0 + 5) * 1_000) },
    })
    const found = joinSessions(
      lists(
        [
          record('tty7', { host: bytes(':0') }),
          record('pts/3', { pid: 20, user: bytes('li'), address: '203.0.113.9', wallMs: t0 + 9 }),
        ],
        [logind('2'), remote],
        [
          [10, inSession('2')],
          [20, inSession('4')],
        ],
      ),
    )
    expect(found).toMatchObject([
      { user: 'wang', uid: 1000, line: ':0', seat: 'seat0', remoteHost: null, source: 'logind' },
      { user: 'li', uid: 1001, line: 'pts/3', seat: null, remoteHost: '203.0.113.9', openedWallMs: t0 + 5 },
    ])
  })

  it('leave out what is no person’s: greeters, services, and windows of a session that is told', () => {
    const found = joinSessions(
      lists(
        [
          record('pts/0', { host: bytes(':0') }),
          record('pts/1', { pid: 11 }),
          record('~', { type: 2, user: bytes('reboot') }),
          record('tty1', { type: 6, user: bytes('LOGIN') }),
        ],
        [
          logind('c1', { CLASS: 'greeter', USER: 'lightdm' }),
          logind('9', { CLASS: 'background' }),
          logind('2'),
        ],
        [
          [10, inSession(null)],
          [11, inSession('2')],
        ],
      ),
    )
    expect(found.map(({ line }) => line)).toEqual([':0'])
  })

  it('rest on utmp alone where there is no logind, and then only on processes that still are', () => {
    const utmp = [
      record('tty1', { pid: 11 }),
      record('pts/0', { pid: 12, host: bytes('gate.example') }),
      record('pts/1', { pid: 13 }),
    ]
    const found = joinSessions(
      lists(
        utmp,
        [],
        [
          [11, inSession(null, 1000)],
          [12, inSession(null)],
          [13, null],
        ],
      ),
    )
    const told = Object.fromEntries(
      found.map(({ line, uid, remoteHost }) => [JSON.stringify(line), [uid, remoteHost]]),
    )
    expect(told).toEqual({ '"pts/0"': [null, 'gate.example'], '"tty1"': [1000, null] })
  })

  it('are over for logind when it closes them, though programs of theirs run on', () => {
    const closing = lists([record('tty1')], [logind('2', { STATE: 'closing' })], [[10, inSession('2')]])
    expect(joinSessions(closing)).toEqual([])
  })

  it('keep names that are no text, and that one came from afar', () => {
    const [one] = joinSessions(lists([], [logind('2', { USER: '\u00ffx', REMOTE: '1', DISPLAY: '' })]))
    expect(one).toMatchObject({ user: { b64: '/3g=' }, remoteHost: '', line: null })
  })
})

describe('the end of a session', () => {
  const [session] = joinSessions(lists([record('tty1')]))
  if (session === undefined) throw new Error('no session')
  it('is a log-off where its line waits for the next person', () => {
    const off = lists([record('tty1', { type: 8, wallMs: t0 + 60_000 })])
    expect(endingOf(session, off)).toEqual({ ending: 'logged-out', closedWallMs: t0 + 60_000 })
  })
  it('is no log-off where its process was killed, or where nothing is known', () => {
    expect(endingOf(session, lists([record('tty1')], [], [[10, null]]))).toEqual({
      ending: 'process-gone',
      closedWallMs: null,
    })
    expect(endingOf(session, lists([]))).toEqual({ ending: 'gone', closedWallMs: null })
    const before = lists([record('tty1', { type: 8, wallMs: t0 - 1 })])
    expect(endingOf(session, before).ending).toBe('gone')
  })
})

describe('a comparison', () => {
  const many = (count: number) =>
    joinSessions(
      lists(Array.from({ length: count }, (_, at) => record(`pts/${at}`, { pid: 0, wallMs: t0 + at }))),
    )
  const readable = { utmp: true, logind: true }
  it('tells no end of sessions whose list cannot be read', () => {
    const before = new Map(many(2).map((one) => [one.id, one]))
    expect(diffSessions(before, [], { utmp: false, logind: true })).toMatchObject({
      opened: [],
      closed: [],
      present: [],
      now: before,
    })
    expect(diffSessions(before, [], readable).closed).toHaveLength(2)
  })
  it('tells so many at once, and one more not, and those told before stay', () => {
    const max = SESSION_LIMITS.sessionsMax
    expect(diffSessions(new Map(), many(max), readable)).toMatchObject({ omitted: 0 })
    const last = many(max + 1).at(-1)
    if (last === undefined) throw new Error('no session')
    const crowd = diffSessions(new Map([[last.id, last]]), many(max + 1), readable)
    expect(crowd).toMatchObject({ omitted: 1, closed: [] })
    expect(crowd.opened).toHaveLength(max - 1)
    expect(crowd.now.has(last.id)).toBe(true)
  })
})
