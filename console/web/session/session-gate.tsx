/**
 * Who is signed in decides what is shown. Where a session ends while somebody works, the lock covers the page and what
 * was typed stays behind it; another person's sign-in starts afresh.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Spin } from 'antd'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import type { SessionAnswer } from '../../api/contract.ts'
import { Frame } from '../frame/frame.tsx'
import { useText } from '../i18n/use-text.ts'
import { sessionQuery } from '../server/queries.ts'
import { onSignedOut } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { LockScreen } from './lock-screen.tsx'
import { listenToTabs } from './other-tabs.ts'
import { SignIn } from './sign-in.tsx'

// Few sign-ins come by these.
const ChangePassword = lazy(async () => ({
  default: (await import('./change-password.tsx')).ChangePassword,
}))
const SecondFactorCard = lazy(async () => ({
  default: (await import('./second-factor-card.tsx')).SecondFactorCard,
}))

export function SessionGate(): ReactNode {
  const { t, tryT } = useText()
  const cache = useQueryClient()
  const session = useQuery(sessionQuery)
  const [shown, setShown] = useState<SessionAnswer | null>(null)
  useEffect(() => onSignedOut(() => cache.setQueryData(sessionQuery.queryKey, null)), [cache])
  useEffect(
    () =>
      listenToTabs((message) => {
        if (message === 'session') void cache.invalidateQueries({ queryKey: sessionQuery.queryKey })
      }),
    [cache],
  )

  if (session.data === undefined) {
    if (!session.isError) return <Loading />
    return (
      <div className="empty-note" role="alert">
        <h1 className="empty-title">{errorText({ t, tryT }, session.error)}</h1>
        <p>
          <Button onClick={() => void session.refetch()}>{t('page.retry')}</Button>
        </p>
      </div>
    )
  }
  const current = session.data
  if (current?.mustChangePassword === true)
    return (
      <Suspense fallback={<Loading />}>
        <ChangePassword session={current} />
      </Suspense>
    )
  if (current?.signIn.secondFactor === 'to-set-up')
    return (
      <Suspense fallback={<Loading />}>
        <SecondFactorCard session={current} />
      </Suspense>
    )
  if (current !== null && current !== shown) setShown(current)
  return (
    <>
      {shown !== null && (
        <div className={current === null ? 'behind-sign-in' : 'app-root'} inert={current === null}>
          <Frame key={shown.name} session={shown} isSignedIn={current !== null} />
        </div>
      )}
      {current === null && (shown === null ? <SignIn /> : <LockScreen name={shown.name} />)}
    </>
  )
}

function Loading(): ReactNode {
  const { t } = useText()
  return <Spin className="page-spin" size="large" aria-label={t('page.loading')} />
}
