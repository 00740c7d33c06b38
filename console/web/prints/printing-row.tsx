/** One printing as a row among the others of a history: what was printed, which copy, by whom, and why once more. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Printing } from '../../api/contract-registers.ts'
import { useText } from '../i18n/use-text.ts'
import { TimeView } from '../show/time-view.tsx'

export function PrintingRow({ printing }: { readonly printing: Printing }): ReactNode {
  const { t, tryT } = useText()
  return (
    <tr data-testid="history-printing">
      <td>
        <TimeView ms={printing.at} />
      </td>
      <td className="nowrap">
        <bdi>{printing.account}</bdi>
      </td>
      <td>{t('prints.event', { what: tryT(`prints.what.${printing.what}`) ?? printing.what })}</td>
      <td>
        <Link to={`/prints/${printing.print}`}>
          {printing.number !== null && (
            <>
              <bdi className="mono">{printing.number}</bdi>{' '}
            </>
          )}
          {t('prints.copy-now', { n: printing.copy })}
        </Link>
      </td>
      <td>{printing.reason === '' ? '—' : <bdi>{printing.reason}</bdi>}</td>
    </tr>
  )
}

/** Puts printings among what else was done, newest first; of one moment, printings come before. */
export function withPrintings<Event extends { readonly at: number }>(
  history: readonly Event[],
  printings: readonly Printing[],
): readonly ({ readonly event: Event } | { readonly printing: Printing })[] {
  const all = [
    ...printings.map((printing) => ({ at: printing.at, row: { printing } })),
    ...history.map((event) => ({ at: event.at, row: { event } })),
  ]
  return all.toSorted((a, b) => b.at - a.at).map(({ row }) => row)
}
