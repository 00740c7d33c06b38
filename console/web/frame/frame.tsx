/** The frame of all pages: navigation by role, who and where one is, and whether what is shown is live. */
import {
  AuditOutlined,
  CheckSquareOutlined,
  ClockCircleOutlined,
  DashboardOutlined,
  DesktopOutlined,
  DiffOutlined,
  ExportOutlined,
  FormOutlined,
  HddOutlined,
  InboxOutlined,
  KeyOutlined,
  MenuFoldOutlined,
  MenuUnfoldOutlined,
  PrinterOutlined,
  ProfileOutlined,
  SafetyOutlined,
  SaveOutlined,
  SettingOutlined,
  TeamOutlined,
  WarningOutlined,
} from '@ant-design/icons'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, Suspense, useEffect, useState } from 'react'
import { Link, NavLink, useLocation } from 'react-router'
import type { SessionAnswer } from '../../api/contract.ts'
import { ActsBadge } from '../acts/acts-badge.tsx'
import { ClockBar } from '../clocks/clock-bar.tsx'
import { Alarm } from '../feed/alarm.tsx'
import type { FeedState } from '../feed/feed-state.ts'
import { FeedStateProvider, useLiveFeed } from '../feed/live-cache.ts'
import { LanguageButton } from '../i18n/language-switch.tsx'
import { useText } from '../i18n/use-text.ts'
import { sessionQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { IdleLock } from '../session/idle-lock.tsx'
import { LockButton } from '../session/lock-button.tsx'
import { SessionProvider } from '../session/session-context.ts'
import { Brand } from '../show/brand.tsx'
import { LevelTag } from '../show/level-tag.tsx'
import { RowsSkeleton } from '../show/query-states.tsx'
import { dialogHome } from './dialog-home.ts'
import { ErrorBoundary } from './error-boundary.tsx'
import { watchDialogs } from './focus-return.ts'
import { LiveBar, LiveMark } from './live-mark.tsx'
import { accountPath, allowedDestinations, type Destination } from './navigation.ts'
import { PageTitle } from './page-title.tsx'
import { Pages } from './pages.tsx'
import { PrintHead } from './print-head.tsx'

const icons: Record<Destination['key'], ReactNode> = {
  overview: <DashboardOutlined />,
  violations: <WarningOutlined />,
  clocks: <ClockCircleOutlined />,
  exceptions: <ClockCircleOutlined />,
  statements: <FormOutlined />,
  computers: <DesktopOutlined />,
  media: <HddOutlined />,
  registers: <ProfileOutlined />,
  findings: <DiffOutlined />,
  prints: <PrinterOutlined />,
  bundles: <InboxOutlined />,
  ceiling: <SafetyOutlined />,
  'sign-in': <KeyOutlined />,
  acts: <CheckSquareOutlined />,
  accounts: <TeamOutlined />,
  audit: <AuditOutlined />,
  forwarding: <ExportOutlined />,
  backups: <SaveOutlined />,
  system: <SettingOutlined />,
}

interface Props {
  readonly session: SessionAnswer
  readonly isSignedIn: boolean
}

export function Frame({ session, isSignedIn }: Props): ReactNode {
  const { t } = useText()
  const [isNarrow, setNarrow] = useState(false)
  const section = useLocation().pathname.split('/')[1]
  // One and the same tree, signed in or not: what somebody typed outlives the end of a session.
  const feed = useLiveFeed(useQueryClient(), isSignedIn, session.permissions.includes('violations.read'))
  useEffect(() => watchDialogs(dialogHome(), () => document.querySelector<HTMLElement>('#content')), [])
  return (
    <SessionProvider value={session}>
      <FeedStateProvider value={feed}>
        <a className="skip" href="#content">
          {t('frame.skip')}
        </a>
        <div className={`frame${isNarrow ? ' frame-narrow' : ''}${feed.kind === 'lost' ? ' is-stale' : ''}`}>
          <TopBar session={session} feed={feed} isSignedIn={isSignedIn} />
          <nav className="side" aria-label={t('frame.navigation')}>
            <ul>
              {allowedDestinations(session.permissions).map((one) => (
                <li key={one.key}>
                  <NavLink
                    to={one.path}
                    end={one.path === '/'}
                    data-testid={`nav-${one.key}`}
                    title={t(`nav.${one.key}`)}
                  >
                    {icons[one.key]}
                    <span className="side-word">{t(`nav.${one.key}`)}</span>
                    {one.key === 'acts' && isSignedIn && <ActsBadge />}
                  </NavLink>
                </li>
              ))}
            </ul>
            <Button
              type="text"
              className="side-fold"
              icon={isNarrow ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
              aria-expanded={!isNarrow}
              aria-label={isNarrow ? t('frame.unfold') : t('frame.fold')}
              onClick={() => setNarrow(!isNarrow)}
            />
          </nav>
          <main id="content" className="content" tabIndex={-1} data-stale={feed.kind === 'lost'}>
            <PageTitle />
            <PrintHead session={session} />
            <LiveBar feed={feed} />
            {isSignedIn && <IdleLock limits={session.signIn} />}
            <ErrorBoundary key={section}>
              <Suspense fallback={<RowsSkeleton rows={6} />}>
                <Pages session={session} />
              </Suspense>
            </ErrorBoundary>
          </main>
        </div>
      </FeedStateProvider>
    </SessionProvider>
  )
}

function TopBar({ session, feed, isSignedIn }: Props & { readonly feed: FeedState }): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const signOut = useMutation({
    mutationFn: () => request('DELETE', '/api/session'),
    // Signing out is meant: a fresh page leaves nothing of the old one in memory or on screen.
    onSuccess: () => {
      cache.clear()
      cache.setQueryData(sessionQuery.queryKey, null)
      location.assign('/')
    },
  })
  return (
    <header className="top">
      <Brand />
      <span className="top-level" title={t('frame.console-level')}>
        <span className="muted">{t('frame.console-level')}</span> <LevelTag level={session.console.level} />
      </span>
      <span className="top-unit">{session.console.unit}</span>
      <span className="top-space" />
      <Alarm />
      {session.permissions.includes('violations.read') && isSignedIn && <ClockBar />}
      <LiveMark feed={feed} />
      <LanguageButton />
      <span className="who" data-testid="who">
        <Link to={accountPath} data-testid="own-account" title={t('account.title')}>
          <strong>{session.name}</strong>
        </Link>{' '}
        <span className="muted">
          {t(`role.${session.role}`)}
          {session.department !== null && ` · ${session.department}`}
        </span>
      </span>
      <LockButton />
      <Button
        size="small"
        loading={signOut.isPending}
        onClick={() => signOut.mutate()}
        data-testid="sign-out"
      >
        {t('frame.sign-out')}
      </Button>
    </header>
  )
}
