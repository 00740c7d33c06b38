/** What stands there when a page itself fails: said plainly, with the remedy. */
import { Button } from 'antd'
import { Component, type ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'

interface Props {
  readonly children: ReactNode
}

export class ErrorBoundary extends Component<Props, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null }

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <PageFailed error={this.state.error} />
  }
}

function PageFailed({ error }: { readonly error: Error }): ReactNode {
  const { t } = useText()
  return (
    <div className="empty-note" role="alert">
      <h1 className="empty-title">{t('page.failed')}</h1>
      <p>{t('page.failed-remedy')}</p>
      <p>
        <Button type="primary" onClick={() => location.reload()}>
          {t('page.reload')}
        </Button>
      </p>
      <pre className="mono wrap">{error.message}</pre>
    </div>
  )
}
