/** Locks: the page is covered first, whatever the network does, and the console ends the session. */
import type { QueryClient } from '@tanstack/react-query'
import { noteLock } from '../server/lock-under-way.ts'
import { sessionQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { tellOtherTabs } from './other-tabs.ts'

/** Covers this page, ends the session, and tells the other tabs. */
export async function lockPage(cache: QueryClient): Promise<void> {
  const ended = request('POST', '/api/session/lock')
  noteLock(ended)
  // An answer under way was given before: it would uncover the page.
  await cache.cancelQueries({ queryKey: sessionQuery.queryKey, exact: true })
  cache.setQueryData(sessionQuery.queryKey, null)
  try {
    await ended
  } catch {
    // The console ends a session that nobody uses by itself, and the page stays covered until a new sign-in.
  }
  void cache.invalidateQueries({ queryKey: ['session', 'ended'] })
  tellOtherTabs('session')
}
