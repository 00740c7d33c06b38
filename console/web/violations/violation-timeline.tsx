/** What the computer recorded around a violation; the nearest first, the rest on demand. */
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import type { ViolationDetail } from '../../api/contract.ts'
import { RecordRow } from '../evidence/record-row.tsx'
import { useText } from '../i18n/use-text.ts'
import { timelineWindow } from './timeline-window.ts'

export function ViolationTimeline({ detail }: { readonly detail: ViolationDetail }): ReactNode {
  const { t } = useText()
  const [isWhole, setWhole] = useState(false)
  const { violation, proof, timeline } = detail
  if (timeline.length === 0) return <p className="muted">{t('violation.no-timeline')}</p>
  const marked = timeline.findIndex((one) => one.epoch === proof?.epoch && one.seq === proof.seq)
  const part = timelineWindow(timeline, marked, violation.occurredAt)
  const { first, end } = isWhole ? { first: 0, end: timeline.length } : part
  const hidden = timeline.length - (end - first)
  return (
    <>
      <ol className="timeline" data-testid="timeline">
        {timeline.slice(first, end).map((record, at) => (
          <RecordRow
            key={`${record.epoch}.${record.seq}`}
            record={record}
            agent={violation.agent}
            isMarked={first + at === marked}
          />
        ))}
      </ol>
      {hidden > 0 && (
        <Button type="link" size="small" onClick={() => setWhole(true)} data-testid="timeline-all">
          {t('violation.more-records', { count: hidden })}
        </Button>
      )}
    </>
  )
}
