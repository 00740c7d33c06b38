/** Connections of one program, as the kernel counted them: to whom, how often, when, how sure, and by which rule. */
import type { Flow } from '@shoukou/protocol/network/shapes.ts'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { TimeView } from '../show/time-view.tsx'
import { ConfidenceWord, DestinationRule, named, PeerView, protocolName } from './network-words.tsx'

export function FlowsTable({ flows }: { readonly flows: readonly Flow[] }): ReactNode {
  const text = useText()
  const { t } = text
  const { rows, more } = useFirstRows(flows)
  return (
    <>
      <table className="grid-table flows" data-testid="flows">
        <thead>
          <tr>
            <th scope="col">{t('net.peer')}</th>
            <th scope="col">{t('net.act')}</th>
            <th scope="col">{t('net.count')}</th>
            <th scope="col">{t('net.rule')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one, at) => (
            <tr key={at} data-testid="flow">
              <th scope="row">
                <PeerView peer={one.peer} />
                <div className="under">
                  <span>{protocolName(one.protocol)}</span>
                  {one.interface !== null && named(text, 'net.over', one.interface)}
                </div>
              </th>
              <td>
                {t(`value.flow.${one.act}`)}
                <div className="under">
                  {one.pid !== null && <span>{t('net.pid', { pid: one.pid })}</span>}
                  {one.local !== null && (
                    <span>
                      {t('net.local')} <PeerView peer={one.local} />
                    </span>
                  )}
                </div>
              </td>
              <td>
                <strong>{t('net.times', { count: one.count })}</strong>
                {one.refused > 0 && <div>{t('net.refused-of', { count: one.refused })}</div>}
                <div className="under">
                  <TimeView ms={one.firstWallMs} />
                  {one.lastWallMs !== one.firstWallMs && <TimeView ms={one.lastWallMs} />}
                </div>
              </td>
              <td>
                <DestinationRule rule={one.rule} />
                <div>
                  <ConfidenceWord confidence={one.confidence} />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}
