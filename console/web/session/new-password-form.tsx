/** Current password, new one, new one again; the rule is checked as one types. The console decides. */
import { missingPasswordDemands, PASSWORD_DEMANDS } from '@shoukou/protocol/password-rule.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { SessionAnswer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { sessionQuery } from '../server/queries.ts'
import { ApiError, request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'

export interface FormState {
  readonly isReady: boolean
  readonly isPending: boolean
}

interface Props {
  readonly session: Pick<SessionAnswer, 'name' | 'signIn'>
  readonly onDone?: () => void
  /** What stands below the fields: it holds the button that submits. */
  readonly children: (state: FormState) => ReactNode
}

export function NewPasswordForm({ session, onDone, children }: Props): ReactNode {
  const text = useText()
  const { t } = text
  const cache = useQueryClient()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const charactersMin = session.signIn.passwordCharactersMin
  const words = session.signIn.passwordWords
  const missing = missingPasswordDemands(next, { name: session.name, current, charactersMin, words })
  const differs = again !== '' && again !== next
  const change = useMutation({
    mutationFn: async () => {
      const answer = await request<SessionAnswer>('POST', '/api/session/password', { current, next })
      cache.setQueryData(sessionQuery.queryKey, answer)
    },
    ...(onDone === undefined ? {} : { onSuccess: onDone }),
  })
  const isReady = current !== '' && missing.length === 0 && again === next
  const isWrong = change.error instanceof ApiError && change.error.code === 'sign-in-refused'
  return (
    <Form
      layout="vertical"
      requiredMark={false}
      data-testid="change-password"
      onFinish={() => isReady && change.mutate()}
    >
      {change.isError && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="gap-below"
          data-testid="password-error"
          title={isWrong ? t('password.current-wrong') : errorText(text, change.error)}
        />
      )}
      <Form.Item label={t('password.current')} htmlFor="password-current">
        <Input.Password
          id="password-current"
          autoComplete="current-password"
          autoFocus
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
          data-testid="password-current"
        />
      </Form.Item>
      <Form.Item label={t('password.next')} htmlFor="password-next">
        <Input.Password
          id="password-next"
          autoComplete="new-password"
          maxLength={256}
          value={next}
          aria-describedby="password-rule"
          onChange={(event) => setNext(event.target.value)}
          data-testid="password-next"
        />
        <ul id="password-rule" className="demands">
          {PASSWORD_DEMANDS.map((demand) => {
            const isMet = !missing.includes(demand)
            return (
              <li key={demand} className={isMet ? 'met' : 'unmet'}>
                <span aria-hidden="true">{isMet ? '✓' : '○'}</span>{' '}
                {t(`password.demand.${demand}`, { count: charactersMin })}
                <span className="sr-only">{isMet ? t('password.met') : t('password.unmet')}</span>
              </li>
            )
          })}
        </ul>
        <p className="muted small">{t('password.not-before')}</p>
      </Form.Item>
      <Form.Item
        label={t('password.again')}
        htmlFor="password-again"
        {...(differs ? { validateStatus: 'error' as const, help: t('password.differs') } : {})}
      >
        <Input.Password
          id="password-again"
          autoComplete="new-password"
          maxLength={256}
          value={again}
          onChange={(event) => setAgain(event.target.value)}
          data-testid="password-again"
        />
      </Form.Item>
      {children({ isReady, isPending: change.isPending })}
    </Form>
  )
}
