/** The choice of a role, each with what it may do; what would be against the rules is said at once. */
import { ROLES, type Role } from '@shoukou/protocol/access.ts'
import { Form, Radio } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'

export function RoleRadio(): ReactNode {
  const { t } = useText()
  return (
    <Form.Item name="role" label={t('accounts.role')}>
      <Radio.Group className="state-choices">
        {ROLES.map((one: Role) => (
          <Radio key={one} value={one} data-testid={`role-${one}`}>
            {t(`role.${one}`)}
            <span className="muted"> — {t(`role-does.${one}`)}</span>
          </Radio>
        ))}
      </Radio.Group>
    </Form.Item>
  )
}
