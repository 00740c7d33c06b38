/** The isolation of one computer in full: who ordered it and why, what came of it, and what to do where it failed. */
import { Alert } from 'antd'
import type { ReactNode } from 'react'
import type { Isolation } from '../../api/contract-network.ts'
import { controlWords } from '../computers/control-words.ts'
import { useText } from '../i18n/use-text.ts'
import { ruleWords } from '../media/rule-word.tsx'
import { formatTime } from '../show/format.ts'
import { IsolationMark } from './isolation-state.tsx'

export function IsolationNote({ isolation }: { readonly isolation: Isolation | undefined }): ReactNode {
  const text = useText()
  const { t, language } = text
  if (isolation === undefined || isolation.state === 'released') return null
  const { state, orderedAt, orderedBy, reason, effectAt, detail } = isolation
  const isFailed = state === 'partly' || state === 'refused'
  return (
    <Alert
      type={isFailed ? 'error' : 'info'}
      className="isolation-note"
      data-testid="isolation-note"
      data-state={state}
      title={<IsolationMark isolation={isolation} />}
      description={
        <>
          <p>
            <bdi>
              {orderedBy === ''
                ? t('isolation.by-itself', {
                    time: formatTime(orderedAt, language),
                    cause: ruleWords(text, reason) ?? reason,
                  })
                : t('isolation.by', { who: orderedBy, time: formatTime(orderedAt, language), reason })}
            </bdi>
          </p>
          <p className="muted">
            {effectAt === null
              ? t('isolation.no-effect')
              : t('isolation.effect-at', { time: formatTime(effectAt, language) })}
          </p>
          {detail !== null && (
            <p data-testid="isolation-detail">
              {t('isolation.failed', { detail: controlWords(text, detail) })}
            </p>
          )}
          {isFailed && <p>{t('isolation.remedy-partly')}</p>}
        </>
      }
    />
  )
}
