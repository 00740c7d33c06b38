/** One entry: what it was and what it became side by side, and the bytes that prove it. */
import { useQuery } from '@tanstack/react-query'
import { Modal } from 'antd'
import type { ReactNode } from 'react'
import type { ActionDetail } from '../../api/contract-trail.ts'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { actionQuery } from '../server/trail-queries.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { ScrollBox } from '../show/scroll-box.tsx'
import { TimeView } from '../show/time-view.tsx'
import { ActWord, OutcomeWord } from './action-words.tsx'
import { changesOf } from './changes.ts'
import { inGroups } from './head-groups.ts'

interface Props {
  readonly id: number
  readonly onClose: () => void
}

export function ActionDialog({ id, onClose }: Props): ReactNode {
  const { t } = useText()
  const query = useQuery(actionQuery(id))
  return (
    <Modal
      open
      getContainer={dialogHome}
      title={t('audit.entry', { id })}
      width={920}
      footer={null}
      onCancel={onClose}
      data-testid="audit-entry"
    >
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={4} />}
      {query.data !== undefined && <Entry detail={query.data} />}
    </Modal>
  )
}

function Entry({ detail }: { readonly detail: ActionDetail }): ReactNode {
  const { t, tryT } = useText()
  const { action, before, after } = detail
  const changes = changesOf(before, after)
  return (
    <>
      <table className="facts">
        <tbody>
          <Row name={t('audit.at')}>
            <TimeView ms={action.at} />
          </Row>
          <Row name={t('audit.account')}>
            {action.account === '' ? t('audit.nobody') : <RawTextView text={action.account} isPlain />}{' '}
            {action.role !== null && (tryT(`role.${action.role}`) ?? action.role)}{' '}
            {action.person !== null && <RawTextView text={action.person} isPlain />}
          </Row>
          <Row name={t('audit.action')}>
            <ActWord act={action.action} />
          </Row>
          {action.object !== '' && (
            <Row name={t('audit.object')}>
              <RawTextView text={action.object} isPlain />
            </Row>
          )}
          {action.detail !== '' && (
            <Row name={t('audit.detail')}>
              <RawTextView text={action.detail} isPlain />
            </Row>
          )}
          {action.reason !== null && (
            <Row name={t('audit.reason')}>
              <RawTextView text={action.reason} isPlain />
            </Row>
          )}
          <Row name={t('audit.outcome')}>
            <OutcomeWord action={action} />{' '}
            {detail.endedBy !== null && (
              <span className="muted">
                {t('audit.ended-by', { id: detail.endedBy.id })} <TimeView ms={detail.endedBy.at} />
              </span>
            )}
          </Row>
          <Row name={t('audit.address')}>
            <span className="mono">{action.address === '' ? '—' : action.address}</span>
            {detail.session !== null && (
              <span className="muted">
                {' '}
                {t('audit.session')} <span className="mono">{detail.session}</span>
              </span>
            )}
          </Row>
        </tbody>
      </table>
      {changes.length > 0 && (
        <table className="grid-table audit-values" data-testid="audit-values">
          <thead>
            <tr>
              <th scope="col">{t('audit.field')}</th>
              <th scope="col">{t('audit.before')}</th>
              <th scope="col">{t('audit.after')}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map((change) => (
              <tr key={change.path} className={change.isSame ? 'audit-same' : ''}>
                <th scope="row">
                  <RawTextView text={change.path} isPlain />
                </th>
                <td>{change.before === null ? '—' : <RawTextView text={change.before} />}</td>
                <td>{change.after === null ? '—' : <RawTextView text={change.after} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="small muted gap-above">{t('audit.raw')}</p>
      <ScrollBox className="audit-raw" label={t('audit.raw')}>
        <RawTextView text={detail.raw} />
      </ScrollBox>
      <p className="small">
        {t('audit.head')} <span className="mono audit-head">{inGroups(detail.head)}</span>
      </p>
    </>
  )
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{children}</td>
    </tr>
  )
}
