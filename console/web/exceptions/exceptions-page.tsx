/** Exceptions: what is allowed, on which computer, until when and why; each can be taken back. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Radio } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import type { Exception } from '../../api/contract-handling.ts'
import { HandlingForm } from '../handling/handling-form.tsx'
import { useText } from '../i18n/use-text.ts'
import { ReasonField } from '../media/reason-field.tsx'
import { exceptionsQuery, revokeException } from '../server/handling-queries.ts'
import { useMay } from '../session/session-context.ts'
import { ExportButton } from '../sheets/export-button.tsx'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'

export function ExceptionsPage(): ReactNode {
  const { t } = useText()
  const [address, setAddress] = useSearchParams()
  const state = address.get('state') === 'all' ? 'all' : 'in-force'
  const query = useInfiniteQuery(exceptionsQuery(state))
  const [revoked, setRevoked] = useState<Exception | null>(null)
  const rows = query.data?.pages.flatMap(({ exceptions }) => exceptions) ?? []
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('exceptions.title')}</h1>
        <span className="muted">{t('exceptions.what')}</span>
        <span className="top-space" />
        {rows.length > 0 && (
          <ExportButton table="exceptions" query={new URLSearchParams({ state })} isSmall />
        )}
        <Radio.Group
          size="small"
          optionType="button"
          aria-label={t('exceptions.shown')}
          className="no-print"
          value={state}
          onChange={({ target }) => setAddress(target.value === 'all' ? { state: 'all' } : {})}
          options={(['in-force', 'all'] as const).map((value) => ({
            value,
            label: t(`exceptions.${value}`),
          }))}
        />
      </header>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={4} />}
      {query.isSuccess && rows.length === 0 && <EmptyNote title={t('exceptions.none')} />}
      {rows.length > 0 && (
        <div className="panel table-panel">
          <Rows rows={rows} onRevoke={setRevoked} />
          {query.hasNextPage && (
            <Button size="small" className="no-print" onClick={() => void query.fetchNextPage()}>
              {t('handling.show-more')}
            </Button>
          )}
        </div>
      )}
      {revoked !== null && (
        <HandlingForm
          title={t('exceptions.revoke-title', { id: revoked.id })}
          okText={t('exceptions.revoke')}
          does={t('exceptions.revoke-does')}
          initial={{ reason: '' }}
          send={({ reason }) => revokeException(revoked.id, reason.trim())}
          done={t('handling.done')}
          onClose={() => setRevoked(null)}
        >
          <ReasonField example={t('exceptions.revoke-example')} isFirst />
        </HandlingForm>
      )}
    </div>
  )
}

interface RowsProps {
  readonly rows: readonly Exception[]
  readonly onRevoke: (exception: Exception) => void
}

function Rows({ rows, onRevoke }: RowsProps): ReactNode {
  const { t, tryT } = useText()
  const may = useMay('violations.handle')
  const now = useConsoleNow()
  return (
    <table className="grid-table" data-testid="exceptions">
      <thead>
        <tr>
          <th scope="col">{t('exceptions.type')}</th>
          <th scope="col">{t('exceptions.computer')}</th>
          <th scope="col">{t('exceptions.subject')}</th>
          <th scope="col">{t('exceptions.until')}</th>
          <th scope="col">{t('exceptions.by')}</th>
          <th scope="col">{t('exceptions.covered')}</th>
          <th scope="col" aria-label={t('exceptions.revoke')} />
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => {
          const state = one.revokedAt !== null ? 'revoked' : one.until <= now ? 'over' : 'in-force'
          return (
            <tr key={one.id} data-testid="exception-row" data-state={state}>
              <td>
                <Link to={`/violations/${one.violation}`}>
                  {tryT(`violation.type.${one.type}`) ?? one.type}
                </Link>
              </td>
              <td className="nowrap">
                <bdi className="mono">{one.number}</bdi>
              </td>
              <td>
                <RawTextView text={subjectWords(one.subject)} isPlain />
              </td>
              <td>
                <strong>{t(`exceptions.state.${state}`)}</strong>
                <div className="small nowrap">
                  <TimeView ms={one.from} /> –
                </div>
                <div className="small nowrap">
                  <TimeView ms={one.until} />
                </div>
              </td>
              <td>
                <RawTextView text={one.account} isPlain />
                <div className="small">{one.reason}</div>
                {one.revokedBy !== null && (
                  <div className="small">
                    {t('exceptions.revoked-by', { who: one.revokedBy, reason: one.revokeReason ?? '' })}
                  </div>
                )}
              </td>
              <td>{one.covered}</td>
              <td className="nowrap">
                {may && state === 'in-force' && (
                  <Button
                    size="small"
                    className="no-print"
                    onClick={() => onRevoke(one)}
                    data-testid="revoke"
                  >
                    {t('exceptions.revoke')}
                  </Button>
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** Returns the parts of a subject that a person recognises: numbers and names, without how they are kept. */
export function subjectWords(subject: string): string {
  const [kind = '', ...rest] = subject.split(':')
  const body = rest.join(':')
  if (!body.startsWith('[')) return body === '' ? kind : body.replace(/^s:/, '')
  const parts = JSON.parse(body) as (string | number | null)[]
  return parts
    .filter((part) => part !== null)
    .map((part) => String(part).replace(/^s:/, ''))
    .join(' · ')
}
