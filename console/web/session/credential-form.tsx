/**
 * Name, password, and where anybody here has a code, a second step for everybody: nothing is sent before both, so that no
 * answer tells which of them was right.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Input } from 'antd'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { SessionAnswer } from '../../api/contract.ts'
import type { SignIn } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { sessionQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { signInFormQuery } from '../server/sign-in-queries.ts'
import { errorText } from '../show/error-text.ts'
import { tellOtherTabs } from './other-tabs.ts'

interface Props {
  /** Whose session it was: only that name goes on. Null: anybody. */
  readonly fixedName: string | null
  readonly submitText: string
  /** Whose data the page still holds; null where it holds nobody's. */
  readonly lastName: string | null
  /** Shown above the fields until something was refused. */
  readonly children?: ReactNode
}

export function CredentialForm({ fixedName, submitText, lastName, children }: Props): ReactNode {
  const text = useText()
  const { t } = text
  const asked = useQuery(signInFormQuery)
  const [name, setName] = useState(fixedName ?? '')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [step, setStep] = useState<1 | 2>(1)
  const [isTried, setTried] = useState(false)
  const signIn = useSignIn(lastName, () => {
    // Whatever was wrong, all of it is shown again: the refusal does not say.
    setPassword('')
    setCode('')
    setStep(1)
    void asked.refetch()
  })
  const hasSecondStep = asked.data !== undefined && asked.data.codes !== 'none'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (name === '' || password === '' || signIn.isPending) return
    if (step === 1 && hasSecondStep) {
      setStep(2)
      return
    }
    setTried(false)
    const typed = code.trim()
    signIn.mutate({ name, password, ...(typed === '' ? {} : { code: typed }) })
  }
  return (
    <>
      {signIn.isError ? (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="gap-below"
          data-testid="sign-in-error"
          title={errorText(text, signIn.error)}
        />
      ) : (
        children
      )}
      <form className="credential-form" data-testid="sign-in" onSubmit={submit} noValidate>
        {hasSecondStep && <p className="muted small">{t('sign-in.step', { step })}</p>}
        {step === 1 ? (
          <>
            {fixedName === null && (
              <Field
                id="sign-in-name"
                label={t('sign-in.name')}
                fault={isTried && name === '' ? t('sign-in.name-missing') : null}
              >
                <Input
                  id="sign-in-name"
                  autoComplete="username"
                  autoFocus
                  maxLength={64}
                  size="large"
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                  data-testid="sign-in-name"
                />
              </Field>
            )}
            <Field
              id="sign-in-password"
              label={t('sign-in.password')}
              fault={isTried && password === '' ? t('sign-in.password-missing') : null}
            >
              <Input.Password
                id="sign-in-password"
                autoComplete="current-password"
                autoFocus={fixedName !== null}
                maxLength={256}
                size="large"
                value={password}
                onChange={(event) => setPassword(event.target.value)}
                data-testid="sign-in-password"
              />
            </Field>
            {(asked.data?.certificate ?? null) !== null && (
              <p className="muted gap-below">{t('sign-in.usb-key')}</p>
            )}
          </>
        ) : (
          <Field id="sign-in-code" label={t('sign-in.code')} fault={null}>
            <Input
              id="sign-in-code"
              autoComplete="one-time-code"
              autoFocus
              maxLength={32}
              size="large"
              className="mono code-input"
              value={code}
              aria-describedby="sign-in-code-hint"
              onChange={(event) => setCode(event.target.value)}
              data-testid="sign-in-code"
            />
            <p id="sign-in-code-hint" className="muted small">
              {t('sign-in.code-hint')} {asked.data?.codes === 'some' && t('sign-in.code-none')}
            </p>
          </Field>
        )}
        <div className="credential-buttons">
          {step === 2 && (
            <Button size="large" onClick={() => setStep(1)}>
              {t('sign-in.back')}
            </Button>
          )}
          <Button
            type="primary"
            htmlType="submit"
            size="large"
            block
            loading={signIn.isPending}
            data-testid="sign-in-submit"
          >
            {step === 1 && hasSecondStep ? t('sign-in.next') : submitText}
          </Button>
        </div>
      </form>
    </>
  )
}

function useSignIn(lastName: string | null, refused: () => void) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async (body: SignIn) => {
      const answer = await request<SessionAnswer>('POST', '/api/session', body)
      // Nothing of one person's is shown to another, not for a moment.
      if (answer.name !== lastName)
        cache.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
      cache.setQueryData(sessionQuery.queryKey, answer)
      tellOtherTabs('session')
    },
    onError: refused,
  })
}

interface FieldProps {
  readonly id: string
  readonly label: string
  readonly fault: string | null
  readonly children: ReactNode
}

function Field({ id, label, fault, children }: FieldProps): ReactNode {
  return (
    <div className="credential-field">
      <label htmlFor={id}>{label}</label>
      {children}
      {fault !== null && (
        <p className="field-fault" role="alert">
          {fault}
        </p>
      )}
    </div>
  )
}
