/** That it is still the owner who sits there: the password again, and a code where one is in use. */
import { Input } from 'antd'
import type { ReactNode } from 'react'
import type { Prove } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'

interface Props {
  readonly password: string
  /** Null where no code is in use. */
  readonly code: string | null
  readonly onPassword: (password: string) => void
  readonly onCode: (code: string) => void
}

export function ProveFields({ password, code, onPassword, onCode }: Props): ReactNode {
  const { t } = useText()
  return (
    <>
      <div className="credential-field">
        <label htmlFor="prove-password">{t('password.current')}</label>
        <Input.Password
          id="prove-password"
          autoComplete="current-password"
          autoFocus
          maxLength={256}
          value={password}
          onChange={(event) => onPassword(event.target.value)}
          data-testid="prove-password"
        />
      </div>
      {code !== null && (
        <div className="credential-field">
          <label htmlFor="prove-code">{t('set-up.prove-code')}</label>
          <Input
            id="prove-code"
            autoComplete="one-time-code"
            maxLength={32}
            className="mono code-input"
            value={code}
            onChange={(event) => onCode(event.target.value)}
            data-testid="prove-code"
          />
        </div>
      )}
    </>
  )
}

/** Returns the body of a request that proves it. */
export function proofOf(password: string, code: string): Prove {
  const typed = code.trim()
  return { password, ...(typed === '' ? {} : { code: typed }) }
}
