/** One finding: the sentence first, then what to do, then who does it. */
import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { Finding } from '../../api/contract-findings.ts'
import { useText } from '../i18n/use-text.ts'
import { findingEventsQuery } from '../server/findings-queries.ts'
import { formatTime } from '../show/format.ts'
import { QueryError } from '../show/query-states.tsx'
import { SeverityMark } from '../show/severity-mark.tsx'
import { AgeView } from '../show/time-view.tsx'
import { findingAddress, findingSentence } from './finding-words.ts'

interface Props {
  readonly finding: Finding
  readonly mayAct: boolean
  readonly isChosen: boolean
  readonly onChoose: (isOn: boolean) => void
  readonly onTake: (act: 'take' | 'release') => void
  readonly onAsk: (act: 'note' | 'snooze') => void
}

export function FindingRow({ finding, mayAct, isChosen, onChoose, onTake, onAsk }: Props): ReactNode {
  const text = useText()
  const { t, language } = text
  const [isOpen, setOpen] = useState(false)
  const address = findingAddress(finding)
  const number = <bdi className="mono">{finding.number}</bdi>
  return (
    <li className="panel finding" data-testid="finding" data-kind={finding.kind} data-number={finding.number}>
      {mayAct && (
        <Checkbox
          checked={isChosen}
          onChange={({ target }) => onChoose(target.checked)}
          aria-label={t('findings.choose', { number: finding.number })}
        />
      )}
      <div className="finding-what">
        <p className="finding-head">
          <SeverityMark severity={finding.severity} />
          {address === null ? number : <Link to={address}>{number}</Link>}
          <strong>
            <bdi>{findingSentence(finding, text)}</bdi>
          </strong>
        </p>
        <p className="finding-do">{t(`findings.do.${finding.kind}`)}</p>
        <p className="muted small">
          {t('findings.since')} <AgeView ms={finding.since} />
          {finding.department !== null && (
            <>
              {' · '}
              <bdi>{finding.department}</bdi>
            </>
          )}
          {finding.reopened > 0 && <> · {t('findings.reopened', { count: finding.reopened })}</>}
          {finding.resolvedAt !== null && (
            <> · {t('findings.resolved-at', { time: formatTime(finding.resolvedAt, language) })}</>
          )}
          {finding.snoozedUntil !== null && (
            <>
              {' · '}
              <span data-testid="finding-rests">
                {t('findings.rests', {
                  time: formatTime(finding.snoozedUntil, language),
                  reason: finding.snoozeReason,
                })}
              </span>
            </>
          )}
        </p>
        {finding.note !== '' && (
          <p className="finding-note">
            <span className="muted">{t('findings.note')}</span> <bdi>{finding.note}</bdi>
          </p>
        )}
        {isOpen && <Events id={finding.id} />}
      </div>
      <div className="finding-acts">
        <span className="finding-taker" data-testid="finding-taker">
          {finding.takenBy === null ? (
            <span className="muted">{t('findings.nobody')}</span>
          ) : (
            t('findings.taken', { who: finding.takenBy })
          )}
        </span>
        <div className="finding-buttons">
          {mayAct && (
            <>
              <Button
                size="small"
                onClick={() => onTake(finding.takenBy === null ? 'take' : 'release')}
                data-testid="finding-take"
              >
                {t(finding.takenBy === null ? 'findings.take' : 'findings.release')}
              </Button>
              <Button size="small" onClick={() => onAsk('note')} data-testid="finding-note">
                {t('findings.note-add')}
              </Button>
              <Button size="small" onClick={() => onAsk('snooze')} data-testid="finding-snooze">
                {t('findings.snooze')}
              </Button>
            </>
          )}
          <Button size="small" type="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {t('findings.history')}
          </Button>
        </div>
      </div>
    </li>
  )
}

function Events({ id }: { readonly id: string }): ReactNode {
  const { t, tryT, language } = useText()
  const query = useQuery(findingEventsQuery(id))
  return (
    <>
      <QueryError query={query} />
      <ol className="finding-events small">
        {(query.data?.events ?? []).map((one, at) => (
          <li key={`${one.at}-${at}`}>
            <span className="muted">{formatTime(one.at, language)}</span>{' '}
            {one.account === null ? t('findings.by-itself') : <bdi>{one.account}</bdi>}{' '}
            {tryT(`findings.event.${one.kind}`) ?? one.kind} <bdi>{one.text}</bdi>
          </li>
        ))}
      </ol>
    </>
  )
}
