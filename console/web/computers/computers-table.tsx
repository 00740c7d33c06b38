/** The table of computers. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { useMay } from '../session/session-context.ts'
import { formatCount } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { usePages } from '../show/pager.tsx'
import { EmptyNote } from '../show/query-states.tsx'
import { SeverityMark } from '../show/severity-mark.tsx'
import { AgeView, TimeView } from '../show/time-view.tsx'
import { WatchMark } from '../show/watch-mark.tsx'
import { groupReasons } from './group-reasons.ts'
import { PolicyState } from './policy-state.tsx'
import { StatusWord } from './status-word.tsx'
import { reasonText } from './watch-reasons.tsx'

const pageSize = 50

export function ComputersTable({ computers }: { readonly computers: readonly Computer[] }): ReactNode {
  const { t } = useText()
  const mayReadViolations = useMay('violations.read')
  const { rows, pager } = usePages(computers, pageSize)
  if (computers.length === 0) return <EmptyNote title={t('computers.none-filtered')} />
  return (
    <div className="panel table-panel">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">{t('computers.number')}</th>
            <th scope="col">{t('computers.level')}</th>
            <th scope="col">{t('computers.network-mode')}</th>
            <th scope="col">{t('computers.status')}</th>
            <th scope="col">{t('computers.watch')}</th>
            <th scope="col">{t('computers.last-seen')}</th>
            <th scope="col">{t('computers.policy')}</th>
            {mayReadViolations && <th scope="col">{t('nav.violations')}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.agent} data-testid="computer-row" data-agent={one.agent}>
              <th scope="row">
                <Link to={`/computers/${encodeURIComponent(one.agent)}`}>
                  <bdi className="mono">{one.number}</bdi>
                </Link>
              </th>
              <td>
                <LevelTag level={one.level} />
              </td>
              <td>{t(`value.networkMode.${one.networkMode}`)}</td>
              <td>
                <StatusWord status={one.status} />
              </td>
              <td>
                <Watch computer={one} />
              </td>
              <td>
                {one.lastSeenAt === null ? (
                  t('computers.never')
                ) : (
                  <>
                    <AgeView ms={one.lastSeenAt} />
                    <div className="muted small">
                      <TimeView ms={one.lastSeenAt} />
                    </div>
                  </>
                )}
              </td>
              <td>
                <PolicyState computer={one} />
              </td>
              {mayReadViolations && (
                <td>
                  <Counts computer={one} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {pager}
    </div>
  )
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
