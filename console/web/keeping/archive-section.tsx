/** What is out of its period and might go, and the archives that hold what went. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Archive } from '../../api/contract-archives.ts'
import { useText } from '../i18n/use-text.ts'
import { archivesQuery } from '../server/keeping-queries.ts'
import { useMay } from '../session/session-context.ts'
import { formatCount } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { Preview } from './archive-preview.tsx'

const ArchiveDialog = lazy(async () => ({ default: (await import('./archive-dialog.tsx')).ArchiveDialog }))

/** `again`: the removal of one that was made before is asked for anew. */
type Asked = { readonly again: Archive | null }

export function ArchiveSection(): ReactNode {
  const { t } = useText()
  const query = useQuery(archivesQuery)
  const mayAsk = useMay('retention.remove')
  const [asked, setAsked] = useState<Asked | null>(null)
  const answer = query.data
  return (
    <section className="panel keeping-list" aria-labelledby="archive-head">
      <div className="target-head">
        <h2 id="archive-head">{t('archive.title')}</h2>
        <span className="top-space" />
        {mayAsk && (
          <Button
            disabled={answer === undefined || answer.preview.nothing !== null}
            onClick={() => setAsked({ again: null })}
            data-testid="archive-ask"
          >
            {t('archive.ask')}
          </Button>
        )}
      </div>
      <p>{t('archive.what')}</p>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={3} />}
      {answer !== undefined && (
        <>
          <Preview preview={answer.preview} />
          <List archives={answer.archives} again={mayAsk ? (again) => setAsked({ again }) : null} />
        </>
      )}
      <Suspense>
        {asked !== null && answer !== undefined && (
          <ArchiveDialog preview={answer.preview} again={asked.again} onClose={() => setAsked(null)} />
        )}
      </Suspense>
    </section>
  )
}

function List({
  archives,
  again,
}: {
  readonly archives: readonly Archive[]
  readonly again: ((archive: Archive) => void) | null
}): ReactNode {
  const { t, language } = useText()
  if (archives.length === 0) return <EmptyNote title={t('archive.none')} />
  return (
    <table className="grid-table" data-testid="archives">
      <thead>
        <tr>
          <th scope="col">{t('archive.made')}</th>
          <th scope="col">{t('archive.file')}</th>
          <th scope="col">{t('archive.holds')}</th>
          <th scope="col">{t('archive.state')}</th>
        </tr>
      </thead>
      <tbody>
        {archives.map((one) => (
          <tr key={one.name} data-testid="archive-row">
            <td>
              <TimeView ms={one.madeAt} /> <RawTextView text={one.madeBy} isPlain />
            </td>
            <td>
              <RawTextView text={`${one.folder}/${one.name}`} />
              <div className="muted small">
                SHA-256 <code className="mono wrap">{one.digest}</code>
              </div>
            </td>
            <td>
              {t('archive.records', {
                records: formatCount(one.records, language),
                megabytes: formatCount(Math.ceil(one.bytes / 1_048_576), language),
              })}{' '}
              <span className="muted">
                {t('archive.received-before')} <TimeView ms={one.beforeMs} />
              </span>
            </td>
            <td>
              <State archive={one} again={again} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function State({
  archive,
  again,
}: {
  readonly archive: Archive
  readonly again: ((archive: Archive) => void) | null
}): ReactNode {
  const { t, language } = useText()
  if (archive.removedAt === null) {
    return (
      <>
        {t('archive.still-here')}{' '}
        {again !== null && (
          <Button size="small" onClick={() => again(archive)}>
            {t('archive.again')}
          </Button>
        )}
      </>
    )
  }
  return (
    <>
      {t('archive.removed', { records: formatCount(archive.removed, language) })}{' '}
      <TimeView ms={archive.removedAt} />
      <div className="muted small">
        {t('archive.by', { asked: archive.askedBy ?? '', agreed: archive.agreedBy ?? '' })}{' '}
        <RawTextView text={archive.reason ?? ''} isPlain />
      </div>
    </>
  )
}
