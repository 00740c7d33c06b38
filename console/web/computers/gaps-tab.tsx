/** Where a computer's log has holes, and whether it declared them. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { UnprovenSpans } from '../protection/unproven-spans.tsx'
import { gapsQuery } from '../server/queries.ts'
import { formatCount } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'

export function GapsTab({ agent }: { readonly agent: string }): ReactNode {
  return (
    <>
      <Gaps agent={agent} />
      <UnprovenSpans agent={agent} />
    </>
  )
}

function Gaps({ agent }: { readonly agent: string }): ReactNode {
  const { t, language } = useText()
  const query = useQuery(gapsQuery(agent))
  const gaps = query.data?.gaps ?? []
  return (
    <div className="panel">
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={3} />}
      {query.isSuccess && gaps.length === 0 && (
        <EmptyNote title={t('gaps.none')}>{t('gaps.none-why')}</EmptyNote>
      )}
      {gaps.length > 0 && (
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">{t('gaps.records')}</th>
              <th scope="col">{t('gaps.count')}</th>
              <th scope="col">{t('gaps.noticed')}</th>
              <th scope="col">{t('gaps.state')}</th>
              <th scope="col">{t('gaps.journal')}</th>
            </tr>
          </thead>
          <tbody>
            {gaps.map((gap) => (
              <tr key={`${gap.epoch}.${gap.firstSeq}`}>
                <td>
                  {formatCount(gap.firstSeq, language)} – {formatCount(gap.lastSeq, language)}
                </td>
                <td>{formatCount(gap.lastSeq - gap.firstSeq + 1, language)}</td>
                <td>
                  <TimeView ms={gap.noticedAt} />
                </td>
                <td>
                  <span className={`gap gap-${gap.state}`}>{t(`gaps.${gap.state}`)}</span>
                </td>
                <td>
                  <bdi className="mono">{gap.epoch}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
