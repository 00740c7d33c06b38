/** One register: its entries as rows that are made only while they are seen, its filter in the address, the way into it. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import type { LedgerEntry } from '../../api/contract-registers.ts'
import type { FieldValues, Kind, LedgerKindName } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { useText } from '../i18n/use-text.ts'
import { forgetRegisters, registerQuery, unfiledQuery } from '../server/register-queries.ts'
import { useMay } from '../session/session-context.ts'
import { ExportButton } from '../sheets/export-button.tsx'
import { formatCount } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { AgeView } from '../show/time-view.tsx'
import { EntryValue, fieldWords, useWords } from './entry-value.tsx'
import {
  isFiltered,
  type RegisterView,
  registerViewFromAddress,
  registerViewToAddress,
} from './register-address.ts'
import { RegisterFilterBar } from './register-filter.tsx'
import { RegisterTabs } from './register-tabs.tsx'

const EntryDialog = lazy(async () => ({ default: (await import('./entry-dialog.tsx')).EntryDialog }))

const ImportDialog = lazy(async () => ({
  default: (await import('../sheets/import-dialog.tsx')).ImportDialog,
}))

const rowHeight = 41
/** Rows from the end at which the next page is asked for. */
const aheadRows = 30

export function RegisterPage({ name }: { readonly name: LedgerKindName }): ReactNode {
  const { t, language } = useText()
  const say = useWords()
  const kind = kindOf(name)
  const [address, setAddress] = useSearchParams()
  const view = useMemo(
    () =>
      registerViewFromAddress(
        address,
        kind.states.map(({ key }) => key),
      ),
    [address, kind],
  )
  const change = (next: RegisterView) => setAddress(registerViewToAddress(next), { replace: true })
  const query = useInfiniteQuery(registerQuery(name, view))
  const [isNew, setNew] = useState(false)
  const [isImporting, setImporting] = useState(false)
  const cache = useQueryClient()
  const mayWrite = useMay('registers.write')
  const mayKeep = useMay('registers.keep')
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? []
  const first = query.data?.pages[0]
  const total = first?.total ?? 0
  const isMore = first !== undefined && total >= first.countedTo
  const hasNone = query.isSuccess && entries.length === 0
  return (
    <div className="page register" data-testid="register" data-kind={name}>
      <header className="page-head">
        <h1>{say(kind.words)}</h1>
        {entries.length > 0 && (
          <span className="muted" data-testid="register-total">
            {t(isMore ? 'registers.total-more' : 'registers.total', { total: formatCount(total, language) })}
          </span>
        )}
        <span className="top-space" />
        {entries.length > 0 && (
          <ExportButton table={`register-${name}`} query={registerViewToAddress(view)} />
        )}
        {mayKeep && (
          <Button onClick={() => setImporting(true)} data-testid="register-import">
            {t('import.title')}
          </Button>
        )}
        {mayWrite && (
          <Button type="primary" onClick={() => setNew(true)} data-testid="register-new">
            {t('registers.new', { kind: say(kind.one) })}
          </Button>
        )}
      </header>
      <RegisterTabs />
      {name === 'computers' && <UnfiledNote />}
      {(isFiltered(view) || !hasNone) && <RegisterFilterBar kind={kind} view={view} onChange={change} />}
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={8} />}
      {hasNone && (
        <div className="panel">
          {isFiltered(view) ? (
            <EmptyNote title={t('registers.none-filtered')}>{t('violations.none-filtered-remedy')}</EmptyNote>
          ) : (
            <EmptyNote title={t('registers.none', { kind: say(kind.words) })}>
              {mayWrite ? t('registers.none-begin') : t('media.none-ask')}
            </EmptyNote>
          )}
        </div>
      )}
      {entries.length > 0 && (
        <Rows
          kind={kind}
          entries={entries}
          view={view}
          onChange={change}
          hasMore={query.hasNextPage}
          onMore={() => {
            if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
          }}
        />
      )}
      <Suspense>
        {isImporting && (
          <ImportDialog
            address={`/api/registers/${name}/import`}
            template={`/api/registers/${name}/template.xlsx?language=${language}`}
            why={t('import.why-register')}
            onDone={() => forgetRegisters(cache)}
            onClose={() => setImporting(false)}
          />
        )}
        {isNew && <EntryDialog kind={kind} entry={null} mayKeep={mayKeep} onClose={() => setNew(false)} />}
      </Suspense>
    </div>
  )
}

interface RowsProps {
  readonly kind: Kind
  readonly entries: readonly LedgerEntry[]
  readonly view: RegisterView
  readonly onChange: (view: RegisterView) => void
  readonly hasMore: boolean
  readonly onMore: () => void
}

function Rows({ kind, entries, view, onChange, hasMore, onMore }: RowsProps): ReactNode {
  const { t } = useText()
  const say = useWords()
  const place = useRef<HTMLDivElement>(null)
  // Its functions are called in this component alone.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => place.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const shown = rows.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  const isNearEnd = last >= entries.length - aheadRows
  useEffect(() => {
    if (isNearEnd && hasMore) onMore()
  }, [isNearEnd, hasMore, onMore])
  const isPerson = kind.name === 'people'
  const columns = kind.listed
  const before = shown[0]?.start ?? 0
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0)
  const sorted = (sort: RegisterView['sort']) =>
    view.sort === sort ? (view.order === 'asc' ? 'ascending' : 'descending') : 'none'
  const sortButton = (sort: RegisterView['sort'], words: string) => (
    <button
      type="button"
      className="sort-button"
      onClick={() =>
        onChange({ ...view, sort, order: view.sort === sort && view.order === 'asc' ? 'desc' : 'asc' })
      }
    >
      {words}
      {view.sort === sort && <span aria-hidden="true">{view.order === 'asc' ? ' ↑' : ' ↓'}</span>}
    </button>
  )
  return (
    <section
      className="panel table-panel register-rows"
      ref={place}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by the keyboard
      tabIndex={0}
      aria-label={say(kind.words)}
    >
      <table className="grid-table register-table" aria-rowcount={entries.length + 1}>
        <thead>
          <tr>
            <th scope="col" aria-sort={sorted('number')}>
              {sortButton('number', say(kind.coreWords.number))}
            </th>
            {isPerson && <th scope="col">{say(kind.coreWords.custodian)}</th>}
            <th scope="col">{say(kind.coreWords.level)}</th>
            <th scope="col">{say(kind.coreWords.state)}</th>
            {columns.map((key) => (
              <th key={key} scope="col">
                {say(fieldWords(kind, key))}
              </th>
            ))}
            <th scope="col">{say(kind.coreWords.department)}</th>
            {!isPerson && <th scope="col">{say(kind.coreWords.custodian)}</th>}
            <th scope="col" aria-sort={sorted('changed')}>
              {sortButton('changed', t('registers.changed'))}
            </th>
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Gap height={before} />}
          {shown.map(({ index, key }) => {
            const entry = entries[index]
            return entry === undefined ? null : <Row key={key} kind={kind} entry={entry} at={index} />
          })}
          {after > 0 && <Gap height={after} />}
        </tbody>
      </table>
    </section>
  )
}

/** In the place of rows that are not seen. */
function Gap({ height }: { readonly height: number }): ReactNode {
  return (
    <tr aria-hidden="true">
      <td ref={(cell) => cell?.style.setProperty('height', `${height}px`)} className="row-gap" />
    </tr>
  )
}

function Row({
  kind,
  entry,
  at,
}: {
  readonly kind: Kind
  readonly entry: LedgerEntry
  readonly at: number
}): ReactNode {
  const fields = entry.fields as FieldValues
  const isPerson = kind.name === 'people'
  const custodian = (
    <td>
      <bdi>{entry.custodian}</bdi>
    </td>
  )
  return (
    <tr data-testid="register-row" data-number={entry.number} aria-rowindex={at + 2}>
      <th scope="row">
        <Link to={`/registers/${kind.name}/${encodeURIComponent(entry.number)}`}>
          <bdi className="mono">{entry.number}</bdi>
        </Link>
      </th>
      {isPerson && custodian}
      <td>
        <EntryValue kind={kind} field="level" value={entry.level} />
      </td>
      <td>
        <span className="register-state">
          <EntryValue kind={kind} field="state" value={entry.state} />
        </span>
      </td>
      {kind.listed.map((key) => (
        <td key={key}>
          <EntryValue kind={kind} field={key} value={fields[key] ?? null} />
        </td>
      ))}
      <td>
        <bdi>{entry.department}</bdi>
      </td>
      {!isPerson && custodian}
      <td className="nowrap">
        <AgeView ms={entry.changedAt} />
      </td>
    </tr>
  )
}

/** Computers with an agent and without a filing, named at once. */
function UnfiledNote(): ReactNode {
  const { t } = useText()
  const computers = useQuery(unfiledQuery).data?.computers ?? []
  if (computers.length === 0) return null
  return (
    <details className="panel unfiled" data-testid="unfiled">
      <summary>{t('registers.unfiled', { count: computers.length })}</summary>
      <p className="muted">{t('registers.unfiled-why')}</p>
      <ul>
        {computers.slice(0, unfiledShownMax).map((one) => (
          <li key={one.agent}>
            <Link to={`/computers/${encodeURIComponent(one.agent)}/register`}>
              <bdi className="mono">{one.number}</bdi>
            </Link>{' '}
            <bdi className="mono">{one.hostname}</bdi>{' '}
            <span className="muted">
              {t(one.isBefore ? 'registers.unfiled-before' : 'registers.unfiled-violation')}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}

const unfiledShownMax = 200
