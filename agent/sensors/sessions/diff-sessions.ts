/** What changed between what was told and what is there. Pure. */
import type { Session } from '@shoukou/protocol'
import { SESSION_LIMITS } from './session-limits.ts'

export interface SessionChanges {
  readonly opened: readonly Session[]
  readonly closed: readonly Session[]
  /** Told and seen in this look, as it has them. */
  readonly present: readonly Session[]
  /** What holds from now on; with those of a list that cannot be read just now. */
  readonly now: ReadonlyMap<string, Session>
  /** Open, and beyond what is told. */
  readonly omitted: number
}

/** A list that cannot be read just now says nothing of its sessions: they stay as they were. */
export type ReadableSources = Readonly<Record<Session['source'], boolean>>

/** Compares by the session's id; the oldest of `sessions` come first and are those that are told. */
export function diffSessions(
  before: ReadonlyMap<string, Session>,
  sessions: readonly Session[],
  readable: ReadableSources,
): SessionChanges {
  const kept = [...before.values()].filter(({ source }) => !readable[source])
  const seen = new Map(sessions.map((one) => [one.id, one]))
  const now = new Map(kept.map((one) => [one.id, one]))
  // Those told before come first: a crowd does not push them out.
  for (const one of [...sessions.filter(({ id }) => before.has(id)), ...sessions])
    if (now.size < SESSION_LIMITS.sessionsMax) now.set(one.id, one)
  return {
    opened: [...now.values()].filter(({ id }) => !before.has(id)),
    present: [...now.values()].filter(({ id }) => seen.has(id)),
    closed: [...before.values()].filter(({ id, source }) => readable[source] && !seen.has(id)),
    now,
    omitted: [...seen.keys()].filter((id) => !now.has(id)).length,
  }
}
