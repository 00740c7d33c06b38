/** The one-time password must go before anything else is shown; the rule is checked as one types. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { SessionAnswer } from '../../api/contract.ts'
import { LanguageButton } from '../i18n/language-switch.tsx'
import { useText } from '../i18n/use-text.ts'
import { sessionQuery } from '../server/queries.ts'
import { ApiError, request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { EntryCard } from './entry-card.tsx'
import { missingDemands, passwordDemands } from './password-rule.ts'

export function ChangePassword({ session }: { readonly session: SessionAnswer }): ReactNode {
  const text = useText()
  const { t } = text
  const cache = useQueryClient()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const missing = missingDemands(next, current)
  const differs = again !== '' && again !== next
  const change = useMutation({
    mutationFn: async () => {
      const answer = await request<SessionAnswer>('POST', '/api/session/password', { current, next })
      cache.setQueryData(sessionQuery.queryKey, answer)
    },
  })
  const leave = useMutation({
    mutationFn: () => request('DELETE', '/api/session'),
    onSettled: () => cache.setQueryData(sessionQuery.queryKey, null),
  })
  const mayAsk = current !== '' && missing.length === 0 && again === next
  const isWrong = change.error instanceof ApiError && change.error.code === 'sign-in-refused'
  return (
    <EntryCard title={t('password.title')} extra={<LanguageButton />}>
      <p>{t('password.why', { name: session.name })}</p>
      {change.isError && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="gap-below"
          title={isWrong ? t('password.current-wrong') : errorText(text, change.error)}
        />
      )}
      <Form
        layout="vertical"
        requiredMark={false}
        data-testid="change-password"
        onFinish={() => mayAsk && change.mutate()}
      >
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
            {passwordDemands.map((demand) => {
              const isMet = !missing.includes(demand)
              return (
                <li key={demand} className={isMet ? 'met' : 'unmet'}>
                  <span aria-hidden="true">{isMet ? '✓' : '○'}</span> {t(`password.demand.${demand}`)}
                  <span className="sr-only">{isMet ? t('password.met') : t('password.unmet')}</span>
                </li>
              )
            })}
          </ul>
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
        <div className="row-apart">
          <Button onClick={() => leave.mutate()}>{t('frame.sign-out')}</Button>
          <Button
            type="primary"
            htmlType="submit"
            disabled={!mayAsk}
            loading={change.isPending}
            data-testid="password-submit"
          >
            {t('password.submit')}
          </Button>
        </div>
      </Form>
    </EntryCard>
  )
}
