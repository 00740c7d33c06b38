/** Whether the page is being printed: what is folded or cut on the screen stands whole on paper. */
import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

/** Returns true between the browser's `beforeprint` and `afterprint`. */
export function useIsPrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false)
  useEffect(() => {
    // The browser lays the paper out as soon as this returns: the change must stand by then.
    const before = () => flushSync(() => setPrinting(true))
    const after = () => setPrinting(false)
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    return () => {
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
    }
  }, [])
  return isPrinting
}
