/**
 * What was seen is an act too. What one session looks at again and again within a minute, as a page does that keeps itself
 * fresh, is one entry.
 */
import type { ActionName, NoteAction } from './action-note.ts'
import type { AnyRequest } from './fastify.ts'

export interface Seen {
  readonly action: ActionName
  readonly object: string
  readonly detail: string
}
export type NoteSeen = (request: AnyRequest, seen: Seen) => Promise<void>

export const SEEN_LIMITS = { againMs: 60_000, rememberedMax: 4_096 } as const

/** Returns a way to note that something was seen. It is written before the answer leaves; where it can't be, nothing is shown. */
export function createSeenNote(note: NoteAction, now: () => number): NoteSeen {
  const last = new Map<string, number>()
  return async (request, seen) => {
    const key = JSON.stringify([request.signedIn?.session.id ?? '', seen.action, seen.object, seen.detail])
    const at = now()
    const before = last.get(key)
    if (before !== undefined && at >= before && at - before < SEEN_LIMITS.againMs) return
    await note(request, seen)
    last.delete(key)
    last.set(key, at)
    const [oldest] = last.keys()
    if (last.size > SEEN_LIMITS.rememberedMax && oldest !== undefined) last.delete(oldest)
  }
}
