/** Which policy a computer should obey, and whether it does. */
import type { ReactNode } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'

type Versions = Pick<Computer, 'policyVersion' | 'appliedPolicyVersion'>

export function PolicyState({ computer }: { readonly computer: Versions }): ReactNode {
  const { t } = useText()
  const { policyVersion: version, appliedPolicyVersion: applied } = computer
  if (applied === version) return t('policy.version', { version })
  return (
    <span className="behind">
      {applied === null ? t('policy.never-applied', { version }) : t('policy.behind', { applied, version })}
    </span>
  )
}
