/** What the administrators did: for the auditor alone. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { actionsQuery } from '../server/queries.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'

export function AuditPage(): ReactNode {
  const { t, tryT } = useText()
  const query = useInfiniteQuery(actionsQuery)
  const actions = query.data?.pages.flatMap((page) => page.actions) ?? []
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.audit')}</h1>
        <span className="muted">{t('audit.what')}</span>
        <span className="top-space" />
        <Button size="small" loading={query.isRefetching} onClick={() => void query.refetch()}>
          {t('records.refresh')}
        </Button>
      </header>
      <div className="panel">
        <QueryError query={query} />
        {query.isPending && !query.isError && <RowsSkeleton rows={6} />}
        {query.isSuccess && actions.length === 0 && <EmptyNote title={t('audit.none')} />}
        {actions.length > 0 && (
          <table className="grid-table" data-testid="actions">
            <thead>
              <tr>
                <th scope="col">{t('audit.number')}</th>
                <th scope="col">{t('audit.at')}</th>
                <th scope="col">{t('audit.account')}</th>
                <th scope="col">{t('audit.action')}</th>
                <th scope="col">{t('audit.object')}</th>
                <th scope="col">{t('audit.detail')}</th>
                <th scope="col">{t('audit.address')}</th>
              </tr>
            </thead>
            <tbody>
              {actions.map((one) => (
                <tr key={one.id}>
                  <td>{one.id}</td>
                  <td>
                    <TimeView ms={one.at} />
                  </td>
                  <td>{one.account === '' ? '—' : <RawTextView text={one.account} isPlain />}</td>
                  <td>{tryT(`action.${one.action}`) ?? <span className="mono">{one.action}</span>}</td>
                  <td>{one.object === '' ? '—' : <RawTextView text={one.object} isPlain />}</td>
                  <td>{one.detail === '' ? '—' : <Detail action={one.action} detail={one.detail} />}</td>
                  <td className="nowrap">
                    <span className="mono">{one.address}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {query.hasNextPage && (
          <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('records.older')}
          </Button>
        )}
      </div>
    </div>
  )
}

/** The codes of the console in words; whatever else was noted stands as it is. */
function Detail({ action, detail }: { readonly action: string; readonly detail: string }): ReactNode {
  const { tryT } = useText()
  const [, code = '', rest = ''] = /^([\w.-]+)(?:: | |$)([^]*)$/.exec(detail) ?? []
  const words = tryT(`${detailFamilies[action] ?? 'refusal'}.${code}`)
  if (words === null) return <RawTextView text={detail} isPlain />
  return (
    <>
      {words} {rest !== '' && <RawTextView text={rest} isPlain />}
    </>
  )
}

/** What a detail begins with, by the act; of acts that are not named here, a code of a refusal. */
const detailFamilies: Readonly<Record<string, string>> = {
  'sign-in': 'role',
  'violation-read': 'violation.type',
  'record-raw-read': 'fact',
}
