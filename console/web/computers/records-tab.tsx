/** What a computer recorded, newest first, a page at a time. */

import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { type ReactNode, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import { FACT_KIND_GROUPS, type FactKindGroup } from '../evidence/kind-groups.ts'
import { RecordRow } from '../evidence/record-row.tsx'
import { useText } from '../i18n/use-text.ts'
import { recordsQuery } from '../server/queries.ts'
import { formatDay } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'

const groups = Object.keys(FACT_KIND_GROUPS) as FactKindGroup[]

export function RecordsTab({ computer }: { readonly computer: Computer }): ReactNode {
  const { agent, storedSeq } = computer
  const { t, language } = useText()
  const [address, setAddress] = useSearchParams()
  const chosen = useMemo(() => {
    const asked = (address.get('facts') ?? '').split(',')
    return groups.filter((one) => asked.includes(one))
  }, [address])
  const choose = (next: readonly FactKindGroup[]) =>
    setAddress(
      (before) => {
        before.delete('facts')
        if (next.length > 0) before.set('facts', next.join(','))
        return before
      },
      { replace: true },
    )
  const kinds = useMemo(() => chosen.flatMap((group) => [...FACT_KIND_GROUPS[group]]), [chosen])
  const query = useInfiniteQuery(recordsQuery(agent, kinds))
  const records = query.data?.pages.flatMap((page) => page.records) ?? []
  // The list stays still while it is read; that there is more is said on the button.
  const newest = Math.max(0, ...records.slice(0, 100).map((record) => record.seq))
  const hasNewer = chosen.length === 0 && newest > 0 && storedSeq !== null && storedSeq > newest
  return (
    <div className="panel">
      <div className="table-filter">
        <Select
          mode="multiple"
          allowClear
          showSearch={false}
          style={{ minWidth: 320 }}
          placeholder={t('records.kinds')}
          aria-label={t('records.kinds')}
          value={chosen}
          onChange={choose}
          options={groups.map((group) => ({ value: group, label: t(`records.group.${group}`) }))}
        />
        <Button
          type={hasNewer ? 'primary' : 'default'}
          onClick={() => void query.refetch()}
          loading={query.isRefetching}
        >
          {hasNewer ? t('records.newer', { count: storedSeq - newest }) : t('records.refresh')}
        </Button>
      </div>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={6} />}
      {query.isSuccess && records.length === 0 && (
        <EmptyNote title={chosen.length === 0 ? t('records.none') : t('records.none-filtered')} />
      )}
      <ol className="timeline" data-testid="records">
        {records.map((record, at) => {
          const day = formatDay(record.wallMs, language)
          const before = records[at - 1]
          const isNewDay = before === undefined || formatDay(before.wallMs, language) !== day
          return (
            <RowWithDay key={`${record.epoch}.${record.seq}`} day={isNewDay ? day : null}>
              <RecordRow record={record} agent={agent} />
            </RowWithDay>
          )
        })}
      </ol>
      {query.hasNextPage && (
        <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('records.older')}
        </Button>
      )}
    </div>
  )
}

function RowWithDay({
  day,
  children,
}: {
  readonly day: string | null
  readonly children: ReactNode
}): ReactNode {
  return (
    <>
      {day !== null && <li className="day">{day}</li>}
      {children}
    </>
  )
}
