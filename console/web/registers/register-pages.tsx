/** The addresses below /registers. */
import type { ReactNode } from 'react'
import { Navigate, Route, Routes, useParams } from 'react-router'
import { ledgerKindName } from '../../ledger/kinds.ts'
import { type RegisterRoute, registerRoutes } from '../frame/routes.ts'
import { useText } from '../i18n/use-text.ts'
import { EmptyNote } from '../show/query-states.tsx'
import { DepartmentsPage } from './departments-page.tsx'
import { EntryPage } from './entry-page.tsx'
import { PatternsPage } from './patterns-page.tsx'
import { RegisterPage } from './register-page.tsx'

const pages: Readonly<Record<RegisterRoute, ReactNode>> = {
  departments: <DepartmentsPage />,
  patterns: <PatternsPage />,
  ':kind': <OneRegister />,
  ':kind/:number': <EntryPage />,
}

export function RegisterPages(): ReactNode {
  return (
    <Routes>
      <Route index element={<Navigate to="/registers/computers" replace />} />
      {registerRoutes.map((path) => (
        <Route key={path} path={path} element={pages[path]} />
      ))}
    </Routes>
  )
}

function OneRegister(): ReactNode {
  const { t } = useText()
  const name = ledgerKindName(useParams()['kind'] ?? '')
  if (name === null) return <EmptyNote isPage title={t('error.not-found')} />
  return <RegisterPage key={name} name={name} />
}
