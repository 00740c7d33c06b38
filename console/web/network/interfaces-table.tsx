/** Interfaces as they stand: what each is, whether its link is up, its addresses, and the device behind it. */
import type { NetworkInterface } from '@shoukou/protocol/events/shapes.ts'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { mediumOf, named } from './network-words.tsx'

export function InterfacesTable({
  interfaces,
}: {
  readonly interfaces: readonly NetworkInterface[]
}): ReactNode {
  const { t } = useText()
  const { rows, more } = useFirstRows(interfaces)
  return (
    <>
      <table className="grid-table interfaces" data-testid="interfaces">
        <thead>
          <tr>
            <th scope="col">{t('net.name')}</th>
            <th scope="col">{t('net.state')}</th>
            <th scope="col">MAC</th>
            <th scope="col">{t('net.addresses')}</th>
            <th scope="col">{t('net.behind')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <InterfaceRow key={one.index} one={one} />
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}

function InterfaceRow({ one }: { readonly one: NetworkInterface }): ReactNode {
  const { t } = useText()
  const medium = mediumOf(one)
  return (
    <tr data-testid="interface" data-medium={medium}>
      <th scope="row">
        <RawTextView text={one.name} isPlain />
        <div className="under">
          <span>{t(`value.medium.${medium}`)}</span>
          {one.tether !== undefined && one.tether !== null && <span>{t(`value.tether.${one.tether}`)}</span>}
        </div>
      </th>
      <td>
        <LinkWord one={one} />
      </td>
      <td>
        {one.mac === null ? (
          <span className="muted">{t('value.none')}</span>
        ) : (
          <bdi className="mono mac">{one.mac}</bdi>
        )}
        {one.permanentMac !== undefined && one.permanentMac !== null && one.permanentMac !== one.mac && (
          <div className="note">{t('net.own-mac', { mac: one.permanentMac })}</div>
        )}
      </td>
      <td>
        {one.addresses.length === 0 && <span className="muted">{t('net.addresses-none')}</span>}
        <Addresses one={one} />
      </td>
      <td>
        <Behind one={one} />
      </td>
    </tr>
  )
}

const addressesShownMax = 6

function Addresses({ one }: { readonly one: NetworkInterface }): ReactNode {
  const { t } = useText()
  const { rows, more } = useFirstRows(one.addresses, addressesShownMax)
  const omitted = one.addressesOmitted ?? 0
  return (
    <>
      <ul className="value-list">
        {rows.map((address) => (
          <li key={`${address.address}/${address.prefixLength}`}>
            <bdi className="mono">
              {address.address}/{address.prefixLength}
            </bdi>{' '}
            {address.scope !== 'global' && <span className="muted">{t(`value.scope.${address.scope}`)}</span>}
          </li>
        ))}
      </ul>
      {more}
      {omitted > 0 && <p className="note">{t('net.addresses-omitted', { count: omitted })}</p>}
    </>
  )
}

/** Up, down, or switched off: a shape and a word. */
export function LinkWord({ one }: { readonly one: NetworkInterface }): ReactNode {
  const { t } = useText()
  const state = !one.isAdminUp ? 'off' : one.hasCarrier ? 'up' : 'down'
  return (
    <span className={`link link-${state}`} data-state={state}>
      <span aria-hidden="true">{state === 'up' ? '▲' : state === 'down' ? '▽' : '–'}</span>{' '}
      {state === 'off' ? t('net.state-off') : t(`link.${state}`)}
    </span>
  )
}

function Behind({ one }: { readonly one: NetworkInterface }): ReactNode {
  const text = useText()
  const { t } = text
  if (one.nature === 'loopback') return <span className="muted">{t('net.loopback')}</span>
  if (one.busPath === null && one.usbPath === null && one.driver === null)
    return (
      <>
        <span className="muted">{t('net.behind-none')}</span>
        {one.linkKind !== null && (
          <div className="under">
            <RawTextView text={one.linkKind} isPlain />
          </div>
        )}
      </>
    )
  return (
    <>
      {one.busPath !== null && <RawTextView text={one.busPath} isPlain />}
      <div className="under">
        {one.usbPath !== null && named(text, 'net.usb-at', one.usbPath)}
        {one.driver !== null && named(text, 'net.driver', one.driver)}
      </div>
    </>
  )
}
