/** The table of computers. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import { type Text, useText } from '../i18n/use-text.ts'
import { IsolationMark } from '../network/isolation-state.tsx'
import { formatCount } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { EmptyNote } from '../show/query-states.tsx'
import { SeverityMark } from '../show/severity-mark.tsx'
import { ColumnHead } from '../show/table-head.tsx'
import { AgeView, TimeView } from '../show/time-view.tsx'
import type { ShownTable } from '../show/use-table-view.ts'
import { WatchMark } from '../show/watch-mark.tsx'
import { groupReasons } from './group-reasons.ts'
import { PolicyState } from './policy-state.tsx'
import { StatusWord } from './status-word.tsx'
import { reasonText } from './watch-reasons.tsx'

interface Props {
  readonly table: ShownTable
  /** Of one page. */
  readonly rows: readonly Computer[]
  /** Those that are ticked, on whatever page; null where there is nothing that could be done with them. */
  readonly ticked: Ticked | null
  readonly onTick: (ticked: Ticked) => void
  readonly pager: ReactNode
}

/** By agent, as they were when they were ticked. */
export type Ticked = ReadonlyMap<string, Computer>

/** Returns what a column is called; beside it stands the number, always. */
export function computerColumnWords(t: Text['t'], column: string): string {
  switch (column) {
    case 'level':
      return t('computers.level')
    case 'network-mode':
      return t('computers.network-mode')
    case 'status':
      return t('computers.status')
    case 'watch':
      return t('computers.watch')
    case 'last-seen':
      return t('computers.last-seen')
    case 'policy':
      return t('computers.policy')
    default:
      return t('nav.violations')
  }
}

export function ComputersTable({ table, rows, ticked, onTick, pager }: Props): ReactNode {
  const { t } = useText()
  if (rows.length === 0) return <EmptyNote title={t('computers.none-filtered')} />
  return (
    <div className="panel table-panel">
      <table className="grid-table computers-table">
        <thead>
          <tr>
            {ticked !== null && (
              <th scope="col" className="tick no-print">
                <TickAll rows={rows} ticked={ticked} onTick={onTick} />
              </th>
            )}
            <ColumnHead table={table} column="number" words={t('computers.number')} isFirst />
            {table.view.columns.map((column) => (
              <ColumnHead key={column} table={table} column={column} words={computerColumnWords(t, column)} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.agent} data-testid="computer-row" data-agent={one.agent}>
              {ticked !== null && (
                <td className="tick no-print">
                  <input
                    type="checkbox"
                    aria-label={t('isolation.select', { number: one.number })}
                    checked={ticked.has(one.agent)}
                    onChange={(event) => onTick(withTick(ticked, [one], event.target.checked))}
                    data-testid="computer-tick"
                  />
                </td>
              )}
              <th scope="row">
                <Link to={`/computers/${encodeURIComponent(one.agent)}`}>
                  <bdi className="mono">{one.number}</bdi>
                </Link>
              </th>
              {table.view.columns.map((column) => (
                <td key={column}>
                  <Cell column={column} computer={one} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {pager}
    </div>
  )
}

function Cell({ column, computer }: { readonly column: string; readonly computer: Computer }): ReactNode {
  const { t } = useText()
  switch (column) {
    case 'level':
      return <LevelTag level={computer.level} />
    case 'network-mode':
      return t(`value.networkMode.${computer.networkMode}`)
    case 'status':
      return (
        <>
          <StatusWord status={computer.status} />
          <IsolationMark isolation={computer.isolation} isShort />
        </>
      )
    case 'watch':
      return <Watch computer={computer} />
    case 'last-seen':
      if (computer.lastSeenAt === null) return t('computers.never')
      return (
        <>
          <AgeView ms={computer.lastSeenAt} />
          <div className="muted small">
            <TimeView ms={computer.lastSeenAt} />
          </div>
        </>
      )
    case 'policy':
      return <PolicyState computer={computer} />
    default:
      return <Counts computer={computer} />
  }
}

interface TickAllProps {
  readonly rows: readonly Computer[]
  readonly ticked: Ticked
  readonly onTick: Props['onTick']
}

function TickAll({ rows, ticked, onTick }: TickAllProps): ReactNode {
  const { t } = useText()
  const count = rows.filter((one) => ticked.has(one.agent)).length
  return (
    <input
      type="checkbox"
      aria-label={t('isolation.select-all')}
      checked={count > 0 && count === rows.length}
      ref={(box) => {
        if (box !== null) box.indeterminate = count > 0 && count < rows.length
      }}
      onChange={(event) => onTick(withTick(ticked, rows, event.target.checked))}
      data-testid="tick-all"
    />
  )
}

function withTick(ticked: Ticked, rows: readonly Computer[], isTicked: boolean): Ticked {
  const next = new Map(ticked)
  for (const one of rows) {
    if (isTicked) next.set(one.agent, one)
    else next.delete(one.agent)
  }
  return next
}

function Watch({ computer }: { readonly computer: Computer }): ReactNode {
  const text = useText()
  const { state } = computer.watch
  const reasons = groupReasons(computer.watch.reasons)
  const first = reasons[0]
  return (
    <>
      <WatchMark state={state} />
      {first !== undefined && (
        <div className="first-reason">
          {reasonText(text, first)}
          {reasons.length > 1 && text.t('computers.more-reasons', { count: reasons.length - 1 })}
        </div>
      )}
    </>
  )
}

function Counts({ computer }: { readonly computer: Computer }): ReactNode {
  const { t, language } = useText()
  const present = computer.violations.filter((entry) => entry.count > 0)
  if (present.length === 0) return <span className="muted">{t('computers.no-violations')}</span>
  return (
    <Link to={`/violations?computer=${encodeURIComponent(computer.agent)}`} className="violation-counts">
      {present.map((entry) => (
        <span key={entry.severity} className="v-count">
          <SeverityMark severity={entry.severity} isBare />
          {formatCount(entry.count, language)}
        </span>
      ))}
    </Link>
  )
}
