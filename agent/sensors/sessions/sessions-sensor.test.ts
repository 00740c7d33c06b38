/** The sensor over real files, with real inotify and real processes; the lists are those of a folder of the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RecordingContext, withSensor } from '../testing/recording-context.ts'
import { createSessionsSensor } from './sessions-sensor.ts'

const recorded = readFileSync(join(import.meta.dirname, '../../base/fixtures/utmp-x86-64.bin'))
const size = 384
let folder: string
let utmp: string
let logind: string
let children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoukou-utmp-'))
  utmp = join(folder, 'utmp')
  logind = join(folder, 'sessions')
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(folder, { recursive: true })
})

/** A record that login wrote, for a process of the test; `type` 8 strikes it off. */
function record(at: number, pid: number, type = 7): Buffer {
  const bytes = Buffer.from(recorded.subarray(at * size, (at + 1) * size))
  bytes.writeInt16LE(type, 0)
  bytes.writeInt32LE(pid, 4)
  return bytes
}
/** In its place, as pututxline(3) does: utmp is never emptied while it is written. */
function put(...records: readonly Buffer[]): void {
  const file = openSync(utmp, constants.O_RDWR | constants.O_CREAT)
  writeSync(file, Buffer.concat([recorded.subarray(0, size), ...records]), 0, undefined, 0)
  closeSync(file)
}
function logindFile(name: string, more = ''): void {
  // As logind does: never a half-written file.
  writeFileSync(join(logind, `.#${name}`), `UID=1000\nUSER=wang\nSTATE=active\nREMOTE=0\nCLASS=user\n${more}`)
  renameSync(join(logind, `.#${name}`), join(logind, name))
}
/** So long a sweep that only the kernel's word makes it look again. */
const sensorOf = (sweepMs = 3_600_000) =>
  createSessionsSensor({ places: { utmp, logind, proc: '/proc' }, sweepMs })
const toldIn = (context: RecordingContext): RecordingContext =>
  new RecordingContext({ knowledge: { toldInThisBoot: context.remembered, isFirstStart: false } })
async function program(): Promise<ChildProcess & { pid: number }> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' })
  children.push(child)
  await once(child, 'spawn')
  return child as ChildProcess & { pid: number }
}

describe('the sessions sensor', () => {
  it('tells who is there at the start, who comes and who goes', async () => {
    const own = process.pid
    put(record(1, own))
    const context = new RecordingContext()
    await withSensor(sensorOf(), context, async () => {
      expect(context.named('session.opened')).toMatchObject([
        { origin: 'present-at-start', session: { user: 'root', line: 'pts/0', remoteHost: null } },
      ])
      put(record(1, own), record(3, own))
      await context.until(() => context.named('session.opened').length === 2)
      expect(context.named('session.opened')[1]).toMatchObject({
        origin: 'appeared',
        session: { user: 'root', line: 'pts/2', remoteHost: '203.0.113.9', source: 'utmp' },
      })
      put(record(1, own, 8), record(3, own))
      await context.until(() => context.named('session.closed').length === 1)
    })
    const opened = context.named('session.opened')[0]
    expect(context.named('session.closed')).toEqual([
      {
        kind: 'session.closed',
        session: opened?.session,
        closedWallMs: opened?.session.openedWallMs,
        ending: 'logged-out',
        found: 'while-watching',
      },
    ])
    expect(context.covers).toEqual([{ state: 'watching', method: 'utmp', reason: null, remedy: null }])
  })

  it('notices by itself that a session’s process was killed, which changes no file', async () => {
    const child = await program()
    put(record(1, child.pid))
    const context = new RecordingContext()
    await withSensor(sensorOf(50), context, async () => {
      expect(context.named('session.opened')).toHaveLength(1)
      child.kill('SIGKILL')
      await context.until(() => context.named('session.closed').length === 1, 10_000)
    })
    expect(context.named('session.closed')).toMatchObject([{ ending: 'process-gone', closedWallMs: null }])
  })

  it('tells at the next start what ended while nobody looked, and does not take what stayed for new', async () => {
    put(record(1, process.pid), record(2, process.pid))
    const first = new RecordingContext()
    await withSensor(sensorOf(), first, () => Promise.resolve())
    put(record(1, process.pid, 8), record(2, process.pid), record(3, process.pid))
    const second = toldIn(first)
    await withSensor(sensorOf(), second, () => Promise.resolve())
    expect(second.named('session.closed')).toMatchObject([
      { session: { line: 'pts/0' }, found: 'while-away', ending: 'logged-out' },
    ])
    expect(second.named('session.opened').map(({ origin, session }) => [origin, session.user])).toEqual([
      ['still-present', 'nobody'],
      ['present-at-start', 'root'],
    ])
    const third = toldIn(second)
    await withSensor(sensorOf(), third, () => Promise.resolve())
    expect(third.named('session.closed')).toEqual([])
  })

  it('reads logind where there is no utmp, also when it comes later, and keeps what it told while it is away', async () => {
    const context = new RecordingContext()
    const sensor = sensorOf(50)
    await withSensor(sensor, context, async () => {
      expect(context.facts).toEqual([])
      mkdirSync(logind)
      logindFile('3', 'SEAT=seat0\nDISPLAY=:0\nTYPE=x11\nREALTIME=1795334400000000\n')
      await context.until(() => context.named('session.opened').length === 1, 10_000)
      renameSync(logind, `${logind}-away`)
      await context.until(() => context.covers.at(-1)?.state === 'not-watched', 10_000)
      await sensor.rescan()
      expect(context.named('session.closed')).toEqual([])
      renameSync(`${logind}-away`, logind)
      rmSync(join(logind, '3'))
      await context.until(() => context.named('session.closed').length === 1, 10_000)
    })
    expect(context.named('session.opened')).toMatchObject([
      { session: { user: 'wang', uid: 1000, seat: 'seat0', line: ':0', source: 'logind' } },
    ])
    expect(context.covers.map(({ state, method }) => [state, method])).toEqual([
      ['not-watched', 'none'],
      ['watching', 'logind'],
      ['not-watched', 'none'],
      ['watching', 'logind'],
    ])
    expect(context.covers[0]?.remedy).toContain('/run/utmp')
  })

  it('says that a list is no list, and takes no pipe for one', async () => {
    writeFileSync(utmp, Buffer.alloc(4_000, 0xff))
    mkdirSync(logind)
    const context = new RecordingContext({
      knowledge: { toldInThisBoot: new Set(['not JSON', '{"id":"x"}']) },
    })
    await withSensor(sensorOf(), context, () => Promise.resolve())
    expect(context.facts).toEqual([])
    expect(context.covers).toMatchObject([
      { state: 'watching', method: 'logind', reason: `${utmp} holds no records of a known layout` },
    ])
    rmSync(utmp)
    mkdirSync(utmp)
    rmSync(logind, { recursive: true })
    const blind = new RecordingContext()
    await withSensor(sensorOf(), blind, () => Promise.resolve())
    expect(blind.covers).toMatchObject([
      { state: 'not-watched', reason: expect.stringMatching(/utmp cannot be read/) },
    ])
  })
})
