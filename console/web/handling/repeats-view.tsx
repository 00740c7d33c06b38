/** The repeats that one row stands for: each opens with its own evidence and proof. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { ViolationItem } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { repeatsQuery } from '../server/handling-queries.ts'
import { formatTime } from '../show/format.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'

export function RepeatsView({ violation }: { readonly violation: ViolationItem }): ReactNode {
  const { t, pick, language } = useText()
  const query = useInfiniteQuery(repeatsQuery(violation.id))
  const rows = query.data?.pages.flatMap(({ repeats }) => repeats) ?? []
  const { repeats, lastAt } = violation.standing
  return (
    <>
      <h4>
        {t('handling.repeats-title')} · {t('handling.repeats', { count: repeats })}
      </h4>
      <p className="muted">
        {t('handling.repeats-span', {
          first: formatTime(violation.receivedAt, language),
          last: formatTime(lastAt, language),
        })}{' '}
        {t('handling.repeats-what')}
      </p>
      <QueryError query={query} />
      {query.isPending && <RowsSkeleton rows={2} />}
      <table className="grid-table" data-testid="repeats">
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <td className="nowrap">
                <TimeView ms={one.receivedAt} />
              </td>
              <td>
                <Link to={`/violations/${one.id}`}>{pick(one.headline)}</Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {query.hasNextPage && (
        <Button size="small" className="no-print" onClick={() => void query.fetchNextPage()}>
          {t('handling.show-more')}
        </Button>
      )}
    </>
  )
}
