/** What must I do today? What waits for me alone first, then computers that lag behind their policy. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Overview } from '../../api/contract.ts'
import { PolicyState } from '../computers/policy-state.tsx'
import { useText } from '../i18n/use-text.ts'
import { waitingActsQuery } from '../server/access-queries.ts'
import { useMay } from '../session/session-context.ts'
import { formatCount } from '../show/format.ts'
import { EmptyNote } from '../show/query-states.tsx'

interface Props {
  readonly behind: Overview['behind']
  readonly isAnyWatched: boolean
}

export function TodayPanel({ behind, isAnyWatched }: Props): ReactNode {
  const { t } = useText()
  return (
    <section className="panel" aria-labelledby="today">
      <h2 id="today">{t('overview.today')}</h2>
      <OwnTasks />
      <h3>{t('overview.behind')}</h3>
      {behind.count === 0 ? (
        <EmptyNote title={isAnyWatched ? t('overview.none-behind') : t('overview.nothing-watched')} />
      ) : (
        <ul className="today-list">
          {behind.listed.map((one) => (
            <li key={one.agent}>
              <Link to={`/computers/${encodeURIComponent(one.agent)}/policy`}>
                <bdi className="mono">{one.number}</bdi>
              </Link>
              <PolicyState computer={one} />
            </li>
          ))}
        </ul>
      )}
      {behind.count > behind.listed.length && (
        <Link to="/computers">{t('overview.all-of-them', { count: behind.count })}</Link>
      )}
    </section>
  )
}

/** One line for each kind of task, also where nothing waits: so that one sees that it was looked at. */
function OwnTasks(): ReactNode {
  const { t } = useText()
  const acts = useQuery({ ...waitingActsQuery, enabled: useMay('acts.read') })
  return (
    <ul className="own-tasks" data-testid="own-tasks">
      {acts.data !== undefined && <TaskLine to="/acts" words={t('overview.task-acts')} count={acts.data} />}
    </ul>
  )
}

interface TaskProps {
  readonly to: string
  readonly words: string
  readonly count: number
}

function TaskLine({ to, words, count }: TaskProps): ReactNode {
  const { language } = useText()
  return (
    <li className={count === 0 ? 'task task-none' : 'task'}>
      <Link to={to}>{words}</Link>
      <strong>{formatCount(count, language)}</strong>
    </li>
  )
}
