/** Where on a sheet the first label goes: the sheet in small, with what is used, what will be printed, and what stays free. */
import type { ReactNode } from 'react'
import { type LabelSize, labelsPerPage } from '../../ledger/label-layout.ts'
import { useText } from '../i18n/use-text.ts'

interface Props {
  readonly size: LabelSize
  readonly start: number
  readonly count: number
  readonly onChange: (start: number) => void
}

export function StartPicker({ size, start, count, onChange }: Props): ReactNode {
  const { t } = useText()
  const columns = size.sheet?.columns ?? 1
  return (
    <fieldset className={`prints-start prints-start-${columns}`} aria-label={t('prints.start')}>
      {Array.from({ length: labelsPerPage(size) }, (_, at) => at + 1).map((place) => (
        <button
          key={place}
          type="button"
          aria-pressed={place === start}
          className={place < start ? 'is-used' : place < start + count ? 'is-filled' : ''}
          aria-label={t('prints.start-at', {
            row: Math.ceil(place / columns),
            column: ((place - 1) % columns) + 1,
          })}
          onClick={() => onChange(place)}
          data-testid={`start-${place}`}
        >
          {place < start ? '' : place}
        </button>
      ))}
    </fieldset>
  )
}
