/** The entries of the log, each with what came of it. */
import { Button } from 'antd'
import type { ReactNode } from 'react'
import type { Action } from '../../api/contract-trail.ts'
import { useText } from '../i18n/use-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import type { ShownTable } from '../show/use-table-view.ts'
import { ActWord, DetailWord, OutcomeWord } from './action-words.tsx'
import type { AuditColumn } from './audit-address.ts'

interface Props {
  readonly table: ShownTable
  readonly actions: readonly Action[]
  readonly onOpen: (id: number) => void
}

export function ActionsTable({ table, actions, onOpen }: Props): ReactNode {
  const { t } = useText()
  const columns = table.view.columns as readonly AuditColumn[]
  return (
    <div className="table-panel">
      <table className="grid-table" data-testid="actions">
        <thead>
          <tr>
            <th scope="col">{t('audit.number')}</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {t(`audit.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {actions.map((one) => (
            <tr key={one.id}>
              <td>
                <Button size="small" type="link" onClick={() => onOpen(one.id)} data-testid="audit-open">
                  {one.id}
                </Button>
              </td>
              {columns.map((column) => (
                <td key={column} className={column === 'at' || column === 'address' ? 'nowrap' : undefined}>
                  <Cell column={column} action={one} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cell({ column, action }: { readonly column: AuditColumn; readonly action: Action }): ReactNode {
  const { t } = useText()
  switch (column) {
    case 'at':
      return <TimeView ms={action.at} />
    case 'account':
      return <Who action={action} />
    case 'action':
      return (
        <>
          <ActWord act={action.action} />
          {action.hasValues && <div className="small muted">{t('audit.has-values')}</div>}
        </>
      )
    case 'object':
      return action.object === '' ? '—' : <RawTextView text={action.object} isPlain />
    case 'detail':
      return <DetailWord action={action} />
    case 'outcome':
      return <OutcomeWord action={action} />
    case 'address':
      return <span className="mono">{action.address}</span>
  }
}

function Who({ action }: { readonly action: Action }): ReactNode {
  const { t, tryT } = useText()
  return (
    <>
      {action.account === '' ? (
        <span className="muted">{t('audit.nobody')}</span>
      ) : (
        <RawTextView text={action.account} isPlain />
      )}
      {(action.person ?? action.role) !== null && (
        <div className="small muted">
          {action.person === null ? (
            (tryT(`role.${action.role ?? ''}`) ?? '')
          ) : (
            <RawTextView text={action.person} isPlain />
          )}
        </div>
      )}
    </>
  )
}
