/** What the label on the medium's case says; it is printed, on record, from the page of labels. */
import { LEVEL_NAMES } from '@shoukou/protocol/levels.ts'
import type { ReactNode } from 'react'
import type { MediumItem } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { useSession } from '../session/session-context.ts'
import { formatDay } from '../show/format.ts'

export function MediumLabel({ medium }: { readonly medium: MediumItem }): ReactNode {
  const { t, language } = useText()
  const unit = useSession()?.console.unit ?? ''
  const { zh, en } = LEVEL_NAMES[medium.level]
  return (
    <>
      <div className={`label-sheet label-${medium.level}`} data-testid="medium-label">
        <p className="label-unit">
          <bdi>{unit}</bdi>
        </p>
        <div className="label-main">
          <span className="label-level">
            <span lang="zh-CN">{zh}</span>
            <span lang="en" className="label-level-en">
              {en}
            </span>
          </span>
          <bdi className="mono label-number">{medium.number}</bdi>
        </div>
        <dl className="label-facts">
          <dt>{t('medium.custodian')}</dt>
          <dd>
            <bdi>{medium.custodian}</bdi>
          </dd>
          <dt>{t('medium.department')}</dt>
          <dd>
            <bdi>{medium.department}</bdi>
          </dd>
          <dt>{t('medium.right')}</dt>
          <dd>{t(`value.right.${medium.right}`)}</dd>
          {medium.validUntilMs !== null && (
            <>
              <dt>{t('medium.valid-until')}</dt>
              <dd>{formatDay(medium.validUntilMs, language)}</dd>
            </>
          )}
        </dl>
      </div>
    </>
  )
}
