/**
 * What tabs of one browser tell each other: they share one session, so a touch in one keeps all of them open, and a
 * session that ended or began is asked about in all. Only hints travel here; the console is the truth.
 */
export type TabMessage = 'used' | 'session'

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('shoukou-session')

/** Tells the other tabs. */
export function tellOtherTabs(message: TabMessage): void {
  channel?.postMessage(message)
}

/** Listens to the other tabs; returns the way to stop. */
export function listenToTabs(heard: (message: TabMessage) => void): () => void {
  const listener = ({ data }: MessageEvent<unknown>) => {
    if (data === 'used' || data === 'session') heard(data)
  }
  channel?.addEventListener('message', listener)
  return () => channel?.removeEventListener('message', listener)
}
