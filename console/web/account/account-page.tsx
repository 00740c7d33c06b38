/** One's own account: password, second factor, USB keys, sessions. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { ownAccountQuery } from '../server/sign-in-queries.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { CertificateTable } from '../sign-in-rules/certificate-table.tsx'
import { PasswordPanel } from './password-panel.tsx'
import { SecondFactorPanel } from './second-factor-panel.tsx'
import { SessionsPanel } from './sessions-panel.tsx'

export function AccountPage(): ReactNode {
  const { t } = useText()
  const query = useQuery(ownAccountQuery)
  const account = query.data
  return (
    <div className="page" data-testid="account-page">
      <header className="page-head">
        <h1>{t('account.title')}</h1>
        {account !== undefined && (
          <span className="muted">
            <bdi>{account.name}</bdi> · {t(`role.${account.role}`)}
          </span>
        )}
      </header>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={5} />}
      {account !== undefined && (
        <div className="account-panels">
          <PasswordPanel account={account} />
          <SecondFactorPanel account={account} />
          <section className="panel wide" aria-labelledby="own-certificates">
            <h2 id="own-certificates">{t('account.certificates')}</h2>
            {account.isCertificateDemanded && (
              <p className="note gap-below">{t('account.certificate-demanded')}</p>
            )}
            {account.certificates.length === 0 ? (
              <p className="muted">{t('account.certificates-none')}</p>
            ) : (
              <CertificateTable certificates={account.certificates} isOwn />
            )}
          </section>
          <SessionsPanel account={account} />
        </div>
      )}
    </div>
  )
}
