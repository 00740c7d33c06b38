/** The medium that a violation is about, where its examination left a passport: one click from here into the register. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Link } from 'react-router'
import type { SeenMedium } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { PassportBrief } from '../media/medium-words.tsx'
import { isOnlyClaim } from '../media/seen-identity.ts'
import { violationMediumQuery } from '../server/media-queries.ts'
import { useMay } from '../session/session-context.ts'

const RegisterDialog = lazy(async () => ({
  default: (await import('../media/register-dialog.tsx')).RegisterDialog,
}))

export function ViolationMedium({ id }: { readonly id: number }): ReactNode {
  const { t } = useText()
  const mayRead = useMay('media.read')
  const mayWrite = useMay('media.write')
  const [registering, setRegistering] = useState<SeenMedium | null>(null)
  // A violation without a medium has none to offer; that the question failed takes nothing from the evidence.
  const query = useQuery({ ...violationMediumQuery(String(id)), enabled: mayRead, retry: false })
  const seen = query.data?.media.find((one) => one.passport !== null)
  const passport = seen?.passport ?? null
  if (seen === undefined || passport === null) return null
  return (
    <div className="violation-medium no-print" data-testid="violation-medium">
      <PassportBrief passport={passport} />
      <span className="muted">
        {seen.isPresent ? t('violation.medium-present') : t('violation.medium-gone')}
      </span>
      <span className="top-space" />
      {seen.number !== null ? (
        <Link to={`/media/${encodeURIComponent(seen.number)}`}>
          {t(isOnlyClaim(seen) ? 'violation.medium-claims' : 'violation.medium-registered', {
            number: seen.number,
          })}
        </Link>
      ) : (
        mayWrite &&
        seen.record !== null && (
          <Button
            type="primary"
            size="small"
            onClick={() => setRegistering(seen)}
            data-testid="register-this"
          >
            {t('register.this')}
          </Button>
        )
      )}
      <Suspense>
        {registering !== null && <RegisterDialog seen={registering} onClose={() => setRegistering(null)} />}
      </Suspense>
    </div>
  )
}
