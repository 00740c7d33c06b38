/** A one-time password, or one past its time, must go before anything else is shown. */
import { Button } from 'antd'
import type { ReactNode } from 'react'
import type { SessionAnswer } from '../../api/contract.ts'
import { LanguageButton } from '../i18n/language-switch.tsx'
import { useText } from '../i18n/use-text.ts'
import { EntryCard } from './entry-card.tsx'
import { NewPasswordForm } from './new-password-form.tsx'
import { SignOutButton } from './sign-out-button.tsx'

export function ChangePassword({ session }: { readonly session: SessionAnswer }): ReactNode {
  const { t } = useText()
  const isExpired = session.signIn.password === 'expired'
  return (
    <EntryCard title={t(isExpired ? 'password.title-expired' : 'password.title')} extra={<LanguageButton />}>
      <p>{t(isExpired ? 'password.why-expired' : 'password.why', { name: session.name })}</p>
      <NewPasswordForm session={session}>
        {({ isReady, isPending }) => (
          <div className="row-apart">
            <SignOutButton />
            <Button
              type="primary"
              htmlType="submit"
              disabled={!isReady}
              loading={isPending}
              data-testid="password-submit"
            >
              {t('password.submit')}
            </Button>
          </div>
        )}
      </NewPasswordForm>
    </EntryCard>
  )
}
