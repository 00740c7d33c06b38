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
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Link, Navigate, NavLink, Route, Routes, useLocation } from 'react-router'
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
import { EmptyNote, RowsSkeleton } from '../show/query-states.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { LiveBar, LiveMark } from './live-mark.tsx'
import { accountPath, allowedDestinations, type Destination, destinationOf } from './navigation.ts'
import { PrintHead } from './print-head.tsx'

const OverviewPage = lazy(async () => ({
  default: (await import('../overview/overview-page.tsx')).OverviewPage,
}))
const ViolationsPage = lazy(async () => ({
  default: (await import('../violations/violations-page.tsx')).ViolationsPage,
}))
const ExceptionsPage = lazy(async () => ({
  default: (await import('../exceptions/exceptions-page.tsx')).ExceptionsPage,
}))
const StatementsPage = lazy(async () => ({
  default: (await import('../statements/statements-page.tsx')).StatementsPage,
}))
const StatementFormPage = lazy(async () => ({
  default: (await import('../statements/form-page.tsx')).StatementFormPage,
}))
const ClocksPage = lazy(async () => ({ default: (await import('../clocks/clocks-page.tsx')).ClocksPage }))
const LeakFormPage = lazy(async () => ({
  default: (await import('../clocks/leak-form-page.tsx')).LeakFormPage,
}))
const ComputersPage = lazy(async () => ({
  default: (await import('../computers/computers-page.tsx')).ComputersPage,
}))
const ComputerPage = lazy(async () => ({
  default: (await import('../computers/computer-page.tsx')).ComputerPage,
}))
const MediaPage = lazy(async () => ({ default: (await import('../media/media-page.tsx')).MediaPage }))
const MediumPage = lazy(async () => ({ default: (await import('../media/medium-page.tsx')).MediumPage }))
const PrintPages = lazy(async () => ({ default: (await import('../prints/print-pages.tsx')).PrintPages }))
const FindingsPage = lazy(async () => ({
  default: (await import('../findings/findings-page.tsx')).FindingsPage,
}))
const RegisterPages = lazy(async () => ({
  default: (await import('../registers/register-pages.tsx')).RegisterPages,
}))
const CeilingPage = lazy(async () => ({
  default: (await import('../ceiling/ceiling-page.tsx')).CeilingPage,
}))
const BundlesPage = lazy(async () => ({ default: (await import('../bundles/bundles-page.tsx')).BundlesPage }))
const SlipPage = lazy(async () => ({ default: (await import('../bundles/slip-page.tsx')).SlipPage }))
const AuditPage = lazy(async () => ({ default: (await import('../audit/audit-page.tsx')).AuditPage }))
const AccountPage = lazy(async () => ({
  default: (await import('../account/account-page.tsx')).AccountPage,
}))
const SignInRulesPage = lazy(async () => ({
  default: (await import('../sign-in-rules/rules-page.tsx')).SignInRulesPage,
}))
const AccountsPage = lazy(async () => ({
  default: (await import('../accounts/accounts-page.tsx')).AccountsPage,
}))
const ActsPage = lazy(async () => ({ default: (await import('../acts/acts-page.tsx')).ActsPage }))
const ForwardingPage = lazy(async () => ({
  default: (await import('../forwarding/forwarding-page.tsx')).ForwardingPage,
}))
const KeepingPage = lazy(async () => ({ default: (await import('../keeping/keeping-page.tsx')).KeepingPage }))
const SystemPage = lazy(async () => ({ default: (await import('../system/system-page.tsx')).SystemPage }))

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

function Pages({ session }: { readonly session: SessionAnswer }): ReactNode {
  const { t } = useText()
  const { pathname } = useLocation()
  if (pathname === accountPath) return <AccountPage />
  const allowed = allowedDestinations(session.permissions)
  const wanted = destinationOf(pathname)
  if (allowed.length === 0) return <EmptyNote title={t('frame.nothing-allowed')} />
  if (wanted === null)
    return <EmptyNote title={t('frame.no-such-page')}>{t('frame.no-such-page-remedy')}</EmptyNote>
  if (!allowed.includes(wanted)) {
    if (pathname === '/') return <Navigate to={allowed[0]?.path ?? '/'} replace />
    return (
      <EmptyNote title={t('error.not-permitted')}>
        {t('frame.role-remedy', { role: t(`role.${session.role}`) })}
      </EmptyNote>
    )
  }
  return (
    <Routes>
      <Route path="/" element={<OverviewPage />} />
      <Route path="/violations/:id?" element={<ViolationsPage />} />
      <Route path="/exceptions" element={<ExceptionsPage />} />
      <Route path="/statements" element={<StatementsPage />} />
      <Route path="/statements/form/:code" element={<StatementFormPage />} />
      <Route path="/clocks" element={<ClocksPage />} />
      <Route path="/clocks/:violation/report" element={<LeakFormPage />} />
      <Route path="/computers" element={<ComputersPage />} />
      <Route path="/computers/:agent/:tab?" element={<ComputerPage />} />
      <Route path="/media" element={<MediaPage />} />
      <Route path="/media/:number" element={<MediumPage />} />
      <Route path="/registers/*" element={<RegisterPages />} />
      <Route path="/findings" element={<FindingsPage />} />
      <Route path="/prints/*" element={<PrintPages />} />
      <Route path="/bundles" element={<BundlesPage />} />
      <Route path="/bundles/:slip" element={<SlipPage />} />
      <Route path="/sign-in" element={<SignInRulesPage />} />
      <Route path="/acts" element={<ActsPage />} />
      <Route path="/accounts" element={<AccountsPage />} />
      <Route path="/audit" element={<AuditPage />} />
      <Route path="/forwarding" element={<ForwardingPage />} />
      <Route path="/backups" element={<KeepingPage />} />
      <Route path="/ceiling" element={<CeilingPage />} />
      <Route path="/system" element={<SystemPage />} />
      <Route
        path="*"
        element={<EmptyNote title={t('frame.no-such-page')}>{t('frame.no-such-page-remedy')}</EmptyNote>}
      />
    </Routes>
  )
}
