/** What stands around the links: leases, wireless, sharing, sockets. */
import type { Lease, Sharing, SocketSeen, WirelessState } from '@shoukou/protocol/network/shapes.ts'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { named, PeerView, ProgramView, protocolName } from './network-words.tsx'

export function LeasesTable({ leases }: { readonly leases: readonly Lease[] }): ReactNode {
  const text = useText()
  const { t } = text
  return (
    <table className="grid-table leases" data-testid="leases">
      <thead>
        <tr>
          <th scope="col">{t('net.lease-address')}</th>
          <th scope="col">{t('net.lease-server')}</th>
          <th scope="col">{t('net.lease-gave')}</th>
          <th scope="col">{t('net.lease-times')}</th>
          <th scope="col">{t('net.lease-source')}</th>
        </tr>
      </thead>
      <tbody>
        {leases.map((one, at) => (
          <tr key={at}>
            <th scope="row">
              <bdi className="mono">{one.address ?? '—'}</bdi>
              <div className="under">
                {one.interfaceName !== null && named(text, 'net.over', one.interfaceName)}
              </div>
            </th>
            <td>
              <bdi className="mono">{one.server ?? '—'}</bdi>
            </td>
            <td>
              <ul className="value-list">
                {[...new Set([...one.routers, ...one.dnsServers])].map((address) => (
                  <li key={address}>
                    <bdi className="mono">{address}</bdi>
                  </li>
                ))}
              </ul>
            </td>
            <td>
              {one.obtainedAtMs !== null && <TimeView ms={one.obtainedAtMs} />}
              {one.expiresAtMs !== null && (
                <div>
                  <TimeView ms={one.expiresAtMs} />
                </div>
              )}
            </td>
            <td>
              <RawTextView text={one.source} isPlain />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function WirelessTable({ wireless }: { readonly wireless: readonly WirelessState[] }): ReactNode {
  const { t, tryT } = useText()
  return (
    <table className="grid-table" data-testid="wireless">
      <thead>
        <tr>
          <th scope="col">{t('net.interface')}</th>
          <th scope="col">{t('net.wireless-mode')}</th>
          <th scope="col">SSID</th>
          <th scope="col">BSSID</th>
        </tr>
      </thead>
      <tbody>
        {wireless.map((one) => (
          <tr key={one.interfaceIndex}>
            <th scope="row">
              <RawTextView text={one.interfaceName} isPlain />
            </th>
            <td>
              {tryT(`value.mode.${one.mode}`) ?? <span className="mono">{one.mode}</span>}
              {one.stations.length > 0 && (
                <div className="under">{t('net.stations', { count: one.stations.length })}</div>
              )}
            </td>
            <td>
              {one.ssid === null ? (
                <span className="muted">{t(one.isAssociated ? 'value.unknown' : 'net.not-associated')}</span>
              ) : (
                <RawTextView text={one.ssid} />
              )}
            </td>
            <td>
              <bdi className="mono">{one.bssid ?? '—'}</bdi>
              {one.frequencyMhz !== null && (
                <div className="under">{t('net.mhz', { mhz: one.frequencyMhz })}</div>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function SharingTable({ sharing }: { readonly sharing: readonly Sharing[] }): ReactNode {
  const { t } = useText()
  return (
    <table className="grid-table" data-testid="sharing">
      <thead>
        <tr>
          <th scope="col">{t('net.service')}</th>
          <th scope="col">{t('net.detail')}</th>
          <th scope="col">{t('net.by')}</th>
        </tr>
      </thead>
      <tbody>
        {sharing.map((one, at) => (
          <tr key={at}>
            <th scope="row">{t(`value.service.${one.service}`)}</th>
            <td>
              <RawTextView text={one.detail} isPlain />
            </td>
            <td>
              {one.program === null ? (
                <span className="muted">—</span>
              ) : (
                <ProgramView program={one.program} pid={one.pid} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function SocketsTable({ sockets }: { readonly sockets: readonly SocketSeen[] }): ReactNode {
  const { t, tryT } = useText()
  const { rows, more } = useFirstRows(sockets)
  return (
    <>
      <table className="grid-table" data-testid="sockets">
        <thead>
          <tr>
            <th scope="col">{t('net.protocol')}</th>
            <th scope="col">{t('net.state')}</th>
            <th scope="col">{t('net.local')}</th>
            <th scope="col">{t('net.peer')}</th>
            <th scope="col">{t('net.by')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one, at) => (
            <tr key={at}>
              <th scope="row">
                {one.family === 'packet' ? t('value.family.packet') : protocolName(one.protocol)}
              </th>
              <td>{tryT(`value.socket.${one.state}`) ?? <span className="mono">{one.state}</span>}</td>
              <td>{one.local === null ? '—' : <PeerView peer={one.local} />}</td>
              <td>{one.peer === null ? '—' : <PeerView peer={one.peer} />}</td>
              <td>
                {one.program === null ? (
                  <span className="muted">{t('value.unknown')}</span>
                ) : (
                  <RawTextView text={one.program} isPlain />
                )}
                <div className="under">{one.pid !== null && t('net.pid', { pid: one.pid })}</div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}
