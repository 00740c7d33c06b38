/** What a computer is for beside ordinary work: each role with what it lets happen here. */
import type { ComputerRole } from '@shoukou/protocol'
import { Checkbox } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import type { FieldProps } from './setting-fields.tsx'

const roles = ['import', 'station'] as const satisfies readonly ComputerRole[]

export function RolesField({ settings, onChange, isReadOnly }: FieldProps): ReactNode {
  const { t } = useText()
  const chosen = settings.roles ?? []
  return (
    <ul className="role-choices">
      {roles.map((role) => (
        <li key={role}>
          <Checkbox
            checked={chosen.includes(role)}
            disabled={isReadOnly}
            data-testid={`role-${role}`}
            onChange={(event) =>
              onChange({
                roles: roles.filter((one) => (one === role ? event.target.checked : chosen.includes(one))),
              })
            }
          >
            <strong>{t(`policy.role.${role}`)}</strong>
            <span className="muted"> — {t(`policy.role-does.${role}`)}</span>
          </Checkbox>
        </li>
      ))}
    </ul>
  )
}
