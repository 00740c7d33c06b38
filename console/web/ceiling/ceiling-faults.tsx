/** In the policy editor: what of the draft lies beyond the ceiling, while it is typed. The console judges it again. */

import { sayBeyond } from '@shoukou/protocol/ceiling/beyond.ts'
import { judgeSettings } from '@shoukou/protocol/ceiling/judge.ts'
import type { PolicySettings } from '@shoukou/protocol/policy.ts'
import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { ceilingQuery } from '../server/ceiling-queries.ts'
import { useMay } from '../session/session-context.ts'

export function CeilingFaults({ draft }: { readonly draft: PolicySettings }): ReactNode {
  const { t, language } = useText()
  const mayRead = useMay('ceiling.read')
  const { data } = useQuery({ ...ceilingQuery, enabled: mayRead, staleTime: 60_000 })
  const ceiling = data?.inForce?.ceiling
  const beyond = ceiling === undefined ? [] : judgeSettings(draft, ceiling)
  if (beyond.length === 0) return null
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="gap-below"
      data-testid="ceiling-faults"
      title={t('ceiling.draft-beyond')}
      description={
        <ul className="plain">
          {beyond.map((one) => (
            <li key={`${one.field}${one.rule}${one.found}`}>
              {sayBeyond(one, language === 'zh-CN' ? 'zh' : 'en')}
            </li>
          ))}
        </ul>
      }
    />
  )
}
