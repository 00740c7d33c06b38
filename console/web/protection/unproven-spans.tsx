/** Spans in which a computer's watching is not proved, though no record is missing. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { UnprovenSpans as Spans } from '../../api/contract-removal.ts'
import { useText } from '../i18n/use-text.ts'
import { request } from '../server/request.ts'
import { formatDuration } from '../show/format.ts'
import { QueryError } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'

export function UnprovenSpans({ agent }: { readonly agent: string }): ReactNode {
  const { t, tryT, language } = useText()
  const query = useQuery({
    queryKey: ['unproven-spans', agent],
    queryFn: () => request<Spans>('GET', `/api/computers/${encodeURIComponent(agent)}/unproven-spans`),
  })
  const spans = query.data?.spans ?? []
  return (
    <div className="panel unproven-spans">
      <h2>{t('spans.title')}</h2>
      <QueryError query={query} />
      {query.isSuccess && spans.length === 0 && <p className="muted">{t('spans.none')}</p>}
      {spans.length > 0 && (
        <table className="grid-table" data-testid="unproven-spans">
          <thead>
            <tr>
              <th scope="col">{t('spans.when')}</th>
              <th scope="col">{t('spans.length')}</th>
              <th scope="col">{t('spans.cause')}</th>
              <th scope="col">{t('spans.record')}</th>
            </tr>
          </thead>
          <tbody>
            {spans.map(({ cause, fromMs, toMs, detail, epoch, seq }) => (
              <tr key={`${epoch}.${seq}`}>
                <td>
                  <TimeView ms={fromMs} />
                </td>
                <td>{toMs > fromMs ? formatDuration(toMs - fromMs, language) : '–'}</td>
                <td>
                  {t(`span.${cause}`)}
                  <span className="muted"> {tryT(`span.detail.${detail}`) ?? detail}</span>
                </td>
                <td>{seq}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
