/** One act that two people must want: the sentence first, then who, why and until when; its very payload one click away. */
import { Button } from 'antd'
import type { ReactNode } from 'react'
import type { ActItem } from '../../api/contract-access.ts'
import { useText } from '../i18n/use-text.ts'
import { formatDuration } from '../show/format.ts'
import { PrintFold } from '../show/print-fold.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'
import type { Decision } from './decide-dialog.tsx'

interface Props {
  readonly act: ActItem
  readonly onDecide: (act: ActItem, decision: Decision) => void
}

export function ActCard({ act, onDecide }: Props): ReactNode {
  const { t, pick } = useText()
  const { may, whyNot } = act
  return (
    <article className="panel act" data-testid="act" data-act={act.act} data-id={act.id}>
      <header className="act-head">
        <span className="muted">{t('acts.number', { id: act.id })}</span>
        <span className="act-kind">{t(`acts.act.${act.act}`)}</span>
        <ActState act={act} />
      </header>
      <h2 className="act-words">
        <bdi>{pick(act.words)}</bdi>
      </h2>
      <dl className="head-facts">
        <div>
          <dt>{t('acts.asked')}</dt>
          <dd>
            <Person account={act.askedBy} person={act.person} /> · <TimeView ms={act.askedAt} />
          </dd>
        </div>
        <div>
          <dt>{t('acts.reason')}</dt>
          <dd>
            <RawTextView text={act.reason} isPlain />
          </dd>
        </div>
        {act.decision === null && (
          <div>
            <dt>{t('acts.expires')}</dt>
            <dd>
              <TimeView ms={act.expiresAt} /> <Left until={act.expiresAt} />
            </dd>
          </div>
        )}
      </dl>
      <Came act={act} />
      <PrintFold summary={t('acts.payload')}>
        <p className="act-payload">
          <RawTextView text={act.payload} isPlain />
        </p>
        <p className="muted small act-payload">
          {t('acts.hash')} <code>{act.hash}</code>
        </p>
      </PrintFold>
      {act.decision === null && (
        <p className="acts act-buttons no-print">
          {may.agree && (
            <Button type="primary" onClick={() => onDecide(act, 'agree')} data-testid="act-agree">
              {t('acts.agree')}
            </Button>
          )}
          {may.refuse && (
            <Button onClick={() => onDecide(act, 'refuse')} data-testid="act-refuse">
              {t('acts.refuse')}
            </Button>
          )}
          {may.withdraw && (
            <Button onClick={() => onDecide(act, 'withdraw')} data-testid="act-withdraw">
              {t('acts.withdraw')}
            </Button>
          )}
          {whyNot !== null && whyNot !== 'decided' && (
            <span className="muted" data-testid="act-why-not" data-why={whyNot}>
              {t(`acts.why-not.${whyNot}`)}
            </span>
          )}
        </p>
      )}
    </article>
  )
}

function ActState({ act: { decision, outcome } }: Pick<Props, 'act'>): ReactNode {
  const { t } = useText()
  if (decision === null) return null
  const came =
    decision.kind !== 'agreed'
      ? null
      : outcome === null
        ? t('acts.running')
        : t(outcome.result === 'done' ? 'acts.done' : 'acts.failed')
  const kind = outcome?.result === 'failed' ? 'failed' : decision.kind
  return (
    <span className={`act-state act-${kind}`} data-testid="act-state" data-state={kind}>
      {t(`acts.state.${decision.kind}`)}
      {came !== null && ` · ${came}`}
    </span>
  )
}

/** Who decided, why, and what came of it. */
function Came({ act: { decision, outcome } }: Pick<Props, 'act'>): ReactNode {
  const { t } = useText()
  if (decision === null) return null
  return (
    <p className="act-came">
      {t(`acts.state.${decision.kind}`)}:{' '}
      {decision.by === '' ? t('acts.by-console') : <Person account={decision.by} person={decision.person} />}{' '}
      · <TimeView ms={decision.at} />
      {decision.reason !== '' && (
        <>
          {' '}
          · <RawTextView text={decision.reason} isPlain />
        </>
      )}
      {outcome?.result === 'failed' && (
        <span className="note">
          {' '}
          {t('acts.failed')}: <RawTextView text={outcome.detail} isPlain />
        </span>
      )}
    </p>
  )
}

function Person({ account, person }: { readonly account: string; readonly person: string }): ReactNode {
  return (
    <>
      <RawTextView text={account} isPlain />
      {person !== '' && (
        <span className="muted">
          {' '}
          (<RawTextView text={person} isPlain />)
        </span>
      )}
    </>
  )
}

function Left({ until }: { readonly until: number }): ReactNode {
  const { t, language } = useText()
  const left = until - useConsoleNow()
  if (left <= 0) return null
  return <span className="muted">{t('acts.left', { time: formatDuration(left, language) })}</span>
}
