/** Routes with the gateway's MAC beside them, as far as the neighbours tell it, and rules of routing. */
import type { Route } from '@shoukou/protocol/events/shapes.ts'
import type { Neighbour, RouteRule } from '@shoukou/protocol/network/shapes.ts'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { macOfGateway } from './gateway-mac.ts'

/** `main` of rtnetlink. */
const mainTable = 254

export function RoutesTable({
  routes,
  neighbours,
  testId = 'routes',
}: {
  readonly routes: readonly Route[]
  readonly neighbours: readonly Neighbour[]
  readonly testId?: string
}): ReactNode {
  const { t } = useText()
  const { rows, more } = useFirstRows(routes)
  return (
    <>
      <table className="grid-table routes" data-testid={testId}>
        <thead>
          <tr>
            <th scope="col">{t('net.destination')}</th>
            <th scope="col">{t('net.gateway')}</th>
            <th scope="col">{t('net.gateway-mac')}</th>
            <th scope="col">{t('net.interface')}</th>
            <th scope="col">{t('net.metric')}</th>
            <th scope="col">{t('net.table')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one, at) => (
            <tr key={at} data-testid="route">
              <th scope="row">
                {one.prefixLength === 0 ? (
                  <>
                    {t('net.default')} <span className="muted">{t(`value.family.${one.family}`)}</span>
                  </>
                ) : (
                  <bdi className="mono">
                    {one.destination}/{one.prefixLength}
                  </bdi>
                )}
              </th>
              <td>
                {one.gateway === null ? (
                  <span className="muted">{t('net.gateway-none')}</span>
                ) : (
                  <bdi className="mono">{one.gateway}</bdi>
                )}
              </td>
              <td>
                {one.gateway === null ? (
                  <span className="muted">—</span>
                ) : (
                  <Mac mac={macOfGateway(one, neighbours)} />
                )}
              </td>
              <td>{one.interfaceName !== null && <RawTextView text={one.interfaceName} isPlain />}</td>
              <td>{one.metric ?? <span className="muted">—</span>}</td>
              <td>
                {one.table === mainTable ? <span className="muted">{t('net.main-table')}</span> : one.table}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}

function Mac({ mac }: { readonly mac: string | null }): ReactNode {
  const { t } = useText()
  return mac === null ? (
    <span className="muted">{t('net.mac-unknown')}</span>
  ) : (
    <bdi className="mono mac">{mac}</bdi>
  )
}

export function RulesTable({ rules }: { readonly rules: readonly RouteRule[] }): ReactNode {
  const { t } = useText()
  const { rows, more } = useFirstRows(rules)
  return (
    <>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col" className="w-100">
              {t('net.priority')}
            </th>
            <th scope="col">{t('net.rule-text')}</th>
            <th scope="col">{t('net.table')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one, at) => (
            <tr key={at}>
              <td>
                {one.priority} <span className="muted">{t(`value.family.${one.family}`)}</span>
              </td>
              <td>
                <RawTextView text={one.text} isPlain />
              </td>
              <td>{one.table ?? <span className="muted">—</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}

export function NeighboursTable({ neighbours }: { readonly neighbours: readonly Neighbour[] }): ReactNode {
  const { t, tryT } = useText()
  const { rows, more } = useFirstRows(neighbours)
  return (
    <>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">{t('net.address')}</th>
            <th scope="col">MAC</th>
            <th scope="col">{t('net.neighbour-state')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one, at) => (
            <tr key={at}>
              <th scope="row">
                <bdi className="mono">{one.address}</bdi>
              </th>
              <td>
                <Mac mac={one.mac} />
              </td>
              <td>
                {tryT(`value.neighbour.${one.state}`) ?? <span className="mono">{one.state}</span>}
                {one.isRouter && <span className="muted"> · {t('net.router')}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}
