/**
 * Locks the page when nobody has touched it for as long as the rules say, and warns before. The console ends the session
 * by itself too: this covers the screen in time, and says so.
 */
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import type { SignInState } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { sessionQuery } from '../server/queries.ts'
import { noteUse, touchedHereMs, untouchedMs } from '../server/recent-use.ts'
import { request } from '../server/request.ts'
import { type IdleState, idleState } from './idle-state.ts'
import { lockPage } from './lock-page.ts'
import { listenToTabs, tellOtherTabs } from './other-tabs.ts'

const tickMs = 500
/** A gap between two ticks that no busy page makes: the computer slept. */
const sleptMs = 5_000
const saidEverySeconds = 15

export function IdleLock({
  limits,
}: {
  readonly limits: Pick<SignInState, 'idleMs' | 'warningMs'>
}): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const [state, setState] = useState<IdleState>({ kind: 'in-use' })
  const { idleMs, warningMs } = limits

  useEffect(() => {
    // Somebody has just signed in, here or in another tab.
    noteUse()
    let told = touchedHereMs()
    let lastTick = Date.now()
    const tick = () => {
      if (told !== touchedHereMs()) {
        told = touchedHereMs()
        tellOtherTabs('used')
      }
      const hasSlept = Date.now() - lastTick > sleptMs
      lastTick = Date.now()
      const next = idleState(untouchedMs(), { idleMs, warningMs })
      if (hasSlept && next.kind !== 'over')
        void cache.invalidateQueries({ queryKey: sessionQuery.queryKey, exact: true })
      setState((before) => (isSame(before, next) ? before : next))
      if (next.kind === 'over') {
        clearInterval(timer)
        void lockPage(cache)
      }
    }
    const timer = setInterval(tick, tickMs)
    const stop = listenToTabs((message) => {
      if (message === 'used') noteUse()
    })
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [cache, idleMs, warningMs])

  if (state.kind !== 'warning') return null
  return (
    <div className="idle-bar" role="alert" data-testid="idle-warning">
      {/* Seen each second, and said in steps: who listens is not talked at. */}
      <span aria-hidden="true">{t('lock.soon', { count: state.secondsLeft })}</span>
      <span className="sr-only">
        {t('lock.soon', { count: Math.ceil(state.secondsLeft / saidEverySeconds) * saidEverySeconds })}
      </span>
      <Button size="small" type="primary" onClick={() => void stay()} data-testid="idle-stay">
        {t('lock.stay')}
      </Button>
    </div>
  )
}

/** The click itself is a touch; asking the console at once makes it a use there too. */
async function stay(): Promise<void> {
  noteUse()
  await request('GET', '/api/session').catch(() => undefined)
}

function isSame(one: IdleState, other: IdleState): boolean {
  if (one.kind !== other.kind) return false
  return one.kind !== 'warning' || other.kind !== 'warning' || one.secondsLeft === other.secondsLeft
}
