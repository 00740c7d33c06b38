/** What stands there when a page itself fails: said plainly, with the remedy. */
import { Button, Result } from 'antd'
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
    <Result
      status="warning"
      title={t('page.failed')}
      subTitle={t('page.failed-remedy')}
      extra={
        <Button type="primary" onClick={() => location.reload()}>
          {t('page.reload')}
        </Button>
      }
    >
      <pre className="mono wrap">{error.message}</pre>
    </Result>
  )
}
