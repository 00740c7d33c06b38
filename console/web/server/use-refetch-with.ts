/** Asks again when something that is told live has moved on, and not more often than people read. */
import { useEffect, useRef } from 'react'

const pauseMs = 1_000

/** Calls `refetch` after `mark` changed; changes within the pause make one call. */
export function useRefetchWith(mark: number | null, refetch: () => unknown): void {
  const last = useRef(mark)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const newest = useRef(refetch)
  useEffect(() => {
    newest.current = refetch
  }, [refetch])
  useEffect(() => {
    if (mark === last.current) return
    last.current = mark
    timer.current ??= setTimeout(() => {
      timer.current = null
      newest.current()
    }, pauseMs)
  }, [mark])
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    },
    [],
  )
}
