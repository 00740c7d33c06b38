/** The kernel's own counters of each net, and whether they add up. */
import type { ReactNode } from 'react'
import type { NetworkAnswer } from '../../api/contract-network.ts'
import { useText } from '../i18n/use-text.ts'
import { formatCount } from '../show/format.ts'
import { TimeView } from '../show/time-view.tsx'
import { checkTotals } from './net-check.ts'

type Total = NetworkAnswer['totals'][number]

export function TotalsTable({ totals }: { readonly totals: readonly Total[] }): ReactNode {
  const { t, language } = useText()
  const coarse = totals.find(({ net }) => net === 'conntrack' || net === 'socket-sweep')?.net
  return (
    <>
      <p className="muted above-table">{t('net.totals-why')}</p>
      {(coarse === 'conntrack' || coarse === 'socket-sweep') && (
        <p className="note above-table" data-testid="coarse-net">
          {t(`net.coarse-${coarse}`)}
        </p>
      )}
      <table className="grid-table totals" data-testid="totals">
        <thead>
          <tr>
            <th scope="col">{t('net.net')}</th>
            {columns.map((name) => (
              <th scope="col" key={name} className="number">
                {t(`net.${name}`)}
              </th>
            ))}
            <th scope="col">{t('net.check')}</th>
          </tr>
        </thead>
        <tbody>
          {totals.toSorted(byNet).map((one) => (
            <tr key={one.net} data-testid="total" data-net={one.net}>
              <th scope="row">
                {t(`value.net.${one.net}`)}
                <div className="under">
                  <TimeView ms={one.wallMs} />
                </div>
              </th>
              {columns.map((name) => (
                <td key={name} className="number">
                  {formatCount(one.totals[name], language)}
                </td>
              ))}
              <td>
                <Check total={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

const order: readonly Total['net'][] = ['socket', 'conntrack', 'socket-sweep', 'packet']
const byNet = (a: Total, b: Total) => order.indexOf(a.net) - order.indexOf(b.net)
const columns = ['counted', 'approved', 'prohibited', 'reported', 'lost', 'refused'] as const

function Check({ total: { totals } }: { readonly total: Total }): ReactNode {
  const { t, language } = useText()
  const check = checkTotals(totals)
  if (check.state === 'adds-up')
    return (
      <span className="check check-adds-up" data-testid="check" data-state={check.state}>
        <span aria-hidden="true">✓</span>{' '}
        {t('net.adds-up', {
          reported: formatCount(totals.reported, language),
          lost: formatCount(totals.lost, language),
          prohibited: formatCount(totals.prohibited, language),
        })}
      </span>
    )
  return (
    <span className={`check check-${check.state}`} data-testid="check" data-state={check.state}>
      <span aria-hidden="true">{check.state === 'under-way' ? '…' : '✕'}</span>{' '}
      {check.state === 'under-way' ? t('net.adds-up-later', { count: check.count }) : t('net.adds-up-not')}
    </span>
  )
}
