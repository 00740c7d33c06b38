/** How far the isolation of a computer has come: its own shape, and the word. */
import type { ReactNode } from 'react'
import type { Isolation } from '../../api/contract-network.ts'
import { useText } from '../i18n/use-text.ts'
import { formatTime } from '../show/format.ts'

/** What a computer may be ordered next: whoever is not free may be released, and a failed isolation tried again. */
export function isIsolating(isolation: Isolation | undefined): boolean {
  return (
    isolation !== undefined &&
    (isolation.state === 'ordered' ||
      isolation.state === 'in-force' ||
      isolation.state === 'partly' ||
      isolation.state === 'release-ordered')
  )
}

/** A mark for a row or a head; nothing where a computer is free. */
export function IsolationMark({
  isolation,
  isShort = false,
}: {
  readonly isolation: Isolation | undefined
  readonly isShort?: boolean
}): ReactNode {
  const { t, language } = useText()
  if (isolation === undefined || isolation.state === 'released') return null
  const { state, effectAt, orderedAt } = isolation
  return (
    <span
      className={`isolation isolation-${state}`}
      data-testid="isolation-mark"
      data-state={state}
      title={formatTime(effectAt ?? orderedAt, language)}
    >
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <circle cx="8" cy="8" r="6.2" />
        {state === 'in-force' && <path d="M4 8h8" />}
        {state === 'partly' && <path d="M4 8h3m2 0h3" />}
        {(state === 'ordered' || state === 'release-ordered') && <path d="M8 4.500V8l2.400 1.600" />}
        {state === 'refused' && <path d="m5.500 5.500 5 5m0-5-5 5" />}
      </svg>
      {t(isShort ? `isolation.short.${state}` : `isolation.state.${state}`)}
    </span>
  )
}
