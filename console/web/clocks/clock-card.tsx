/** One clock: what is left, from when it runs and what else it could have run from, what ends it, who ended it. */
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Clock } from '../../api/contract-clocks.ts'
import { useText } from '../i18n/use-text.ts'
import { useMay } from '../session/session-context.ts'
import { formatDuration } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { TimeView } from '../show/time-view.tsx'
import type { ClockAct } from './clock-dialogs.tsx'
import { DueView } from './due-view.tsx'
import { TimeLeft } from './time-left.tsx'

interface Props {
  readonly clock: Clock
  readonly readAtMs: number
  readonly onAct: (act: ClockAct) => void
}

export function ClockCard({ clock, readAtMs, onAct }: Props): ReactNode {
  const { t, pick, language } = useText()
  const { end } = clock
  return (
    <li
      className={`clock-card clock-card-${clock.state}`}
      data-testid="clock"
      data-key={clock.key}
      data-state={clock.state}
    >
      <div className="clock-card-head">
        <h3>{t(`clocks.kind.${clock.kind}`)}</h3>
        <TimeLeft clock={clock} readAtMs={readAtMs} />
      </div>
      <p className="clock-card-what">
        <Link to={`/violations/${clock.violation}`}>{pick(clock.headline)}</Link>{' '}
        <LevelTag level={clock.level} />
        {clock.department !== null && <span className="muted"> {clock.department}</span>}
      </p>
      <dl className="clock-facts">
        <dt>{t('clocks.began')}</dt>
        <dd>
          <ul>
            {clock.candidates.map(({ what, at, account, counts }) => (
              <li key={`${what}-${at}`} className={counts ? 'clock-counts' : 'muted'}>
                {t(`clocks.candidate.${what}`)} <TimeView ms={at} />
                {account !== '' && ` · ${account}`} · {t(counts ? 'clocks.holds' : 'clocks.holds-not')}
              </li>
            ))}
          </ul>
        </dd>
        <dt>{t('clocks.due')}</dt>
        <dd>
          <DueView ms={clock.dueAt} />
          {clock.setBackMs > 0 && (
            <span className="clock-set-back">
              {' '}
              {t('clocks.set-back', { span: formatDuration(clock.setBackMs, language) })}
            </span>
          )}
        </dd>
        <dt>{t('clocks.basis')}</dt>
        <dd>{pick(clock.basis)}</dd>
        <dt>{t('clocks.ends')}</dt>
        <dd>
          {end === null ? (
            <>
              {t(`clocks.ends-with.${clock.endsWith}`)}
              {clock.owed.length > 0 && (
                <strong className="clock-owed" data-testid="clock-owed">
                  {' '}
                  {t('clocks.owed', {
                    who: clock.owed.map((to) => t(`clocks.recipient.${to}`)).join(t('clocks.and')),
                  })}
                </strong>
              )}
            </>
          ) : (
            <>
              {t(`clocks.end.${end.how}`)} · <TimeView ms={end.at} />
              {end.by !== '' && ` · ${end.by}`}
              {clock.state === 'met' && clock.leftMs < 0 && (
                <strong className="clock-late">
                  {' '}
                  {t('clocks.late', { span: formatDuration(-clock.leftMs, language) })}
                </strong>
              )}
            </>
          )}
        </dd>
      </dl>
      <Acts clock={clock} onAct={onAct} />
    </li>
  )
}

function Acts({ clock, onAct }: Omit<Props, 'readAtMs'>): ReactNode {
  const { t } = useText()
  const mayHandle = useMay('violations.handle')
  const mayRead = useMay('records.read')
  const isReport = clock.kind === 'leak-report' || clock.kind === 'leak-result'
  const isOpen = clock.end === null
  return (
    <div className="clock-acts">
      {mayHandle && isOpen && isReport && (
        <Button
          type={clock.kind === 'leak-report' ? 'primary' : 'default'}
          onClick={() =>
            onAct({
              act: 'report',
              violation: clock.violation,
              what: clock.kind === 'leak-report' ? 'report' : 'result',
              owed: clock.owed,
            })
          }
          data-testid="clock-report"
        >
          {t(clock.kind === 'leak-report' ? 'clocks.do-report' : 'clocks.do-result')}
        </Button>
      )}
      {mayRead && clock.kind === 'leak-report' && (
        <Link className="clock-form-link" to={`/clocks/${clock.violation}/report`} data-testid="clock-form">
          {t('clocks.form')}
        </Link>
      )}
      {mayHandle && isOpen && (
        <Button
          onClick={() => onAct({ act: 'rectification', violation: clock.violation })}
          data-testid="clock-rectify"
        >
          {t('clocks.do-rectification')}
        </Button>
      )}
      <Button type="text" onClick={() => onAct({ act: 'history', violation: clock.violation })}>
        {t('clocks.history')}
      </Button>
    </div>
  )
}
