/** One register: its entries as rows that are made only while they are seen, its filter in the address, the way into it. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import type { LedgerEntry } from '../../api/contract-registers.ts'
import type { FieldValues, Kind, LedgerKindName } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { useText } from '../i18n/use-text.ts'
import { FilterLabels } from '../prints/filter-labels.tsx'
import { forgetRegisters, registerQuery, unfiledQuery } from '../server/register-queries.ts'
import { useMay } from '../session/session-context.ts'
import { ExportButton } from '../sheets/export-button.tsx'
import { formatCount } from '../show/format.ts'
import { EmptyNote, QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { ColumnChoice, ColumnHead } from '../show/table-head.tsx'
import { keepingView } from '../show/table-view.ts'
import { AgeView } from '../show/time-view.tsx'
import { type ShownTable, useTableView } from '../show/use-table-view.ts'
import { type RowPlace, VirtualTable } from '../show/virtual-table.tsx'
import { EntryValue, useWords } from './entry-value.tsx'
import {
  isFiltered,
  type RegisterView,
  registerViewFromAddress,
  registerViewToAddress,
} from './register-address.ts'
import { columnWords, exportedColumns, registerShape } from './register-columns.ts'
import { RegisterFilterBar } from './register-filter.tsx'
import { RegisterTabs } from './register-tabs.tsx'

const EntryDialog = lazy(async () => ({ default: (await import('./entry-dialog.tsx')).EntryDialog }))

const ImportDialog = lazy(async () => ({
  default: (await import('../sheets/import-dialog.tsx')).ImportDialog,
}))

const rowHeight = 41

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
  const change = (next: RegisterView) =>
    setAddress((before) => keepingView(before, registerViewToAddress(next), ['columns']), { replace: true })
  const shape = useMemo(() => registerShape(kind), [kind])
  const table = useTableView(shape)
  const exported = exportedColumns(kind, address.has('columns') ? table.view.columns : null)
  const query = useInfiniteQuery(registerQuery(name, view))
  const [isNew, setNew] = useState(false)
  const [isImporting, setImporting] = useState(false)
  const cache = useQueryClient()
  const mayWrite = useMay('registers.write')
  const mayKeep = useMay('registers.keep')
  const headOf = (column: string) => {
    const words = columnWords(kind, column)
    return words === null ? t('registers.changed') : say(words)
  }
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
          <>
            <ColumnChoice table={table} wordsOf={(column) => headOf(column)} />
            <ExportButton
              table={`register-${name}`}
              query={registerViewToAddress(view)}
              {...(exported === undefined ? {} : { columns: exported })}
            />
            {name !== 'people' && <FilterLabels kind={name} filter={registerViewToAddress(view)} />}
          </>
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
          table={table}
          headOf={headOf}
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
  readonly table: ShownTable
  readonly headOf: (column: string) => string
  readonly hasMore: boolean
  readonly onMore: () => void
}

function Rows({ kind, entries, table, headOf, hasMore, onMore }: RowsProps): ReactNode {
  const say = useWords()
  const { columns } = table.view
  return (
    <VirtualTable
      items={entries}
      keyOf={({ number }) => number}
      rowHeight={rowHeight}
      label={say(kind.words)}
      className="register-table"
      head={
        <>
          <ColumnHead table={table} column="number" words={say(kind.coreWords.number)} isFirst />
          {columns.map((column) => (
            <ColumnHead key={column} table={table} column={column} words={headOf(column)} />
          ))}
        </>
      }
      renderRow={(entry, place) => (
        <Row key={entry.number} kind={kind} entry={entry} place={place} columns={columns} />
      )}
      hasMore={hasMore}
      onMore={onMore}
    />
  )
}

interface RowProps {
  readonly kind: Kind
  readonly entry: LedgerEntry
  readonly place: RowPlace
  readonly columns: readonly string[]
}

function Row({ kind, entry, place, columns }: RowProps): ReactNode {
  return (
    <tr {...place} data-testid="register-row" data-number={entry.number}>
      <th scope="row">
        <Link to={`/registers/${kind.name}/${encodeURIComponent(entry.number)}`}>
          <bdi className="mono">{entry.number}</bdi>
        </Link>
      </th>
      {columns.map((column) => (
        <td key={column}>
          <Cell kind={kind} entry={entry} column={column} />
        </td>
      ))}
    </tr>
  )
}

function Cell({
  kind,
  entry,
  column,
}: Omit<RowProps, 'place' | 'columns'> & { readonly column: string }): ReactNode {
  const fields = entry.fields as FieldValues
  switch (column) {
    case 'custodian':
    case 'department':
      return <bdi>{entry[column]}</bdi>
    case 'level':
      return <EntryValue kind={kind} field="level" value={entry.level} />
    case 'state':
      return (
        <span className="register-state">
          <EntryValue kind={kind} field="state" value={entry.state} />
        </span>
      )
    case 'changed':
      return <AgeView ms={entry.changedAt} />
    default:
      return <EntryValue kind={kind} field={column} value={fields[column] ?? null} />
  }
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
