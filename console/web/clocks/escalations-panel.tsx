/** Who is to know that time runs out, and whether somebody saw to it. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Escalation } from '../../api/contract-clocks.ts'
import { useText } from '../i18n/use-text.ts'
import { escalationsQuery, refreshClocks } from '../server/clock-queries.ts'
import { request } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { formatDuration } from '../show/format.ts'
import { EmptyNote, QueryError } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'

export function EscalationsPanel(): ReactNode {
  const { t } = useText()
  const query = useInfiniteQuery(escalationsQuery)
  const rows = query.data?.pages.flatMap(({ escalations }) => escalations) ?? []
  return (
    <section className="panel" aria-labelledby="escalations">
      <h2 id="escalations">{t('clocks.escalations')}</h2>
      <p className="muted">{t('clocks.escalations-hint')}</p>
      <QueryError query={query} />
      {query.data !== undefined && rows.length === 0 && <EmptyNote title={t('clocks.no-escalations')} />}
      {rows.length > 0 && (
        <table className="facts">
          <thead>
            <tr>
              {(['when', 'who', 'about', 'left-then', 'seen'] as const).map((key) => (
                <th key={key} scope="col">
                  {t(`clocks.column.${key}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      )}
      {query.hasNextPage && (
        <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t('clocks.more')}
        </Button>
      )}
    </section>
  )
}

function Row({ row }: { readonly row: Escalation }): ReactNode {
  const { t, language } = useText()
  const cache = useQueryClient()
  const mayHandle = useMay('violations.handle')
  const see = useMutation({
    mutationFn: () => request('POST', `/api/escalations/${row.id}/seen`, {}),
    onSuccess: () => refreshClocks(cache),
  })
  return (
    <tr data-testid="escalation" data-seen={row.seenAt !== null}>
      <td>
        <TimeView ms={row.at} />
      </td>
      <td>
        {t(`clocks.role.${row.role}`)}{' '}
        {row.person === '' ? <span className="muted">{t('clocks.nobody-named')}</span> : row.person}
      </td>
      <td>
        <Link to={`/violations/${row.violation}`}>
          {t(`clocks.kind.${row.clock}`)} · {t('clocks.violation', { id: row.violation })}
        </Link>
      </td>
      <td>{row.leftMs <= 0 ? t('clocks.overdue-word') : formatDuration(row.leftMs, language)}</td>
      <td>
        {row.seenAt !== null ? (
          <>
            <TimeView ms={row.seenAt} /> · {row.seenBy}
          </>
        ) : mayHandle ? (
          <Button
            size="small"
            loading={see.isPending}
            onClick={() => see.mutate()}
            data-testid="escalation-see"
          >
            {t('clocks.see')}
          </Button>
        ) : (
          <span className="muted">{t('clocks.not-seen')}</span>
        )}
      </td>
    </tr>
  )
}
