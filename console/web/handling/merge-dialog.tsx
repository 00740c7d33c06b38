/** Puts a violation behind another one of its type on its computer, and takes it out again. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import type { ReactNode } from 'react'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { ReasonField } from '../media/reason-field.tsx'
import { merge, unmerge } from '../server/handling-queries.ts'
import { violationsQuery } from '../server/queries.ts'
import { formatTime } from '../show/format.ts'
import { emptyFilter } from '../violations/filter-address.ts'
import type { DialogProps } from './handling-dialogs.tsx'
import { HandlingForm } from './handling-form.tsx'

export function MergeDialog({ violation, onClose }: DialogProps): ReactNode {
  const { t, pick, language } = useText()
  const filter = {
    ...emptyFilter,
    severity: [violation.severity],
    type: [violation.type],
    level: [violation.level],
    computer: violation.agent,
  }
  const found = useInfiniteQuery(violationsQuery(filter)).data?.pages[0]?.violations ?? []
  const allowedBy = violation.standing.exception?.id
  const choices = found.filter(
    ({ id, standing }) =>
      id !== violation.id &&
      standing.state !== 'closed' &&
      standing.state !== 'false-positive' &&
      standing.exception?.id === allowedBy,
  )
  return (
    <HandlingForm<{ lead: number | null; reason: string }>
      title={t('handling.merge-title', { id: violation.id })}
      okText={t('handling.merge')}
      does={t('handling.merge-does')}
      initial={{ lead: null, reason: '' }}
      send={({ lead, reason }) => merge(violation.id, { lead: lead ?? 0, reason: reason.trim() })}
      done={t('handling.done')}
      onClose={onClose}
    >
      <Form.Item name="lead" label={t('handling.merge-lead')} rules={[{ required: true }]}>
        <Select
          getPopupContainer={dialogHome}
          data-testid="field-lead"
          notFoundContent={t('handling.merge-none')}
          options={choices.map((one) => ({
            value: one.id,
            label: `${one.id} · ${formatTime(one.receivedAt, language)} · ${pick(one.headline)}`,
          }))}
        />
      </Form.Item>
      <ReasonField example={t('handling.merge-example')} />
    </HandlingForm>
  )
}

export function UnmergeDialog({ violation, onClose }: DialogProps): ReactNode {
  const { t } = useText()
  return (
    <HandlingForm
      title={t('handling.unmerge-title', { id: violation.id })}
      okText={t('handling.unmerge')}
      does={t('handling.unmerge-does')}
      initial={{ reason: '' }}
      send={({ reason }) => unmerge(violation.id, reason.trim())}
      done={t('handling.done')}
      onClose={onClose}
    >
      <ReasonField example={t('handling.example.comment')} />
    </HandlingForm>
  )
}
