/** The button on a computer's page: a code with which its agent may be removed. */
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { useMay } from '../session/session-context.ts'

const RemovalDialog = lazy(async () => ({
  default: (await import('./removal-dialog.tsx')).RemovalDialog,
}))

export function RemovalButton({ computer }: { readonly computer: Computer }): ReactNode {
  const { t } = useText()
  const may = useMay('removal.issue')
  const [isOpen, setOpen] = useState(false)
  if (!may) return null
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} data-testid="removal">
        {t('removal.open')}
      </Button>
      <Suspense>
        {isOpen && (
          <RemovalDialog agent={computer.agent} computer={computer.number} onClose={() => setOpen(false)} />
        )}
      </Suspense>
    </>
  )
}
