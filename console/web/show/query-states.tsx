/** The states of a question that is not answered yet, or was refused: deliberate, with the remedy. */
import { Alert, Button, Skeleton } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { ApiError } from '../server/request.ts'
import { errorText } from './error-text.ts'

interface Query {
  readonly isError: boolean
  readonly error: unknown
  readonly refetch: () => Promise<unknown>
}

/** Shows a refusal; `retry` only where trying again can help. */
export function QueryError({ query }: { readonly query: Query }): ReactNode {
  const text = useText()
  if (!query.isError) return null
  const mayRetry = !(query.error instanceof ApiError) || query.error.code !== 'not-permitted'
  return (
    <Alert
      type={mayRetry ? 'warning' : 'info'}
      showIcon
      role="alert"
      data-testid="query-error"
      className="gap-below"
      title={errorText(text, query.error)}
      action={
        mayRetry && (
          <Button size="small" onClick={() => void query.refetch()}>
            {text.t('page.retry')}
          </Button>
        )
      }
    />
  )
}

/** Rows in the shape of what comes. */
export function RowsSkeleton({ rows }: { readonly rows: number }): ReactNode {
  const { t } = useText()
  return (
    <div role="status" aria-label={t('page.loading')} className="rows-skeleton">
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} active title={{ width: '70%' }} paragraph={{ rows: 1, width: '40%' }} />
      ))}
    </div>
  )
}

/** An empty place that says why it is empty; `isPage` where it is all there is on the page, and so its heading. */
export function EmptyNote({
  title,
  isPage = false,
  children,
}: {
  readonly title: string
  readonly isPage?: boolean
  readonly children?: ReactNode
}): ReactNode {
  return (
    <div className="empty-note" role="status">
      {isPage ? <h1 className="empty-title">{title}</h1> : <p className="empty-title">{title}</p>}
      {children !== undefined && <p>{children}</p>}
    </div>
  )
}
