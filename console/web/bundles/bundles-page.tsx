/** Bundles: who reports by them and is overdue, bringing one, what was brought so far. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { Slip } from '../../api/contract-bundles.ts'
import { useText } from '../i18n/use-text.ts'
import { bundlesQuery } from '../server/bundles-queries.ts'
import { useMay } from '../session/session-context.ts'
import { ExportButton } from '../sheets/export-button.tsx'
import { formatCount } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { EnrolOfflineDialog } from './enrol-offline-dialog.tsx'
import { ImportPanel } from './import-panel.tsx'
import { SlipNotes, SlipSentence } from './slip-sentence.tsx'
import { StandaloneTable } from './standalone-table.tsx'

export function BundlesPage(): ReactNode {
  const { t } = useText()
  const query = useInfiniteQuery(bundlesQuery)
  const mayBring = useMay('bundles.import')
  const mayEnrol = useMay('enrolment.create')
  const [isEnrolling, setEnrolling] = useState(false)
  const first = query.data?.pages[0]
  const slips = query.data?.pages.flatMap((page) => page.slips) ?? []
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.bundles')}</h1>
        <span className="muted">{t('bundles.what')}</span>
        <span className="top-space" />
        {mayEnrol && (
          <Button onClick={() => setEnrolling(true)} data-testid="enrol-offline">
            {t('bundles.enrol')}
          </Button>
        )}
      </header>
      <QueryError query={query} />
      {mayBring && first !== undefined && <ImportPanel bytesMax={first.bytesMax} />}
      {query.isPending && !query.isError && <RowsSkeleton rows={6} />}
      {first !== undefined && (
        <>
          <section className="panel table-panel">
            <h2>{t('bundles.standalone')}</h2>
            {first.computers.length === 0 ? (
              <EmptyNote title={t('bundles.no-standalone')} />
            ) : (
              <StandaloneTable computers={first.computers} />
            )}
          </section>
          <section className="panel table-panel">
            <div className="row-apart">
              <h2>{t('bundles.slips')}</h2>
              {slips.length > 0 && <ExportButton table="slips" query={new URLSearchParams()} isSmall />}
            </div>
            {slips.length === 0 ? <EmptyNote title={t('bundles.no-slips')} /> : <SlipsTable slips={slips} />}
            {query.hasNextPage && (
              <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t('records.older')}
              </Button>
            )}
          </section>
        </>
      )}
      {isEnrolling && <EnrolOfflineDialog onClose={() => setEnrolling(false)} />}
    </div>
  )
}

function SlipsTable({ slips }: { readonly slips: readonly Slip[] }): ReactNode {
  const { t, language } = useText()
  return (
    <table className="grid-table" data-testid="slips">
      <thead>
        <tr>
          <th scope="col">{t('bundles.slip')}</th>
          <th scope="col">{t('bundles.brought')}</th>
          <th scope="col">{t('bundles.computer')}</th>
          <th scope="col">{t('bundles.number')}</th>
          <th scope="col">{t('bundles.records')}</th>
          <th scope="col">{t('bundles.verdict')}</th>
        </tr>
      </thead>
      <tbody>
        {slips.map((slip) => (
          <tr key={slip.slip} data-testid="slip-row" data-verdict={slip.verdict}>
            <td>
              <Link to={`/bundles/${slip.slip}`}>{slip.id}</Link>
            </td>
            <td className="nowrap">
              <TimeView ms={slip.takenAt} />
            </td>
            <td>{slip.computer === null ? '—' : <RawTextView text={slip.computer} isPlain />}</td>
            <td>{slip.number ?? '—'}</td>
            <td className="nowrap">
              {slip.firstSeq === null || slip.lastSeq === null || slip.lastSeq < slip.firstSeq
                ? '—'
                : `${formatCount(slip.firstSeq, language)} – ${formatCount(slip.lastSeq, language)}`}
            </td>
            <td>
              <SlipSentence slip={slip} />
              <SlipNotes slip={slip} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
