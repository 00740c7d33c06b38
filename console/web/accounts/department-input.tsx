/** A department's name, with those that there are: one way to write it, so that it means the same everywhere. */
import { useQuery } from '@tanstack/react-query'
import { Form, Input } from 'antd'
import { type ReactNode, useId } from 'react'
import { useText } from '../i18n/use-text.ts'
import { departmentsQuery } from '../server/access-queries.ts'

interface Props {
  readonly label: string
  readonly isRequired: boolean
}

export function DepartmentInput({ label, isRequired }: Props): ReactNode {
  const { t } = useText()
  const listId = useId()
  const known = useQuery(departmentsQuery).data?.departments ?? []
  return (
    <>
      <Form.Item
        name="department"
        label={label}
        rules={
          isRequired ? [{ required: true, whitespace: true, message: t('accounts.department-missing') }] : []
        }
      >
        <Input maxLength={100} list={listId} autoComplete="off" data-testid="field-department" />
      </Form.Item>
      <datalist id={listId}>
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  )
}
