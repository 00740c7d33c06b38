/** Why a target stands still though nobody paused it: whose word is missing, since when, and what to do. */
import { Alert } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Target } from '../../api/contract-forwarding.ts'
import { useText } from '../i18n/use-text.ts'
import { useMay } from '../session/session-context.ts'
import { formatList } from '../show/format.ts'
import { TimeView } from '../show/time-view.tsx'

export function TargetAgreementNote({
  agreement,
}: {
  readonly agreement: NonNullable<Target['agreement']>
}): ReactNode {
  const { t, language } = useText()
  const maySeeActs = useMay('acts.read')
  const { proposal, askedAt, askedBy, expiresAt, mayAgree } = agreement
  const names = formatList(mayAgree, language)
  return (
    <Alert
      type="warning"
      showIcon
      data-testid="target-agreement"
      title={t('forward.agreement')}
      description={
        <>
          {askedAt === null || askedBy === null ? (
            <p>{t('forward.agreement-not-asked')}</p>
          ) : (
            <p>
              {t('forward.agreement-asked', { account: askedBy })} <TimeView ms={askedAt} />
              {expiresAt !== null && (
                <>
                  {' '}
                  {t('forward.agreement-until')} <TimeView ms={expiresAt} />
                </>
              )}
            </p>
          )}
          <p data-testid="target-may-agree">
            {mayAgree.length === 0
              ? t('forward.agreement-nobody')
              : t('forward.agreement-by', { accounts: names })}{' '}
            {proposal !== null && maySeeActs && (
              <Link to="/acts">{t('forward.agreement-act', { id: proposal })}</Link>
            )}
          </p>
        </>
      }
    />
  )
}
