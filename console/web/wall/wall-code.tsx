/** Before the wall shows anything: the one-time code of its administrator, or an ordinary sign-in. */
import { Alert, Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { ApiError, request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'

interface Props {
  readonly onOpened: () => void
  readonly language: ReactNode
}

export function WallCode({ onOpened, language }: Props): ReactNode {
  const { t, tryT } = useText()
  const [code, setCode] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [isPending, setPending] = useState(false)
  const open = async () => {
    setPending(true)
    try {
      await request('POST', '/api/wall/session', { code: code.trim() })
      onOpened()
    } catch (cause) {
      const isRefused = cause instanceof ApiError && cause.code === 'token-refused'
      setError(isRefused ? t('wall.code-refused') : errorText({ t, tryT }, cause))
    } finally {
      setPending(false)
    }
  }
  return (
    <main className="wall wall-message">
      <form
        className="wall-code"
        data-testid="wall-code-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (code.trim() !== '') void open()
        }}
      >
        <div className="wall-code-head">
          <h1>{t('wall.code-title')}</h1>
          {language}
        </div>
        <label htmlFor="wall-code">{t('wall.code-what')}</label>
        <Input
          id="wall-code"
          size="large"
          className="mono"
          value={code}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => setCode(target.value)}
          data-testid="wall-code"
        />
        {error !== null && <Alert type="error" showIcon title={error} data-testid="wall-code-error" />}
        <div className="wall-code-buttons">
          <Button
            type="primary"
            htmlType="submit"
            size="large"
            loading={isPending}
            data-testid="wall-code-open"
          >
            {t('wall.code-open')}
          </Button>
          <a href="/">{t('wall.sign-in')}</a>
        </div>
      </form>
    </main>
  )
}
