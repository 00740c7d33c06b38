/** Sign-in: name and password; each refusal says what to do. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import type { ReactNode } from 'react'
import type { SessionAnswer, SignIn as SignInBody } from '../../api/contract.ts'
import { LanguageButton } from '../i18n/language-switch.tsx'
import { useText } from '../i18n/use-text.ts'
import { sessionQuery } from '../server/queries.ts'
import { request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { EntryCard } from './entry-card.tsx'

/** `lastName`: whose session ended on this page, null where nobody was signed in. */
export function SignIn({ lastName }: { readonly lastName: string | null }): ReactNode {
  const text = useText()
  const { t } = text
  const cache = useQueryClient()
  const signIn = useMutation({
    mutationFn: async (body: SignInBody) => {
      const answer = await request<SessionAnswer>('POST', '/api/session', body)
      // Nothing of one person's is shown to another, not for a moment.
      if (answer.name !== lastName)
        cache.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
      cache.setQueryData(sessionQuery.queryKey, answer)
    },
  })
  return (
    <EntryCard title={t('sign-in.title')} extra={<LanguageButton />}>
      {lastName !== null && !signIn.isError && (
        <Alert type="warning" showIcon title={t('sign-in.ended')} className="gap-below" />
      )}
      {signIn.isError && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="gap-below"
          data-testid="sign-in-error"
          title={errorText(text, signIn.error)}
        />
      )}
      <Form<SignInBody>
        layout="vertical"
        requiredMark={false}
        data-testid="sign-in"
        onFinish={(body) => signIn.mutate(body)}
        validateTrigger="onSubmit"
      >
        <Form.Item
          name="name"
          label={t('sign-in.name')}
          rules={[{ required: true, message: t('sign-in.name-missing') }]}
        >
          <Input autoComplete="username" autoFocus maxLength={64} size="large" data-testid="sign-in-name" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('sign-in.password')}
          rules={[{ required: true, message: t('sign-in.password-missing') }]}
        >
          <Input.Password
            autoComplete="current-password"
            maxLength={256}
            size="large"
            data-testid="sign-in-password"
          />
        </Form.Item>
        <Button
          type="primary"
          htmlType="submit"
          size="large"
          block
          loading={signIn.isPending}
          data-testid="sign-in-submit"
        >
          {t('sign-in.submit')}
        </Button>
      </Form>
    </EntryCard>
  )
}
