/** Violations: the live list and one violation beside it. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Modal, Tooltip } from 'antd'
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import type { ComputerNames, ViolationItem } from '../../api/contract.ts'
import { useFeedState } from '../feed/live-cache.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { areKeysOn, keepKeys } from '../handling/key-choice.ts'
import { useText } from '../i18n/use-text.ts'
import { computerNamesQuery, violationsQuery } from '../server/queries.ts'
import { consoleNow } from '../server/request.ts'
import { useMay } from '../session/session-context.ts'
import { ExportButton } from '../sheets/export-button.tsx'
import { formatCount } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { SeverityMark } from '../show/severity-mark.tsx'
import {
  filterFromAddress,
  filterToAddress,
  filterToQuery,
  isEmptyFilter,
  severities,
  type ViolationFilter,
} from './filter-address.ts'
import { stepSelection } from './list-keys.ts'
import { SavedViews } from './saved-views.tsx'
import { ViolationFilterBar } from './violation-filter.tsx'
import { revealRow, ViolationList } from './violation-list.tsx'

const ViolationDetailPane = lazy(async () => ({
  default: (await import('./violation-detail.tsx')).ViolationDetailPane,
}))

const BulkDialog = lazy(async () => ({ default: (await import('./bulk-dialog.tsx')).BulkDialog }))

const noComputers: ComputerNames['computers'] = []

export function ViolationsPage(): ReactNode {
  const { t, language } = useText()
  const { id } = useParams()
  const [address, setAddress] = useSearchParams()
  const navigate = useNavigate()
  const feed = useFeedState()
  const filter = useMemo(() => filterFromAddress(address), [address])
  const query = useInfiniteQuery(violationsQuery(filter))
  const computers = useQuery({ ...computerNamesQuery, enabled: useMay('computers.read') })
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.violations) ?? [], [query.data])
  const counts = query.data?.pages[0]?.counts ?? []
  const listRef = useRef<HTMLDivElement>(null)
  const detailRef = useRef<HTMLElement>(null)
  const shown = useRef<readonly ViolationItem[]>([])
  const [isHelpOpen, setHelpOpen] = useState(false)
  const [hasKeys, setHasKeys] = useState(areKeysOn)
  /** As the list stood when it was opened: what arrives meanwhile was not looked at. */
  const [bulk, setBulk] = useState<readonly ViolationItem[] | null>(null)
  const mayHandle = useMay('violations.handle')
  const selected = id === undefined || !/^\d{1,16}$/.test(id) ? null : Number(id)
  const search = useMemo(() => {
    const text = filterToAddress(filter).toString()
    return text === '' ? '' : `?${text}`
  }, [filter])

  // Keys come faster than the address changes: until it has followed, the next step starts from here.
  const cursor = useRef<number | null>(null)
  useEffect(() => {
    if (cursor.current === selected) cursor.current = null
  }, [selected])

  const change = useCallback(
    (next: ViolationFilter) => setAddress(filterToAddress(next), { replace: true }),
    [setAddress],
  )
  const onKey = useCallback(
    (event: KeyboardEvent) => {
      const key = listKey(event)
      if (key === null || (key !== 'Enter' && !areKeysOn())) return
      event.preventDefault()
      if (key === '?') return setHelpOpen(true)
      if (key === 'Enter') return detailRef.current?.focus()
      const at = stepSelection(shown.current, cursor.current ?? selected, key)
      const item = at === null ? undefined : shown.current[at]
      if (item === undefined || at === null) return
      cursor.current = item.id
      revealRow(listRef.current, at, language)
      void navigate(`/violations/${item.id}${search}`, { replace: true })
    },
    [navigate, search, selected, language],
  )
  useEffect(() => {
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [onKey])

  return (
    <div className="split">
      <section className="split-list" aria-label={t('nav.violations')}>
        <header className="split-head">
          <h1>{t('nav.violations')}</h1>
          <span className="v-counts">
            {severities.map((severity) => (
              <span key={severity} className="v-count">
                <SeverityMark severity={severity} isBare />
                {formatCount(counts.find((one) => one.severity === severity)?.count ?? 0, language)}
              </span>
            ))}
          </span>
          {feed.kind === 'lost' && <span className="stale-tag">{t('live.stale')}</span>}
          <span className="acts no-print">
            {mayHandle && (
              <Button size="small" onClick={() => setBulk(shown.current)} data-testid="bulk">
                {t('list.bulk')}
              </Button>
            )}
            <ExportButton table="violations" query={filterToQuery(filter, consoleNow())} isSmall />
            <SavedViews address={filterToAddress(filter).toString()} />
          </span>
          <Tooltip title={t('keys.title')}>
            <Button size="small" aria-label={t('keys.title')} onClick={() => setHelpOpen(true)}>
              ?
            </Button>
          </Tooltip>
        </header>
        <ViolationFilterBar
          filter={filter}
          onChange={change}
          computers={computers.data?.computers ?? noComputers}
        />
        <QueryError query={query} />
        {query.isPending && !query.isError && <RowsSkeleton rows={7} />}
        {query.isSuccess && items.length === 0 && (
          <EmptyNote title={isEmptyFilter(filter) ? t('violations.none') : t('violations.none-filtered')}>
            {isEmptyFilter(filter) ? t('violations.none-why') : t('violations.none-filtered-remedy')}
          </EmptyNote>
        )}
        {items.length > 0 && (
          <ViolationList
            key={search}
            items={items}
            selected={selected}
            search={search}
            hasMore={query.hasNextPage}
            isFetchingMore={query.isFetchingNextPage}
            fetchMore={() => void query.fetchNextPage()}
            listRef={listRef}
            onShown={(rows) => {
              shown.current = rows
            }}
          />
        )}
      </section>
      <section className="split-detail" ref={detailRef} tabIndex={-1} aria-label={t('violation.detail')}>
        {id === undefined ? (
          <EmptyNote title={t('violation.choose')}>{t('violation.choose-keys')}</EmptyNote>
        ) : (
          <Suspense fallback={<RowsSkeleton rows={5} />}>
            <ViolationDetailPane key={id} id={id} />
          </Suspense>
        )}
      </section>
      <Modal
        getContainer={dialogHome}
        open={isHelpOpen}
        onCancel={() => setHelpOpen(false)}
        footer={null}
        title={t('keys.title')}
      >
        <dl className="keys">
          <dt>
            <kbd>j</kbd>
          </dt>
          <dd>{t('keys.j')}</dd>
          <dt>
            <kbd>k</kbd>
          </dt>
          <dd>{t('keys.k')}</dd>
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>{t('keys.enter')}</dd>
          <dt>
            <kbd>a</kbd>
          </dt>
          <dd>{t('keys.a')}</dd>
          <dt>
            <kbd>c</kbd>
          </dt>
          <dd>{t('keys.c')}</dd>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>{t('keys.help')}</dd>
        </dl>
        <Checkbox
          className="gap-above"
          checked={hasKeys}
          onChange={({ target }) => {
            keepKeys(target.checked)
            setHasKeys(target.checked)
          }}
          data-testid="keys-on"
        >
          {t('keys.on')}
        </Checkbox>
      </Modal>
      <Suspense>{bulk !== null && <BulkDialog items={bulk} onClose={() => setBulk(null)} />}</Suspense>
    </div>
  )
}

/** Keys count only where nobody types, and no dialog is open. */
function listKey(event: KeyboardEvent): 'j' | 'k' | 'Enter' | '?' | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest('input, textarea, select, [role="dialog"], [role="combobox"]')) return null
  if (event.key === 'Enter' && target?.closest('a, button, [tabindex="0"], summary')) return null
  return event.key === 'j' || event.key === 'k' || event.key === 'Enter' || event.key === '?'
    ? event.key
    : null
}
