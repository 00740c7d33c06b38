/** Whether a computer is connected, in a word. Connected is not yet proven watched: so no green here. */
import type { ReactNode } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'

export function StatusWord({ status }: { readonly status: Computer['status'] }): ReactNode {
  const { t } = useText()
  return (
    <span className={`status status-${status}`} data-testid="computer-status" data-status={status}>
      {t(`status.${status}`)}
    </span>
  )
}
