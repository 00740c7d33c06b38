/** How a violation is handled: its state, the next step as the one primary button, and who did what, when and why. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Link } from 'react-router'
import type { ViolationItem } from '../../api/contract.ts'
import type { HandlingAnswer } from '../../api/contract-handling.ts'
import { useText } from '../i18n/use-text.ts'
import { handlingQuery } from '../server/access-queries.ts'
import { useMay } from '../session/session-context.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'

const StepDialog = lazy(async () => ({ default: (await import('./step-dialog.tsx')).StepDialog }))

type Next = HandlingAnswer['next'][number]

export function HandlingPanel({ violation }: { readonly violation: ViolationItem }): ReactNode {
  const query = useQuery(handlingQuery(violation.id))
  if (query.data === undefined)
    return query.isError ? <QueryError query={query} /> : <RowsSkeleton rows={1} />
  return <Panel violation={violation} handling={query.data} />
}

function Panel({
  violation,
  handling,
}: {
  readonly violation: ViolationItem
  readonly handling: HandlingAnswer
}): ReactNode {
  const { t } = useText()
  const may = useMay('violations.handle')
  const [asked, setAsked] = useState<Next | null>(null)
  const { state, steps, open, next } = handling
  const primary = next.find(({ kind }) => kind !== 'comment')
  // What is asked for already waits: asking again would be refused.
  const offered = next.filter(({ needsTwo }) => !needsTwo || open.length === 0)
  return (
    <div className="handling" data-testid="handling" data-state={state}>
      <p className="acts">
        <strong className={`handling-state handling-${state}`}>{t(`handling.state.${state}`)}</strong>
        {may &&
          offered.map((one) => (
            <Button
              key={one.kind}
              size="small"
              type={one.kind === primary?.kind ? 'primary' : 'default'}
              className="no-print"
              onClick={() => setAsked(one)}
              data-testid={`handle-${one.kind}`}
            >
              {t(`handling.do.${one.kind}`)}
            </Button>
          ))}
      </p>
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
      {steps.length === 0 ? (
        <p className="muted">{t('handling.none')}</p>
      ) : (
        <table className="grid-table" data-testid="handling-steps">
          <tbody>
            {steps.map((one) => (
              <tr key={one.id}>
                <td className="nowrap">
                  <TimeView ms={one.at} />
                </td>
                <th scope="row" className="nowrap">
                  {t(`handling.do.${one.kind}`)}
                </th>
                <td className="nowrap">
                  <RawTextView text={one.account} isPlain />
                  {one.proposal !== null && (
                    <div className="muted small">{t('handling.by-two', { id: one.proposal })}</div>
                  )}
                </td>
                <td>{one.reason === '' ? '—' : <RawTextView text={one.reason} isPlain />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Suspense>
        {asked !== null && (
          <StepDialog
            violation={violation}
            step={asked}
            after={steps.at(-1)?.id ?? null}
            onClose={() => setAsked(null)}
          />
        )}
      </Suspense>
    </div>
  )
}
