/** What a temporary grant allows and for how long. */
import { Form, InputNumber, Radio } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'

export interface GrantForm {
  readonly right: 'read-only' | 'read-write'
  readonly minutes: number
  readonly reason: string
}

/** The least that helps: reading, for a quarter of an hour. */
export const grantStart: GrantForm = { right: 'read-only', minutes: 15, reason: '' }

export function GrantFields({ minutesMax }: { readonly minutesMax: number }): ReactNode {
  const { t } = useText()
  return (
    <div className="form-row form-row-two">
      <Form.Item name="right" label={t('medium.right')}>
        <Radio.Group
          options={(['read-only', 'read-write'] as const).map((one) => ({
            value: one,
            label: t(`value.right.${one}`),
          }))}
        />
      </Form.Item>
      <Form.Item
        name="minutes"
        label={t('grant.for')}
        rules={[{ required: true, message: t('grant.minutes-wrong', { most: minutesMax }) }]}
      >
        <InputNumber
          min={1}
          max={minutesMax}
          precision={0}
          suffix={t('unit.minutes')}
          data-testid="field-minutes"
        />
      </Form.Item>
    </div>
  )
}
