/** Why: part of every change's history, so no change without it. And Enter, which a form of several fields ignores. */
import { Form, Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'

interface Props {
  readonly example: string
  readonly isFirst?: boolean
}

export function ReasonField({ example, isFirst = false }: Props): ReactNode {
  const { t } = useText()
  return (
    <>
      <Form.Item
        name="reason"
        label={t('medium.reason')}
        rules={[{ required: true, whitespace: true, message: t('medium.reason-missing') }]}
      >
        <Input maxLength={500} placeholder={example} autoFocus={isFirst} data-testid="field-reason" />
      </Form.Item>
      <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
    </>
  )
}
