/** The history of a registered medium, newest first: who, when, what from what to what, and why. It is never edited. */
import { LEVELS } from '@shoukou/protocol/levels.ts'
import type { ReactNode } from 'react'
import type { MediumEvent } from '../../api/contract-media.ts'
import type { Printing } from '../../api/contract-registers.ts'
import { useText } from '../i18n/use-text.ts'
import { PrintingRow, withPrintings } from '../prints/printing-row.tsx'
import { formatDay, formatTime } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { historyChanges } from './history-changes.ts'

export function MediumHistory({
  history,
  printings,
}: {
  readonly history: readonly MediumEvent[]
  readonly printings: readonly Printing[]
}): ReactNode {
  const { t } = useText()
  return (
    <table className="grid-table" data-testid="medium-history">
      <thead>
        <tr>
          <th scope="col">{t('audit.at')}</th>
          <th scope="col">{t('audit.account')}</th>
          <th scope="col">{t('audit.action')}</th>
          <th scope="col">{t('medium.what-changed')}</th>
          <th scope="col">{t('policy.reason')}</th>
        </tr>
      </thead>
      <tbody>
        {withPrintings(history, printings).map((row, at) =>
          'printing' in row ? (
            <PrintingRow key={`${row.printing.at}.${at}`} printing={row.printing} />
          ) : (
            <EventRow key={`${row.event.at}.${at}`} event={row.event} />
          ),
        )}
      </tbody>
    </table>
  )
}

function EventRow({ event }: { readonly event: MediumEvent }): ReactNode {
  const { t } = useText()
  return (
    <tr>
      <td>
        <TimeView ms={event.at} />
      </td>
      <td className="nowrap">
        <bdi>{event.account}</bdi>
      </td>
      <td className="nowrap">{t(`medium.event.${event.kind}`)}</td>
      <td>
        <Changes changes={event.changes} />
      </td>
      <td>{event.reason === '' ? '—' : <bdi>{event.reason}</bdi>}</td>
    </tr>
  )
}

function Changes({ changes }: { readonly changes: string }): ReactNode {
  const { tryT } = useText()
  const rows = historyChanges(changes)
  if (rows === null) return <RawTextView text={changes} />
  if (rows.length === 0) return '—'
  return (
    <ul className="value-list">
      {rows.map(({ field, before, after }) => (
        <li key={field}>
          <span className="muted">{tryT(`medium.field.${field}`) ?? field}</span>{' '}
          <Value field={field} value={before} /> → <Value field={field} value={after} />
        </li>
      ))}
    </ul>
  )
}

function Value({ field, value }: { readonly field: string; readonly value: unknown }): ReactNode {
  const { t, tryT, language } = useText()
  if (value === null || value === undefined || value === '') {
    if (field === 'computers' && value === null) return t('medium.all-computers')
    if (field === 'users' && value === null) return t('medium.all-users')
    return <span className="muted">{t('value.none')}</span>
  }
  const level = LEVELS.find((one) => one === value)
  if (level !== undefined && field === 'level') return <LevelTag level={level} />
  // Days are days here as in the form that they were filled in with.
  if (typeof value === 'number' && /^(validFrom|validUntil|dueBack)Ms$/.test(field))
    return formatDay(value, language)
  if (typeof value === 'number' && /(Ms|At)$/.test(field)) return formatTime(value, language)
  if (typeof value === 'string') {
    const words =
      tryT(`medium.${field}.${value}`) ?? (field === 'right' ? tryT(`value.right.${value}`) : null)
    return words ?? <RawTextView text={value} isPlain />
  }
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return <RawTextView text={value.join(' ')} isPlain />
  return <RawTextView text={JSON.stringify(value)} isPlain />
}
