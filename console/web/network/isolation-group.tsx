/** What can be done with the computers that are ticked in the list: isolate or release them all, with one reason. */
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'

const IsolationDialog = lazy(async () => ({
  default: (await import('./isolation-dialog.tsx')).IsolationDialog,
}))

interface Props {
  readonly computers: readonly Computer[]
  readonly onClear: () => void
}

interface Asked {
  readonly act: 'isolate' | 'release'
  /** As they were ticked: rows that come and go do not change whom an order is for. */
  readonly computers: readonly Computer[]
}

export function IsolationGroup({ computers, onClear }: Props): ReactNode {
  const { t } = useText()
  const [asked, setAsked] = useState<Asked | null>(null)
  if (computers.length === 0 && asked === null) return null
  return (
    <div className="selection-bar no-print" role="group" aria-label={t('isolation.column')}>
      <span aria-live="polite" data-testid="selected-count">
        {t('isolation.selected', { count: computers.length })}
      </span>
      <Button
        size="small"
        danger
        onClick={() => setAsked({ act: 'isolate', computers })}
        data-testid="group-isolate"
      >
        {t('isolation.isolate')}
      </Button>
      <Button
        size="small"
        onClick={() => setAsked({ act: 'release', computers })}
        data-testid="group-release"
      >
        {t('isolation.release')}
      </Button>
      <Button size="small" type="text" onClick={onClear}>
        {t('isolation.select-none')}
      </Button>
      <Suspense>
        {asked !== null && (
          <IsolationDialog act={asked.act} computers={asked.computers} onClose={() => setAsked(null)} />
        )}
      </Suspense>
    </div>
  )
}
