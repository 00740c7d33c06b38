/** What waits for a second person, and what was decided: what will happen and to whom, by whose wish, until when. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Tabs } from 'antd'
import { type ReactNode, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { ActItem } from '../../api/contract-access.ts'
import { useText } from '../i18n/use-text.ts'
import { type ActsState, actsQuery } from '../server/access-queries.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { ActCard } from './act-card.tsx'
import { DecideDialog, type Decision } from './decide-dialog.tsx'

export function ActsPage(): ReactNode {
  const { t } = useText()
  const [asked, setAsked] = useState<{ readonly act: ActItem; readonly decision: Decision } | null>(null)
  const [address, setAddress] = useSearchParams()
  const onDecide = (act: ActItem, decision: Decision) => setAsked({ act, decision })
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.acts')}</h1>
        <span className="muted">{t('acts.what')}</span>
      </header>
      <Tabs
        destroyOnHidden
        activeKey={address.get('state') === 'decided' ? 'decided' : 'open'}
        onChange={(state) => setAddress(state === 'decided' ? { state } : {}, { replace: true })}
        items={(['open', 'decided'] as const).map((state) => ({
          key: state,
          label: <span data-testid={`acts-${state}`}>{t(`acts.${state}`)}</span>,
          children: <Acts state={state} onDecide={onDecide} />,
        }))}
      />
      {asked !== null && <DecideDialog {...asked} onClose={() => setAsked(null)} />}
    </div>
  )
}

interface Props {
  readonly state: ActsState
  readonly onDecide: (act: ActItem, decision: Decision) => void
}

function Acts({ state, onDecide }: Props): ReactNode {
  const { t } = useText()
  const query = useInfiniteQuery(actsQuery(state))
  const acts = query.data?.pages.flatMap((page) => page.acts) ?? []
  return (
    <>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={4} />}
      {query.isSuccess && acts.length === 0 && <EmptyNote title={t(`acts.none-${state}`)} />}
      <div className="act-list">
        {acts.map((act) => (
          <ActCard key={act.id} act={act} onDecide={onDecide} />
        ))}
      </div>
      {query.hasNextPage && (
        <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('records.older')}
        </Button>
      )}
    </>
  )
}
