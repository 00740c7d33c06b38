/**
 * Printing that is on record: the sheet can be printed while `isOpen`, which lasts for one print dialog. At any other time the
 * browser's own print command gives a page that says so, and no sheet.
 */
import { useCallback, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

/** The mark that the style sheets print by: `labels`, `form`, or `locked`. */
export function usePrinting(what: 'labels' | 'form'): {
  readonly isOpen: boolean
  readonly print: () => void
} {
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const root = document.documentElement
    root.dataset['print'] = isOpen ? what : 'locked'
    return () => {
      delete root.dataset['print']
    }
  }, [isOpen, what])
  useEffect(() => {
    const close = () => setOpen(false)
    window.addEventListener('afterprint', close)
    return () => window.removeEventListener('afterprint', close)
  }, [])
  const print = useCallback(() => {
    flushSync(() => setOpen(true))
    // The mark stands once effects ran, and the letters once their part of the font is there.
    void fontsOfSheets().then(() => requestAnimationFrame(() => window.print()))
  }, [])
  return { isOpen, print }
}

async function fontsOfSheets(): Promise<void> {
  const text = [...document.querySelectorAll('.print-sheets')].map((one) => one.textContent).join('')
  await Promise.all(
    [400, 700].map((weight) => document.fonts.load(`${weight} 12px "Noto Sans SC Variable"`, text)),
  )
  await document.fonts.ready
}
