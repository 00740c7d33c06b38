/** Whether a computer is proven watched: green is earned, grey is hatched and says why, red is broken; `nothing` is neither. */
import type { ReactNode } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'

export type WatchState = Computer['watch']['state']

interface Props {
  /** `nothing`: in order, and nothing to watch; no proof of anything. */
  readonly state: WatchState | 'nothing'
  /** Other words than those of the state. */
  readonly words?: string
}

export function WatchMark({ state, words }: Props): ReactNode {
  const { t } = useText()
  return (
    <span className={`watch watch-${state}`} data-testid="watch-state" data-state={state}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <rect x="1" y="1" width="14" height="14" rx={state === 'proven' ? 7 : 2} />
        {state === 'proven' && <path d="m4.500 8.200 2.400 2.400 4.600-5" />}
        {state === 'unproven' && <path d="M3 13 13 3M1 9l8-8M7 15l8-8" />}
        {state === 'nothing' && <path d="M4.500 8h7" />}
        {state === 'broken' && <path d="m5 5 6 6m0-6-6 6" />}
      </svg>
      <span>{words ?? t(state === 'nothing' ? 'coverage.nothing' : `watch.${state}`)}</span>
    </span>
  )
}
