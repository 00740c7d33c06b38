import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { violationQuery } from '../server/queries.ts'
export function ViolationDetailPane({ id }: { readonly id: string }): ReactNode {
  const { pick } = useText()
  const query = useQuery(violationQuery(id))
  return (
    <article data-testid="violation-detail">
      <h2>{query.data && pick(query.data.violation.headline)}</h2>
    </article>
  )
}
