/** The addresses below /registers. */
import type { ReactNode } from 'react'
import { Navigate, Route, Routes, useParams } from 'react-router'
import { ledgerKindName } from '../../ledger/kinds.ts'
import { useText } from '../i18n/use-text.ts'
import { EmptyNote } from '../show/query-states.tsx'
import { DepartmentsPage } from './departments-page.tsx'
import { EntryPage } from './entry-page.tsx'
import { PatternsPage } from './patterns-page.tsx'
import { RegisterPage } from './register-page.tsx'

export function RegisterPages(): ReactNode {
  return (
    <Routes>
      <Route index element={<Navigate to="/registers/computers" replace />} />
      <Route path="departments" element={<DepartmentsPage />} />
      <Route path="patterns" element={<PatternsPage />} />
      <Route path=":kind" element={<OneRegister />} />
      <Route path=":kind/:number" element={<EntryPage />} />
    </Routes>
  )
}

function OneRegister(): ReactNode {
  const { t } = useText()
  const name = ledgerKindName(useParams()['kind'] ?? '')
  if (name === null) return <EmptyNote title={t('error.not-found')} />
  return <RegisterPage key={name} name={name} />
}
