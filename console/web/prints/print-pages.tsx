/** The addresses below /prints. */
import type { ReactNode } from 'react'
import { Route, Routes } from 'react-router'
import './sheet-styles.ts'
import { FormsPage } from '../forms/forms-page.tsx'
import { LabelsPage } from '../labels/labels-page.tsx'
import { PrintPage } from './print-page.tsx'
import { PrintsPage } from './prints-page.tsx'

export function PrintPages(): ReactNode {
  return (
    <Routes>
      <Route index element={<PrintsPage />} />
      <Route path="labels" element={<LabelsPage />} />
      <Route path="forms" element={<FormsPage />} />
      <Route path=":id" element={<PrintPage />} />
    </Routes>
  )
}
