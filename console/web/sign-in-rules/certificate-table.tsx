/** Certificates on USB keys as a table; with a button to revoke for whoever may. */
import { Button } from 'antd'
import type { ReactNode } from 'react'
import type { CertificateItem } from '../../api/contract-sign-in.ts'
import { useText } from '../i18n/use-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'

interface Props {
  readonly certificates: readonly CertificateItem[]
  /** Of one account: its name is not repeated. */
  readonly isOwn?: boolean
  /** Left out: nobody may revoke here. */
  readonly onRevoke?: (certificate: CertificateItem) => void
}

export function CertificateTable({ certificates, isOwn = false, onRevoke }: Props): ReactNode {
  const { t } = useText()
  return (
    <table className="grid-table" data-testid="certificates">
      <thead>
        <tr>
          {!isOwn && <th scope="col">{t('certificate.account')}</th>}
          <th scope="col">{t('certificate.serial')}</th>
          <th scope="col">{t('certificate.issued')}</th>
          <th scope="col">{t('certificate.expires')}</th>
          <th scope="col">{t('certificate.state')}</th>
          {onRevoke !== undefined && <th scope="col" aria-label={t('certificate.revoke')} />}
        </tr>
      </thead>
      <tbody>
        {certificates.map((one) => (
          <tr key={one.serial} data-testid="certificate-row" data-serial={one.serial}>
            {!isOwn && (
              <th scope="row">
                <RawTextView text={one.account} isPlain />
              </th>
            )}
            <td className="mono small">{one.serial}</td>
            <td>
              <TimeView ms={one.issuedAt} /> <span className="muted">{one.issuedBy}</span>
              {one.reason !== '' && <div className="muted small">{one.reason}</div>}
            </td>
            <td className="nowrap">
              <TimeView ms={one.expiresAt} />
            </td>
            <td>
              <CertificateState certificate={one} />
            </td>
            {onRevoke !== undefined && (
              <td className="nowrap">
                {one.revokedAt === null && (
                  <Button size="small" onClick={() => onRevoke(one)} data-testid="certificate-revoke">
                    {t('certificate.revoke')}
                  </Button>
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function CertificateState({ certificate }: { readonly certificate: CertificateItem }): ReactNode {
  const { t } = useText()
  const now = useConsoleNow()
  const { revokedAt, revokedBy, revokedWhy, expiresAt } = certificate
  if (revokedAt !== null) {
    return (
      <>
        {t('certificate.revoked')} <TimeView ms={revokedAt} /> <span className="muted">{revokedBy}</span>
        {revokedWhy !== null && <div className="muted small">{revokedWhy}</div>}
      </>
    )
  }
  return expiresAt <= now ? t('certificate.expired') : t('certificate.good')
}
