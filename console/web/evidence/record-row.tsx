/** One record in a timeline: when, what, by which values; everything else and the raw text on demand. */
import { type ReactNode, useMemo, useState } from 'react'
import type { RecordItem } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { ruleWords } from '../media/rule-word.tsx'
import { CopyButton } from '../show/copy-button.tsx'
import { formatBytes, formatClock, formatCount, formatDuration, formatTime } from '../show/format.ts'
import { DocumentView, RawTextView } from '../show/raw-text-view.tsx'
import { EvidenceView } from './evidence-view.tsx'
import { readRecord, summarizeFact } from './read-record.ts'
import type { SummaryPart } from './summary-parts.ts'

interface Props {
  readonly record: RecordItem
  readonly agent: string
  readonly isMarked?: boolean
}

export function RecordRow({ record, agent, isMarked = false }: Props): ReactNode {
  const { t, tryT, language } = useText()
  const [isOpen, setOpen] = useState(false)
  const values = useMemo(() => readRecord(record.raw), [record.raw])
  return (
    <li className={isMarked ? 'record is-marked' : 'record'} aria-current={isMarked ? 'true' : undefined}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <time
            className="record-time"
            dateTime={new Date(record.wallMs).toISOString()}
            title={t('record.both-clocks', {
              computer: formatTime(record.wallMs, language),
              console: formatTime(record.receivedAt, language),
            })}
          >
            {formatClock(record.wallMs)}
          </time>
          <span className="record-kind">
            {tryT(`fact.${record.kind}`) ?? record.kind}
            {isMarked && <span className="this-record">{t('record.this')}</span>}
          </span>
          <span className="record-summary">
            {values !== null && summarizeFact(values.fact).map((part, at) => <Part key={at} part={part} />)}
          </span>
        </summary>
        {isOpen && (
          <div className="record-more">
            <p className="muted">
              {t('record.place', { seq: formatCount(record.seq, language), version: record.policyVersion })} ·{' '}
              {t('record.both-clocks', {
                computer: formatTime(record.wallMs, language),
                console: formatTime(record.receivedAt, language),
              })}
            </p>
            {values !== null && <EvidenceView evidence={values.fact} />}
            <details>
              <summary>{t('proof.raw')}</summary>
              <DocumentView document={record.raw} />
              <div className="raw-actions">
                <CopyButton text={record.raw} label={t('proof.copy-raw')} />
                <a href={rawAddress(agent, record.epoch, record.seq)} download>
                  {t('proof.download')}
                </a>
              </div>
            </details>
          </div>
        )}
      </details>
    </li>
  )
}

/** Where a record's very bytes are. */
export function rawAddress(agent: string, epoch: string, seq: number): string {
  return `/api/records/${encodeURIComponent(agent)}/${encodeURIComponent(epoch)}/${seq}/raw`
}

function Part({ part }: { readonly part: SummaryPart }): ReactNode {
  const { t, tryT, language } = useText()
  switch (part.kind) {
    case 'raw':
      return <RawTextView text={part.text} isPlain />
    case 'code':
      return <span className="mono">{part.text}</span>
    case 'words':
      // A rule that refuses is the violation of that name.
      return (
        <span>
          {tryT(part.key) ?? ruleWords({ tryT }, part.otherwise ?? '') ?? part.otherwise ?? part.key}
        </span>
      )
    case 'bytes':
      return <span>{formatBytes(part.value, language).replace(/ \(.*/, '')}</span>
    case 'duration':
      return <span>{formatDuration(part.value, language)}</span>
    case 'counted':
      return <span>{t(part.key, { count: part.count })}</span>
  }
}
