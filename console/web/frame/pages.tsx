/** What stands at each address, each page a chunk of its own: who may not see one is told so, and by whom to ask. */
import { lazy, type ReactNode } from 'react'
import { Navigate, Route, Routes, useLocation } from 'react-router'
import type { SessionAnswer } from '../../api/contract.ts'
import { loadRestWords } from '../i18n/load-language.ts'
import { useText } from '../i18n/use-text.ts'
import { EmptyNote } from '../show/query-states.tsx'
import { accountPath, allowedDestinations, destinationOf } from './navigation.ts'
import { type FrameRoute, frameRoutes } from './routes.ts'

// What every page but the overview needs: it is there before any of them is drawn.
const PageKit = lazy(async () => {
  const [{ PageKit: kit }] = await Promise.all([import('./page-kit.tsx'), loadRestWords()])
  return { default: kit }
})
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

const pages: Readonly<Record<FrameRoute, ReactNode>> = {
  '/': <OverviewPage />,
  '/account': <AccountPage />,
  '/violations/:id?': <ViolationsPage />,
  '/exceptions': <ExceptionsPage />,
  '/statements': <StatementsPage />,
  '/statements/form/:code': <StatementFormPage />,
  '/clocks': <ClocksPage />,
  '/clocks/:violation/report': <LeakFormPage />,
  '/computers': <ComputersPage />,
  '/computers/:agent/:tab?': <ComputerPage />,
  '/media': <MediaPage />,
  '/media/:number': <MediumPage />,
  '/registers/*': <RegisterPages />,
  '/findings': <FindingsPage />,
  '/prints/*': <PrintPages />,
  '/bundles': <BundlesPage />,
  '/bundles/:slip': <SlipPage />,
  '/sign-in': <SignInRulesPage />,
  '/acts': <ActsPage />,
  '/accounts': <AccountsPage />,
  '/audit': <AuditPage />,
  '/forwarding': <ForwardingPage />,
  '/backups': <KeepingPage />,
  '/ceiling': <CeilingPage />,
  '/system': <SystemPage />,
}

export function Pages({ session }: { readonly session: SessionAnswer }): ReactNode {
  const { t } = useText()
  const { pathname } = useLocation()
  const allowed = allowedDestinations(session.permissions)
  const wanted = destinationOf(pathname)
  const noSuchPage = (
    <EmptyNote isPage title={t('frame.no-such-page')}>
      {t('frame.no-such-page-remedy')}
    </EmptyNote>
  )
  // One's own account is everybody's.
  if (pathname !== accountPath) {
    if (allowed.length === 0) return <EmptyNote isPage title={t('frame.nothing-allowed')} />
    if (wanted === null) return noSuchPage
    if (!allowed.includes(wanted)) {
      if (pathname === '/') return <Navigate to={allowed[0]?.path ?? '/'} replace />
      return (
        <EmptyNote isPage title={t('error.not-permitted')}>
          {t('frame.role-remedy', { role: t(`role.${session.role}`) })}
        </EmptyNote>
      )
    }
  }
  const page = (
    <Routes>
      {frameRoutes.map((path) => (
        <Route key={path} path={path} element={pages[path]} />
      ))}
      <Route path="*" element={noSuchPage} />
    </Routes>
  )
  return pathname === '/' ? page : <PageKit>{page}</PageKit>
}
