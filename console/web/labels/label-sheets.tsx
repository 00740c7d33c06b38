/** Labels as they are printed, page by page: the same on the screen, in millimetres. */
import { LEVEL_NAMES } from '@shoukou/protocol/levels.ts'
import type { ReactNode } from 'react'
import type { LabelContent, LabelJob } from '../../ledger/label-content.ts'
import { type LabelSize, labelSize, placeLabels } from '../../ledger/label-layout.ts'
import { labelMark } from '../../ledger/print-mark.ts'
import { labelTexts } from './label-type.ts'
import { QrCode } from './qr-code.tsx'

interface Props {
  readonly job: LabelJob
  /** Of each label: 1 is the first. */
  readonly copies: readonly number[]
}

export function LabelSheets({ job, copies }: Props): ReactNode {
  const size = labelSize(job.size)
  if (size === null) return null
  const [used = []] = placeLabels(size, job.start - 1, 1)
  return (
    <div className={`print-sheets label-sheets labels-${size.key}`} lang="zh-CN">
      {placeLabels(size, job.labels.length, job.start).map((places, page) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a page is its place.
        <div key={page} className="label-page" data-testid="label-page">
          {page === 0 &&
            used.map(({ label, leftMm, topMm }) => (
              <div
                key={`used ${label}`}
                className="label-place label-used"
                aria-hidden="true"
                style={{ left: `${leftMm}mm`, top: `${topMm}mm` }}
              />
            ))}
          {places.map(({ label, leftMm, topMm }) => {
            const content = job.labels[label]
            return content === undefined ? null : (
              <div
                key={label}
                className="label-place"
                style={{ left: `${leftMm}mm`, top: `${topMm}mm` }}
                data-testid="label"
                data-number={content.number}
              >
                <LabelView size={size} label={content} unit={job.unit} copy={copies[label] ?? 1} />
              </div>
            )
          })}
        </div>
      ))}
    </div>
  )
}

interface LabelProps {
  readonly size: LabelSize
  readonly label: LabelContent
  readonly unit: string
  readonly copy: number
}

function LabelView({ size, label, unit, copy }: LabelProps): ReactNode {
  const { number, lines, unit: head } = labelTexts(size.key, label, unit)
  const names = label.level === null ? null : LEVEL_NAMES[label.level]
  return (
    <div className="tag">
      <div className={`tag-level tag-${label.level ?? 'none'}`}>
        {Array.from(names?.zh ?? '未定').map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the letters of one word, below each other.
          <span key={at}>{one}</span>
        ))}
        <small>{names?.tag ?? '—'}</small>
      </div>
      <div className="tag-unit">{head}</div>
      <div className="tag-text">
        <div className="tag-number" style={{ fontSize: `${number.pt}pt` }}>
          {number.lines.map((line) => (
            <div key={line}>{line}</div>
          ))}
        </div>
        {lines.map((line) => (
          <div key={line} className="tag-line">
            <bdi>{line}</bdi>
          </div>
        ))}
      </div>
      <div className="tag-code">
        <QrCode text={labelMark(label.kind, label.level, label.number)} title={label.number} />
        {copy > 1 && <div className="tag-copy">补打 第{copy}张</div>}
      </div>
    </div>
  )
}
