/** What waits for whoever is signed in: violations given to them, statements to be entered, wishes to agree to. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { useText } from '../i18n/use-text.ts'
import { openRequestsQuery, violationCountQuery } from '../server/handling-queries.ts'
import { useMay } from '../session/session-context.ts'
import { emptyFilter, handlingStates } from '../violations/filter-address.ts'

const openStates = handlingStates.filter((one) => one !== 'closed' && one !== 'false-positive')
const mineFilter = { ...emptyFilter, isMine: true, state: openStates }
const mineAddress = `/violations?${new URLSearchParams({ state: openStates.join(','), assignee: 'me' })}`

export function TasksPanel(): ReactNode {
  const { t } = useText()
  const mayHandle = useMay('violations.handle')
  const mayEnter = useMay('statements.enter')
  const mine = useQuery({ ...violationCountQuery(mineFilter), enabled: mayHandle })
  const requests = useQuery({ ...openRequestsQuery, enabled: mayEnter })
  if (!mayHandle && !mayEnter) return null
  const violations = (mine.data ?? []).reduce((sum, { count }) => sum + count, 0)
  const statements = requests.data?.requests.length ?? 0
  return (
    <section className="panel" aria-labelledby="tasks" data-testid="tasks">
      <h2 id="tasks">{t('tasks.title')}</h2>
      {violations + statements === 0 ? (
        <p className="muted">{t('tasks.none')}</p>
      ) : (
        <ul className="today-list">
          {violations > 0 && (
            <li>
              <Link to={mineAddress} data-testid="tasks-mine">
                {t('tasks.mine', { count: violations })}
              </Link>
            </li>
          )}
          {statements > 0 && (
            <li>
              <Link to="/statements" data-testid="tasks-statements">
                {t('tasks.statements', { count: statements })}
              </Link>
            </li>
          )}
        </ul>
      )}
    </section>
  )
}
