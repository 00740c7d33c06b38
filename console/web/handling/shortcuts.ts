/** One key for one act, where nobody types, no dialog is open, and single keys are not switched off. */
import { useEffect, useRef } from 'react'
import { areKeysOn } from './key-choice.ts'

/** Calls back when the key is pressed while the calling part is on the page. */
export function useShortcut(key: string, callback: () => void): void {
  const latest = useRef(callback)
  useEffect(() => {
    latest.current = callback
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== key || isTyping(event) || !areKeysOn()) return
      event.preventDefault()
      latest.current()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [key])
}

/** Reports whether a key belongs to what somebody writes, chooses or answers. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true
  const target = event.target instanceof Element ? event.target : null
  if (document.querySelector('.app .ant-modal-wrap:not([style*="display: none"])') !== null) return true
  const typed = target?.closest('input, textarea, select, [role="dialog"], [role="combobox"], [role="menu"]')
  return typed !== null && typed !== undefined
}
