/** Who sees to a violation. */
import { useQuery } from '@tanstack/react-query'
import { Form, Input, Select } from 'antd'
import type { ReactNode } from 'react'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { assign, handlersQuery } from '../server/handling-queries.ts'
import type { DialogProps } from './handling-dialogs.tsx'
import { HandlingForm } from './handling-form.tsx'

export function AssignDialog({ violation, handling, onClose }: DialogProps): ReactNode {
  const { t } = useText()
  const handlers = useQuery(handlersQuery).data?.handlers ?? []
  return (
    <HandlingForm
      title={t('handling.assign-title', { id: violation.id })}
      okText={t('handling.assign')}
      does={t('handling.assign-does')}
      initial={{ account: handling.assignee ?? '', reason: '' }}
      send={({ account, reason }) =>
        assign(violation.id, { account, reason: reason.trim(), after: handling.steps.at(-1)?.id ?? null })
      }
      done={t('handling.done')}
      onClose={onClose}
    >
      <Form.Item name="account" label={t('handling.assignee')}>
        <Select
          getPopupContainer={dialogHome}
          data-testid="field-assignee"
          options={[
            { value: '', label: t('handling.assignee-none') },
            ...handlers.map(({ name, person }) => ({
              value: name,
              label: person === null ? name : `${person} (${name})`,
            })),
          ]}
        />
      </Form.Item>
      <Form.Item name="reason" label={t('handling.reason-optional')}>
        <Input.TextArea rows={2} maxLength={500} data-testid="field-reason" />
      </Form.Item>
    </HandlingForm>
  )
}
