/** The media register: all media that the unit registered, and the two ways into it. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useText } from '../i18n/use-text.ts'
import { FilterLabels } from '../prints/filter-labels.tsx'
import { forgetMedia, mediaQuery } from '../server/media-queries.ts'
import { useMay } from '../session/session-context.ts'
import { ExportButton } from '../sheets/export-button.tsx'
import { formatCount } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { ColumnChoice } from '../show/table-head.tsx'
import { keepingView, sortToQuery } from '../show/table-view.ts'
import { useTableView } from '../show/use-table-view.ts'
import {
  exportedMediaColumns,
  isEmptyMediaFilter,
  type MediaFilter,
  mediaFilterFromAddress,
  mediaFilterToAddress,
  mediaShape,
} from './media-address.ts'
import { MediaFilterBar } from './media-filter.tsx'
import { MediaTable, mediaColumnWords } from './media-table.tsx'

const RegisterDialog = lazy(async () => ({
  default: (await import('./register-dialog.tsx')).RegisterDialog,
}))
const ImportDialog = lazy(async () => ({
  default: (await import('../sheets/import-dialog.tsx')).ImportDialog,
}))

export function MediaPage(): ReactNode {
  const { t, language } = useText()
  const [address, setAddress] = useSearchParams()
  const filter = useMemo(() => mediaFilterFromAddress(address), [address])
  const change = (next: MediaFilter) =>
    setAddress((before) => keepingView(before, mediaFilterToAddress(next)), { replace: true })
  const table = useTableView(mediaShape)
  const cache = useQueryClient()
  const query = useInfiniteQuery(mediaQuery(filter, table.view))
  const mayWrite = useMay('media.write')
  const [dialog, setDialog] = useState<'register' | 'import' | null>(null)
  const media = query.data?.pages.flatMap((page) => page.media) ?? []
  const total = query.data?.pages[0]?.total ?? 0
  const isFiltered = !isEmptyMediaFilter(filter)
  const hasNone = query.isSuccess && media.length === 0
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.media')}</h1>
        {media.length > 0 && (
          <span className="muted">{t('media.total', { total: formatCount(total, language) })}</span>
        )}
        <span className="top-space" />
        {media.length > 0 && (
          <>
            <ColumnChoice table={table} wordsOf={(column) => mediaColumnWords(t, column)} />
            <ExportButton
              table="media"
              query={sortToQuery(mediaFilterToAddress(filter), table.view, mediaShape)}
              columns={exportedMediaColumns(address.has('columns') ? table.view.columns : null)}
            />
            <FilterLabels kind="media" filter={mediaFilterToAddress(filter)} />
          </>
        )}
        {mayWrite && (
          <>
            <Button onClick={() => setDialog('import')} data-testid="media-import">
              {t('import.title')}
            </Button>
            <Button type="primary" onClick={() => setDialog('register')} data-testid="media-register">
              {t('register.title')}
            </Button>
          </>
        )}
      </header>
      {(isFiltered || !hasNone) && <MediaFilterBar filter={filter} onChange={change} />}
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={6} />}
      {hasNone && (
        <div className="panel">
          {isFiltered ? (
            <EmptyNote title={t('media.none-filtered')}>{t('violations.none-filtered-remedy')}</EmptyNote>
          ) : (
            <>
              <EmptyNote title={t('media.none')}>
                {mayWrite ? t('media.none-ways') : t('media.none-ask')}
              </EmptyNote>
              {mayWrite && (
                <ul className="ways">
                  <li>{t('media.way-blocked')}</li>
                  <li>{t('media.way-import')}</li>
                </ul>
              )}
            </>
          )}
        </div>
      )}
      {media.length > 0 && (
        <MediaTable
          table={table}
          media={media}
          hasMore={query.hasNextPage}
          onMore={() => {
            if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
          }}
        />
      )}
      <Suspense>
        {dialog === 'register' && <RegisterDialog seen={null} onClose={() => setDialog(null)} />}
        {dialog === 'import' && (
          <ImportDialog
            address="/api/media/import"
            template="/api/media/template.xlsx"
            why={t('import.why-media')}
            onDone={() => forgetMedia(cache)}
            onClose={() => setDialog(null)}
          />
        )}
      </Suspense>
    </div>
  )
}
