/** Sets up the second factor: who it is, the QR code and the key, the first code, the recovery codes. Nothing counts before the first code. */
import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Checkbox, Input, QRCode } from 'antd'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { ConfirmCode, NewSecretAnswer, Prove, RecoveryCodes } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { ApiError, request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { ProveFields, proofOf } from './prove-fields.tsx'
import { RecoveryCodeList } from './recovery-code-list.tsx'

interface Props {
  /** A code is in use already: it is asked for too. */
  readonly hasCode: boolean
  readonly onDone: () => void
  readonly extra?: ReactNode
}

export function SecondFactorSetUp({ hasCode, onDone, extra }: Props): ReactNode {
  const start = useMutation({
    mutationFn: (body: Prove) => request<NewSecretAnswer>('POST', '/api/account/second-factor', body),
  })
  const confirm = useMutation({
    mutationFn: (body: ConfirmCode) =>
      request<RecoveryCodes>('POST', '/api/account/second-factor/confirm', body),
  })
  if (confirm.data !== undefined) return <Kept codes={confirm.data.recoveryCodes} onDone={onDone} />
  if (start.data !== undefined) {
    return (
      <Scan
        made={start.data}
        isPending={confirm.isPending}
        error={confirm.error}
        onCode={(code) => confirm.mutate({ code })}
        extra={extra}
      />
    )
  }
  return (
    <ProveIt
      hasCode={hasCode}
      isPending={start.isPending}
      error={start.error}
      onProof={(body) => start.mutate(body)}
      extra={extra}
    />
  )
}

interface StepProps {
  readonly isPending: boolean
  readonly error: unknown
  readonly extra?: ReactNode
}

function ProveIt({
  hasCode,
  isPending,
  error,
  onProof,
  extra,
}: StepProps & { readonly hasCode: boolean; readonly onProof: (body: Prove) => void }): ReactNode {
  const text = useText()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (password !== '' && !isPending) onProof(proofOf(password, code))
  }
  return (
    <form onSubmit={submit} data-testid="second-factor-prove">
      <p className="gap-below">{text.t('set-up.prove')}</p>
      <Fault error={error} />
      <ProveFields
        password={password}
        code={hasCode ? code : null}
        onPassword={setPassword}
        onCode={setCode}
      />
      <div className="row-apart">
        <span>{extra}</span>
        <Button
          type="primary"
          htmlType="submit"
          disabled={password === ''}
          loading={isPending}
          data-testid="second-factor-begin"
        >
          {text.t('set-up.begin')}
        </Button>
      </div>
    </form>
  )
}

function Scan({
  made,
  isPending,
  error,
  onCode,
  extra,
}: StepProps & { readonly made: NewSecretAnswer; readonly onCode: (code: string) => void }): ReactNode {
  const { t } = useText()
  const [code, setCode] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (code !== '' && !isPending) onCode(code)
  }
  return (
    <form onSubmit={submit} data-testid="second-factor-scan">
      <p>{t('set-up.scan')}</p>
      <div className="set-up-secret">
        {/* An svg, not a canvas: it prints and scales, and no blob is made of it. */}
        <QRCode type="svg" value={made.address} size={168} bordered={false} />
        <div>
          <p className="muted small">{t('set-up.secret')}</p>
          <p className="mono secret-text" data-testid="second-factor-secret">
            {made.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}
          </p>
          <p className="muted small">{t('set-up.secret-once')}</p>
        </div>
      </div>
      <Fault error={error} wrongCode={t('set-up.wrong-code')} />
      <label htmlFor="second-factor-code" className="set-up-code">
        {t('set-up.confirm')}
      </label>
      <Input
        id="second-factor-code"
        autoFocus
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={8}
        size="large"
        className="mono code-input gap-below"
        value={code}
        onChange={(event) => setCode(event.target.value)}
        data-testid="second-factor-code"
      />
      <div className="row-apart">
        <span>{extra}</span>
        <Button
          type="primary"
          htmlType="submit"
          disabled={code === ''}
          loading={isPending}
          data-testid="second-factor-confirm"
        >
          {t('set-up.confirm-do')}
        </Button>
      </div>
    </form>
  )
}

function Kept({
  codes,
  onDone,
}: {
  readonly codes: readonly string[]
  readonly onDone: () => void
}): ReactNode {
  const { t } = useText()
  const [isKept, setKept] = useState(false)
  return (
    <div data-testid="second-factor-done">
      <Alert type="success" showIcon className="gap-below" title={t('set-up.done')} />
      <p>{t('set-up.codes')}</p>
      <RecoveryCodeList codes={codes} />
      <p className="gap-below">
        <Checkbox
          checked={isKept}
          onChange={(event) => setKept(event.target.checked)}
          data-testid="recovery-kept"
        >
          {t('set-up.codes-kept')}
        </Checkbox>
      </p>
      <div className="row-apart">
        <span />
        <Button type="primary" disabled={!isKept} onClick={onDone} data-testid="second-factor-finish">
          {t('set-up.finish')}
        </Button>
      </div>
    </div>
  )
}

function Fault({ error, wrongCode }: { readonly error: unknown; readonly wrongCode?: string }): ReactNode {
  const text = useText()
  if (error === null || error === undefined) return null
  const isCode = wrongCode !== undefined && error instanceof ApiError && error.code === 'sign-in-refused'
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="gap-below"
      data-testid="second-factor-error"
      title={isCode ? wrongCode : errorText(text, error)}
    />
  )
}
