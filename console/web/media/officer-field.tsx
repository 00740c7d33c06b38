/** Who decided on another level: asked for only where it becomes another one. */
import type { Level } from '@shoukou/protocol/levels.ts'
import { Form, Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'

export function OfficerField({ was }: { readonly was: Level | null }): ReactNode {
  const { t } = useText()
  const level = Form.useWatch('level') as Level | null | undefined
  if (level === undefined || level === was) return null
  return (
    <Form.Item name="officer" label={t('registers.officer')} extra={t('registers.officer-hint')}>
      <Input maxLength={64} className="mono" data-testid="field-officer" />
    </Form.Item>
  )
}
