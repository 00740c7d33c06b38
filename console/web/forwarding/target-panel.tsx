/** One target: its state in words, what waits, the last answer or the last error with its remedy, and what may be done. */
import { useMutation } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Target, TestOutcome } from '../../api/contract-forwarding.ts'
import { useText } from '../i18n/use-text.ts'
import { targetPath } from '../server/keeping-queries.ts'
import { request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { formatCount } from '../show/format.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { TargetAgreementNote } from './target-agreement.tsx'
import { placeOf } from './target-draft.ts'

const TargetAsk = lazy(async () => ({ default: (await import('./target-ask.tsx')).TargetAsk }))

interface Props {
  readonly target: Target
  /** Null: who looks may not change it. */
  readonly onChange: (() => void) | null
}

export function TargetPanel({ target, onChange }: Props): ReactNode {
  const { t } = useText()
  const text = useText()
  const [asked, setAsked] = useState<'pause' | 'resume' | 'remove' | null>(null)
  const test = useMutation({ mutationFn: () => request<TestOutcome>('POST', targetPath(target.id, '/test')) })
  return (
    <section className="panel target" aria-label={target.name} data-testid="target" data-state={target.state}>
      <header className="target-head">
        <h2>
          <RawTextView text={target.name} isPlain />
        </h2>
        <span className="muted">{t(`forward.kind.${target.kind}`)}</span>
        <span className={`target-state target-${target.state}`} data-testid="target-state">
          <span aria-hidden="true">{marks[target.state]}</span> {t(`forward.state.${target.state}`)}
        </span>
        <span className="top-space" />
        {onChange !== null && (
          <span className="target-acts">
            <Button
              size="small"
              loading={test.isPending}
              onClick={() => test.mutate()}
              data-testid="target-test"
            >
              {t('forward.test')}
            </Button>
            <Button size="small" onClick={() => setAsked(target.state === 'paused' ? 'resume' : 'pause')}>
              {t(target.state === 'paused' ? 'forward.resume' : 'forward.pause')}
            </Button>
            <Button size="small" onClick={onChange} data-testid="target-change">
              {t('forward.change')}
            </Button>
            <Button size="small" danger onClick={() => setAsked('remove')}>
              {t('forward.remove')}
            </Button>
          </span>
        )}
      </header>
      {target.agreement !== null && <TargetAgreementNote agreement={target.agreement} />}
      {target.failure !== null && <Failed failure={target.failure} nextTryAt={target.nextTryAt} />}
      {test.data !== undefined && <Tested outcome={test.data} />}
      {test.error !== null && (
        <Alert type="error" showIcon role="alert" title={errorText(text, test.error)} />
      )}
      <Facts target={target} />
      <Suspense>
        {asked !== null && <TargetAsk target={target} act={asked} onClose={() => setAsked(null)} />}
      </Suspense>
    </section>
  )
}

function Facts({ target }: Pick<Props, 'target'>): ReactNode {
  const { t, language } = useText()
  const waiting = formatCount(target.waiting, language)
  return (
    <table className="facts">
      <tbody>
        <tr>
          <th scope="row">{t('forward.place')}</th>
          <td>
            <RawTextView text={placeOf(target.settings)} />{' '}
            {'protection' in target.settings &&
              (target.settings.protection === 'tcp' || target.settings.protection === 'none') && (
                <span className="note">{t('forward.unprotected')}</span>
              )}
          </td>
        </tr>
        <tr>
          <th scope="row">{t('forward.told')}</th>
          <td>
            {target.events.map((event) => t(`forward.event.${event}`)).join(t('forward.comma'))}
            {target.severities.length > 0 &&
              ` (${target.severities.map((one) => t(`severity.${one}`)).join(t('forward.comma'))})`}
            {' · '}
            {t(`forward.content.${target.content}`)}
          </td>
        </tr>
        <tr>
          <th scope="row">{t('forward.waiting')}</th>
          <td data-testid="target-waiting">{target.isWaitingMore ? `> ${waiting}` : waiting}</td>
        </tr>
        <tr>
          <th scope="row">{t('forward.last')}</th>
          <td>
            {target.lastSentAt === null ? t('forward.never') : <TimeView ms={target.lastSentAt} />}
            {target.sent > 0 && (
              <span className="muted">
                {' '}
                · {t('forward.sent', { count: formatCount(target.sent, language) })}
              </span>
            )}
            {target.lastAnswer !== null && target.lastAnswer !== '' && (
              <>
                {' · '}
                <RawTextView text={target.lastAnswer} />
              </>
            )}
          </td>
        </tr>
      </tbody>
    </table>
  )
}

function Failed({
  failure,
  nextTryAt,
}: {
  readonly failure: NonNullable<Target['failure']>
  readonly nextTryAt: number | null
}): ReactNode {
  const { t } = useText()
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="gap-below"
      data-testid="target-failure"
      title={<FailureWords failure={failure} />}
      {...(nextTryAt === null
        ? {}
        : {
            description: (
              <>
                {t('forward.next-try')} <TimeView ms={nextTryAt} /> {t('forward.nothing-lost')}
              </>
            ),
          })}
    />
  )
}

function Tested({ outcome }: { readonly outcome: TestOutcome }): ReactNode {
  const { t } = useText()
  const { failure, answer, tookMs } = outcome
  return (
    <Alert
      type={outcome.isSent ? 'success' : 'error'}
      showIcon
      role="status"
      className="gap-below"
      data-testid="target-tested"
      title={
        failure === null ? (
          <>
            {t('forward.tested', { ms: tookMs })}{' '}
            {answer === '' ? t('forward.no-answer') : <RawTextView text={answer} />}
          </>
        ) : (
          <>
            {t('forward.test-failed')} <FailureWords failure={failure} />
          </>
        )
      }
    />
  )
}

function FailureWords({ failure }: { readonly failure: NonNullable<Target['failure']> }): ReactNode {
  const { t, tryT } = useText()
  return (
    <>
      {tryT(`forward.failure.${failure.code}`) ?? t('forward.failure.failed')}{' '}
      {failure.detail !== '' && <RawTextView text={failure.detail} />}
    </>
  )
}

const marks: Readonly<Record<Target['state'], string>> = {
  idle: '✓',
  sending: '→',
  waiting: '…',
  failing: '✕',
  paused: '‖',
}
