/** A computer's certificates: which holds, since when, until when, and what was before it. */
import type { ReactNode } from 'react'
import type { CertificateView } from '../../api/contract-identity.ts'
import { useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { TimeView } from '../show/time-view.tsx'

export function CertificatesTable({
  certificates,
}: {
  readonly certificates: readonly CertificateView[]
}): ReactNode {
  const { t } = useText()
  const { rows, more } = useFirstRows(certificates)
  return (
    <>
      <table className="grid-table" data-testid="certificates">
        <thead>
          <tr>
            <th scope="col">{t('identity.serial')}</th>
            <th scope="col">{t('identity.state')}</th>
            <th scope="col">{t('identity.issued')}</th>
            <th scope="col">{t('identity.first-used')}</th>
            <th scope="col">{t('identity.not-after')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.serial} data-testid="certificate" data-state={one.state}>
              <th scope="row">
                <bdi className="mono serial">{one.serial}</bdi>
              </th>
              <td>
                <span className={`certificate certificate-${one.state}`}>
                  <span aria-hidden="true">{marks[one.state]}</span> {t(`identity.state.${one.state}`)}
                </span>
                {one.endedAt !== null && (
                  <div className="under">
                    <TimeView ms={one.endedAt} />
                  </div>
                )}
              </td>
              <td>
                <TimeView ms={one.issuedAt} />
                <div className="under">{t(`identity.origin.${one.origin}`)}</div>
              </td>
              <td>
                {one.firstUsedAt === null ? (
                  <span className="muted">{t('identity.never-used')}</span>
                ) : (
                  <TimeView ms={one.firstUsedAt} />
                )}
              </td>
              <td>{one.notAfter === null ? t('value.unknown') : <TimeView ms={one.notAfter} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}

const marks: Readonly<Record<CertificateView['state'], string>> = {
  current: '●',
  issued: '○',
  expired: '◷',
  superseded: '–',
  revoked: '✕',
}
