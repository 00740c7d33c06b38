/** The addresses below /prints. */
import type { ReactNode } from 'react'
import { Route, Routes } from 'react-router'
import './sheet-styles.ts'
import { FormsPage } from '../forms/forms-page.tsx'
import { type PrintRoute, printRoutes } from '../frame/routes.ts'
import { LabelsPage } from '../labels/labels-page.tsx'
import { PrintPage } from './print-page.tsx'
import { PrintsPage } from './prints-page.tsx'

const pages: Readonly<Record<PrintRoute, ReactNode>> = {
  '': <PrintsPage />,
  labels: <LabelsPage />,
  forms: <FormsPage />,
  ':id': <PrintPage />,
}

export function PrintPages(): ReactNode {
  return (
    <Routes>
      {printRoutes.map((path) =>
        path === '' ? (
          <Route key={path} index element={pages[path]} />
        ) : (
          <Route key={path} path={path} element={pages[path]} />
        ),
      )}
    </Routes>
  )
}
