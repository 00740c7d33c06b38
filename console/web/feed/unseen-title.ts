/** How many violations came while nobody looked at this page, before its title and as the badge of an installed page. */
import { useEffect } from 'react'
import { arrivals } from './arrivals.ts'

export function useUnseenTitle(): void {
  useEffect(() => {
    let unseen = 0
    const show = () => {
      const plain = document.title.replace(/^\(\d+\+?\) /, '')
      document.title = unseen === 0 ? plain : `(${unseen > 99 ? '99+' : unseen}) ${plain}`
      // Only an installed page has a badge; for others the title is all there is.
      if ('setAppBadge' in navigator) void navigator.setAppBadge(unseen).catch(() => undefined)
    }
    const seen = () => {
      if (document.hidden || !document.hasFocus() || unseen === 0) return
      unseen = 0
      show()
    }
    const stop = arrivals.listen(
      (items) => {
        if (!document.hidden && document.hasFocus()) return
        unseen += items.length
        show()
      },
      () => undefined,
    )
    document.addEventListener('visibilitychange', seen)
    window.addEventListener('focus', seen)
    return () => {
      stop()
      document.removeEventListener('visibilitychange', seen)
      window.removeEventListener('focus', seen)
      unseen = 0
      show()
    }
  }, [])
}
