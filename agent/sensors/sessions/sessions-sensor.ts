/**
 * Sessions of people at this computer: the system's own lists are the truth, inotify says when to look, a sweep stands behind
 * both. An account says who was logged on, never whose hand it was.
 *
 * What was told is remembered whole, so that a session that ended while no agent ran is told as ended. A session that begins
 * and ends between two looks is not seen; `wtmp` keeps those that came from elsewhere (`sensors/history`).
 */
import { dirname } from 'node:path'
import { type FactNamed, type Session, SessionSchema } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import type { Sensor, SensorContext } from '../sensor.ts'
import { type CoverageState, SensorRun } from '../sensor-run.ts'
import { diffSessions } from './diff-sessions.ts'
import { endingOf, joinSessions } from './join-sessions.ts'
import { readSessionLists, type SessionPlaces, type SessionsRead } from './read-sessions-linux.ts'
import { SESSION_LIMITS } from './session-limits.ts'
import { FolderWatch } from './watch-folder-linux.ts'

export interface SessionsSensorOptions {
  readonly places?: Partial<SessionPlaces>
  readonly sweepMs?: number
}

const isSession = checkOf(SessionSchema)

/** Returns the sensor; it runs once at a time. */
export function createSessionsSensor(options: SessionsSensorOptions = {}): Sensor {
  let current: SessionsRun | undefined
  return {
    name: 'sessions',
    async run(context) {
      current = new SessionsRun(options, context)
      try {
        await current.run()
      } finally {
        current = undefined
      }
    },
    async rescan() {
      await current?.rescan()
    },
  }
}

class SessionsRun {
  readonly #places: SessionPlaces
  readonly #sweepMs: number
  readonly #context: SensorContext
  readonly #run: SensorRun
  readonly #watches: readonly FolderWatch[]
  #told: ReadonlyMap<string, Session>
  #isStarting = true

  constructor({ places, sweepMs = SESSION_LIMITS.sweepMs }: SessionsSensorOptions, context: SensorContext) {
    this.#places = { utmp: '/run/utmp', logind: '/run/systemd/sessions', proc: '/proc', ...places }
    this.#sweepMs = sweepMs
    this.#context = context
    this.#run = new SensorRun(context, () => this.#look())
    const { utmp, logind } = this.#places
    const hint = (): void => void this.#run.task.request()
    const utmpName = utmp.slice(utmp.lastIndexOf('/') + 1)
    this.#watches = [
      // Much else happens in /run.
      new FolderWatch(dirname(utmp), (name) => (name === utmpName || name === '' ? hint() : undefined)),
      new FolderWatch(logind, hint),
    ]
    this.#told = new Map([...context.toldBefore].flatMap(sessionOfKey).map((one) => [one.id, one]))
  }

  async run(): Promise<void> {
    try {
      await this.#run.task.request()
      this.#context.ready()
      this.#run.sweepEvery(this.#sweepMs, () => void this.#run.task.request())
      await this.#run.untilEnd()
    } finally {
      for (const one of this.#watches) one.close()
    }
  }

  async rescan(): Promise<void> {
    await this.#run.task.request()
  }

  async #look(): Promise<void> {
    // Armed first: what changes while the lists are read is looked at again.
    for (const one of this.#watches) await one.arm()
    const lists = await readSessionLists(this.#places)
    const readable = { utmp: lists.utmpState.kind === 'read', logind: lists.logindState.kind === 'read' }
    const { opened, closed, present, now, omitted } = diffSessions(this.#told, joinSessions(lists), readable)
    const found = this.#isStarting ? 'while-away' : 'while-watching'
    for (const session of closed)
      this.#context.emit({ kind: 'session.closed', session, ...endingOf(session, lists), found })
    for (const session of this.#isStarting ? present : opened) this.#tellOpened(session)
    if (this.#isStarting || opened.length > 0 || closed.length > 0)
      this.#context.remember(new Set([...now.values()].map((one) => JSON.stringify(one))))
    this.#told = now
    this.#isStarting = false
    this.#run.cover(this.#coverage(lists, omitted))
  }

  #tellOpened(session: Session): void {
    const origin = this.#isStarting ? this.#originAtStart(session.id) : 'appeared'
    this.#context.emit({ kind: 'session.opened', origin, session })
  }

  /** By its id: the lists may say more of it than they did when it was told. */
  #originAtStart(id: string): FactNamed<'session.opened'>['origin'] {
    return this.#told.has(id) ? 'still-present' : this.#context.originAtStart(`session:${id}`)
  }

  #coverage({ utmpState, logindState }: SessionsRead, omitted: number): CoverageState {
    const states = [utmpState, logindState]
    if (states.every(({ kind }) => kind !== 'read')) {
      const why = states.flatMap((one) => (one.kind === 'unreadable' ? [one.reason] : []))
      const { utmp, logind } = this.#places
      return {
        state: 'not-watched',
        method: 'none',
        reason: `sessions are not seen: ${why.length > 0 ? why.join('; ') : `neither ${utmp} nor ${logind} is there`}`,
        remedy: 'create /run/utmp (systemd-tmpfiles --create), or run systemd-logind',
      }
    }
    const methods = [
      utmpState.kind === 'read' ? 'utmp' : null,
      logindState.kind === 'read' ? 'logind' : null,
    ].filter((one) => one !== null)
    const slow = this.#watches.flatMap(({ reason }) => (reason === null ? [] : [reason]))
    return {
      state: slow.length > 0 ? 'fallback' : 'watching',
      method: methods.join('-and-'),
      reason:
        omitted > 0
          ? `more than ${SESSION_LIMITS.sessionsMax} sessions at once`
          : slow.length > 0
            ? `sessions are looked at from time to time: ${slow.join('; ')}`
            : (states.flatMap((one) => (one.kind === 'unreadable' ? [one.reason] : []))[0] ?? null),
      remedy: slow.length > 0 ? 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances' : null,
    }
  }
}

/** What an earlier run remembered; anything else in that file is none of it. */
function sessionOfKey(key: string): Session[] {
  try {
    const value: unknown = JSON.parse(key)
    return isSession.Check(value) ? [value] : []
  } catch {
    return []
  }
}
