/** Where this console tells what happens: each target with how far it is, and what it said last. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Target } from '../../api/contract-forwarding.ts'
import { useText } from '../i18n/use-text.ts'
import { targetsQuery } from '../server/keeping-queries.ts'
import { useMay } from '../session/session-context.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TargetPanel } from './target-panel.tsx'

const TargetDialog = lazy(async () => ({ default: (await import('./target-dialog.tsx')).TargetDialog }))

export function ForwardingPage(): ReactNode {
  const { t } = useText()
  const query = useQuery(targetsQuery)
  const mayWrite = useMay('forwarding.write')
  const [open, setOpen] = useState<Target | 'new' | null>(null)
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.forwarding')}</h1>
        <span className="muted">{t('forward.what')}</span>
        <span className="top-space" />
        {mayWrite && (
          <Button type="primary" onClick={() => setOpen('new')} data-testid="target-add">
            {t('forward.add')}
          </Button>
        )}
      </header>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={4} />}
      {query.isSuccess && query.data.targets.length === 0 && (
        <div className="panel">
          <EmptyNote title={t('forward.none')}>{t('forward.none-what')}</EmptyNote>
        </div>
      )}
      <div className="targets">
        {query.data?.targets.map((target) => (
          <TargetPanel key={target.id} target={target} onChange={mayWrite ? () => setOpen(target) : null} />
        ))}
      </div>
      <Suspense>
        {open !== null && (
          <TargetDialog target={open === 'new' ? null : open} onClose={() => setOpen(null)} />
        )}
      </Suspense>
    </div>
  )
}
