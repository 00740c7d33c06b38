/** The history of an entry, newest first: who, when, what from what to what, and why. It is never edited. */
import type { ReactNode } from 'react'
import type { LedgerEvent, Printing } from '../../api/contract-registers.ts'
import type { Kind } from '../../ledger/fields.ts'
import { useText } from '../i18n/use-text.ts'
import { historyChanges } from '../media/history-changes.ts'
import { PrintingRow, withPrintings } from '../prints/printing-row.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { EntryValue, fieldWords, useWords } from './entry-value.tsx'

export function EntryHistory({
  kind,
  history,
  printings,
}: {
  readonly kind: Kind
  readonly history: readonly LedgerEvent[]
  readonly printings: readonly Printing[]
}): ReactNode {
  const { t } = useText()
  return (
    <table className="grid-table" data-testid="entry-history">
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
            <EventRow key={`${row.event.at}.${at}`} kind={kind} event={row.event} />
          ),
        )}
      </tbody>
    </table>
  )
}

function EventRow({ kind, event }: { readonly kind: Kind; readonly event: LedgerEvent }): ReactNode {
  const { t } = useText()
  return (
    <tr>
      <td>
        <TimeView ms={event.at} />
      </td>
      <td className="nowrap">
        <bdi>{event.account}</bdi>
      </td>
      <td className="nowrap">{t(`registers.event.${event.kind}`)}</td>
      <td>
        <Changes kind={kind} event={event} />
      </td>
      <td>
        <bdi>{event.reason}</bdi>
      </td>
    </tr>
  )
}

function Changes({ kind, event }: { readonly kind: Kind; readonly event: LedgerEvent }): ReactNode {
  const { t } = useText()
  const say = useWords()
  const rows = historyChanges(event.changes)
  if (rows === null) return <RawTextView text={event.changes} />
  const isFirst = event.kind === 'registered' || event.kind === 'imported'
  return (
    <ul className="value-list">
      {rows.map(({ field, before, after }) => (
        <li key={field}>
          <span className="muted">
            {field === 'officer' ? t('registers.officer') : say(fieldWords(kind, field))}
          </span>{' '}
          {!isFirst && (
            <>
              <EntryValue kind={kind} field={field} value={before} /> →{' '}
            </>
          )}
          <EntryValue kind={kind} field={field} value={after} />
        </li>
      ))}
    </ul>
  )
}
