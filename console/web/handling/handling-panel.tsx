/** How a violation stands: its state, the next step as the one primary button, and what else may be done with it. */
import { useQuery } from '@tanstack/react-query'
import { Button, Dropdown } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { ViolationItem } from '../../api/contract.ts'
import type { HandlingAnswer } from '../../api/contract-handling.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { handlingQuery } from '../server/access-queries.ts'
import { useMay } from '../session/session-context.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'
import { type HandlingDialog, HandlingDialogs } from './handling-dialogs.tsx'
import { useShortcut } from './shortcuts.ts'

type Next = HandlingAnswer['next'][number]
/** Beside the next step; the rest stands behind one button. */
const besideMax = 3

export function HandlingPanel({ violation }: { readonly violation: ViolationItem }): ReactNode {
  const query = useQuery(handlingQuery(violation.id))
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={1} />
  return <Panel violation={violation} handling={query.data} />
}

interface PanelProps {
  readonly violation: ViolationItem
  readonly handling: HandlingAnswer
}

function Panel({ violation, handling }: PanelProps): ReactNode {
  const { t } = useText()
  const may = useMay('violations.handle')
  const [dialog, setDialog] = useState<HandlingDialog | null>(null)
  const { state, open, next, repeatOf } = handling
  const { exception } = violation.standing
  const primary = next.find(({ kind }) => kind !== 'comment' && kind !== 'reopen')
  // What is asked for already waits: asking again would be refused.
  const isWaiting = open.some(({ act }) => act !== 'violation-exception')
  const offered = next.filter(({ needsTwo }) => !needsTwo || !isWaiting)
  const beside = offered.slice(0, besideMax)
  const more = [
    ...offered.slice(besideMax).map((step) => ({
      key: step.kind,
      label: <span data-testid={`handle-${step.kind}`}>{t(`handling.do.${step.kind}`)}</span>,
      onClick: () => setDialog({ kind: 'step', step }),
    })),
    ...(repeatOf === null
      ? [
          { key: 'merge', label: t('handling.merge'), onClick: () => setDialog({ kind: 'merge' }) },
          ...(handling.exception === null || exception !== null
            ? []
            : [
                {
                  key: 'exception',
                  label: <span data-testid="handle-exception">{t('handling.exception-make')}</span>,
                  onClick: () => setDialog({ kind: 'exception' }),
                },
              ]),
        ]
      : []),
  ]
  const take = (kind: Next['kind']) => {
    const step = offered.find((one) => one.kind === kind)
    if (may && step !== undefined) setDialog({ kind: 'step', step })
  }
  useShortcut('a', () => take('acknowledge'))
  useShortcut('c', () => take('confirm'))

  return (
    <div className="handling" data-testid="handling" data-state={state}>
      <p className="acts">
        <strong className={`handling-state handling-${state}`}>{t(`handling.state.${state}`)}</strong>
        {handling.isIncident && state !== 'incident' && (
          <strong className="handling-state handling-incident">{t('handling.is-incident')}</strong>
        )}
        {handling.disposition !== null && <span>{t(`handling.disposition.${handling.disposition}`)}</span>}
        <span className="muted">
          {t('handling.assignee')}: {handling.assignee ?? t('handling.assignee-none')}
        </span>
        {may &&
          beside.map((step) => (
            <Button
              key={step.kind}
              size="small"
              type={step.kind === primary?.kind ? 'primary' : 'default'}
              className="no-print"
              onClick={() => setDialog({ kind: 'step', step })}
              data-testid={`handle-${step.kind}`}
            >
              {t(`handling.do.${step.kind}`)}
            </Button>
          ))}
        {may && repeatOf !== null && (
          <Button size="small" className="no-print" onClick={() => setDialog({ kind: 'unmerge' })}>
            {t('handling.unmerge')}
          </Button>
        )}
        {may && more.length > 0 && (
          <Dropdown menu={{ items: more }} trigger={['click']} getPopupContainer={dialogHome}>
            <Button size="small" className="no-print" data-testid="handle-more">
              {t('handling.more')} ▾
            </Button>
          </Dropdown>
        )}
      </p>
      {repeatOf !== null && (
        <p className="consequence" data-testid="repeat-of">
          <Link to={`/violations/${repeatOf}`}>{t('handling.repeat-of', { id: repeatOf })}</Link>
        </p>
      )}
      {exception !== null && (
        <p className="consequence" data-testid="excepted">
          <Link to="/exceptions">{t('handling.exception-note', { id: exception.id })}</Link>{' '}
          <TimeView ms={exception.until} />
        </p>
      )}
      {open.map((one) => (
        <p key={one.id} className="consequence" data-testid="handling-waits">
          {t('handling.waiting', {
            who: one.askedBy,
            act: t(`acts.act.${one.act}`),
            reason: one.reason,
          })}{' '}
          {may && <Link to="/acts">{t('isolation.see-acts')}</Link>}
        </p>
      ))}
      <HandlingDialogs
        violation={violation}
        handling={handling}
        dialog={dialog}
        onClose={() => setDialog(null)}
      />
    </div>
  )
}
