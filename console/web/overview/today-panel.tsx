/** What must I do today? In this version: computers that lag behind their policy. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import { PolicyState } from '../computers/policy-state.tsx'
import { useText } from '../i18n/use-text.ts'
import { EmptyNote } from '../show/query-states.tsx'

const shownMax = 20

export function TodayPanel({ computers }: { readonly computers: readonly Computer[] }): ReactNode {
  const { t } = useText()
  const behind = computers.filter((one) => one.appliedPolicyVersion !== one.policyVersion)
  return (
    <section className="panel" aria-labelledby="today">
      <h2 id="today">{t('overview.today')}</h2>
      <h3>{t('overview.behind')}</h3>
      {behind.length === 0 ? (
        <EmptyNote
          title={computers.length === 0 ? t('overview.nothing-watched') : t('overview.none-behind')}
        />
      ) : (
        <ul className="today-list">
          {behind.slice(0, shownMax).map((one) => (
            <li key={one.agent}>
              <Link to={`/computers/${encodeURIComponent(one.agent)}/policy`}>
                <bdi className="mono">{one.number}</bdi>
              </Link>
              <PolicyState computer={one} />
            </li>
          ))}
        </ul>
      )}
      {behind.length > shownMax && (
        <Link to="/computers">{t('overview.all-of-them', { count: behind.length })}</Link>
      )}
    </section>
  )
}
