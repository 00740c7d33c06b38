/** What was printed: one line a printing. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { PrintListItem } from '../../api/contract-prints.ts'
import { useText } from '../i18n/use-text.ts'
import { TimeView } from '../show/time-view.tsx'
import { entryAddress } from './print-address.ts'

export function PrintsTable({ prints }: { readonly prints: readonly PrintListItem[] }): ReactNode {
  const { t } = useText()
  return (
    <table className="grid-table">
      <thead>
        <tr>
          <th scope="col">{t('prints.col-what')}</th>
          <th scope="col">{t('prints.col-number')}</th>
          <th scope="col">{t('prints.col-items')}</th>
          <th scope="col">{t('prints.col-runs')}</th>
          <th scope="col">{t('prints.col-at')}</th>
          <th scope="col">{t('prints.col-by')}</th>
          <th scope="col">{t('prints.col-back')}</th>
        </tr>
      </thead>
      <tbody>
        {prints.map((one) => (
          <tr key={one.id} data-testid="print-row">
            <th scope="row">
              <Link to={`/prints/${one.id}`}>{t(`prints.what.${one.what}`)}</Link>
            </th>
            <td>{one.number === null ? '—' : <bdi className="mono">{one.number}</bdi>}</td>
            <td>
              {one.items.map((item) => (
                <span key={`${item.kind} ${item.number}`}>
                  <Link to={entryAddress(item)}>
                    <bdi className="mono">{item.number}</bdi>
                  </Link>{' '}
                </span>
              ))}
              {one.itemsTotal > one.items.length && t('prints.items-more', { n: one.itemsTotal })}
            </td>
            <td>{one.runs}</td>
            <td className="nowrap">
              <TimeView ms={one.lastAt} />
            </td>
            <td>
              <bdi>{one.account}</bdi>
            </td>
            <td>{one.number === null ? '—' : t(one.isReturned ? 'prints.returned' : 'prints.waits')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
