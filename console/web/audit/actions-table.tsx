/** The entries of the log, each with what came of it. */
import { Button } from 'antd'
import type { ReactNode } from 'react'
import type { Action } from '../../api/contract-trail.ts'
import { useText } from '../i18n/use-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { ActWord, DetailWord, OutcomeWord } from './action-words.tsx'

interface Props {
  readonly actions: readonly Action[]
  readonly onOpen: (id: number) => void
}

export function ActionsTable({ actions, onOpen }: Props): ReactNode {
  const { t, tryT } = useText()
  return (
    <div className="table-panel">
      <table className="grid-table" data-testid="actions">
        <thead>
          <tr>
            <th scope="col">{t('audit.number')}</th>
            <th scope="col">{t('audit.at')}</th>
            <th scope="col">{t('audit.account')}</th>
            <th scope="col">{t('audit.action')}</th>
            <th scope="col">{t('audit.object')}</th>
            <th scope="col">{t('audit.detail')}</th>
            <th scope="col">{t('audit.outcome')}</th>
            <th scope="col">{t('audit.address')}</th>
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
              <td className="nowrap">
                <TimeView ms={one.at} />
              </td>
              <td>
                {one.account === '' ? (
                  <span className="muted">{t('audit.nobody')}</span>
                ) : (
                  <RawTextView text={one.account} isPlain />
                )}
                {(one.person ?? one.role) !== null && (
                  <div className="small muted">
                    {one.person === null ? (
                      (tryT(`role.${one.role ?? ''}`) ?? '')
                    ) : (
                      <RawTextView text={one.person} isPlain />
                    )}
                  </div>
                )}
              </td>
              <td>
                <ActWord act={one.action} />
                {one.hasValues && <div className="small muted">{t('audit.has-values')}</div>}
              </td>
              <td>{one.object === '' ? '—' : <RawTextView text={one.object} isPlain />}</td>
              <td>
                <DetailWord action={one} />
              </td>
              <td>
                <OutcomeWord action={one} />
              </td>
              <td className="nowrap">
                <span className="mono">{one.address}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
