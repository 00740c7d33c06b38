/** The whole network of one moment, in the order in which it is asked: what is there, the ways out, who is beside it. */
import type { Picture } from '@shoukou/protocol/network/shapes.ts'
import type { ReactNode } from 'react'
import { type MessageKey, useText } from '../i18n/use-text.ts'
import { formatCount } from '../show/format.ts'
import { PrintFold } from '../show/print-fold.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { InterfacesTable } from './interfaces-table.tsx'
import { NeighboursTable, RoutesTable, RulesTable } from './routes-table.tsx'
import { LeasesTable, SharingTable, SocketsTable, WirelessTable } from './services-tables.tsx'

/** The picture behind one line, as proof beside a finding. */
export function PictureFold({ picture }: { readonly picture: Picture }): ReactNode {
  const { t, language } = useText()
  return (
    <PrintFold
      testId="picture"
      summary={t('net.picture-fold', {
        interfaces: formatCount(picture.interfaces.length, language),
        routes: formatCount(picture.routes.length, language),
        sockets: formatCount(picture.sockets.length, language),
      })}
    >
      <PictureView picture={picture} />
    </PrintFold>
  )
}

function PictureView({ picture }: { readonly picture: Picture }): ReactNode {
  const { t } = useText()
  const { interfaces, routes, neighbours, rules, sockets } = picture
  return (
    <div className="picture">
      <PictureGaps picture={picture} />
      <p>
        <span className="muted">{t('net.session')}</span>{' '}
        {picture.sessionAccount === null ? (
          t('net.session-none')
        ) : (
          <RawTextView text={picture.sessionAccount} isPlain />
        )}
      </p>
      <PicturePart title="net.interfaces" none="net.interfaces-none" items={interfaces}>
        <InterfacesTable interfaces={interfaces} />
      </PicturePart>
      <PicturePart title="net.all-routes" none="net.ways-out-none" items={routes}>
        <RoutesTable routes={routes} neighbours={neighbours} />
      </PicturePart>
      <PicturePart title="net.neighbours" none="net.neighbours-none" items={neighbours}>
        <NeighboursTable neighbours={neighbours} />
      </PicturePart>
      <PicturePart title="net.rules" none="net.rules-none" items={rules}>
        <RulesTable rules={rules} />
      </PicturePart>
      <ServiceParts picture={picture} />
      <PicturePart title="net.sockets" none="net.sockets-none" items={sockets}>
        <SocketsTable sockets={sockets} />
      </PicturePart>
    </div>
  )
}

/** What the computer was given and what it gives: names, addresses, radio networks, sharing. */
export function ServiceParts({ picture }: { readonly picture: Picture }): ReactNode {
  const { dnsServers, leases, wireless, sharing } = picture
  return (
    <>
      <PicturePart title="net.dns" none="net.none-set" items={dnsServers}>
        <AddressList addresses={dnsServers} />
      </PicturePart>
      <PicturePart title="net.leases" none="net.leases-none" items={leases}>
        <LeasesTable leases={leases} />
      </PicturePart>
      <PicturePart title="net.wireless" none="net.wireless-none" items={wireless}>
        <WirelessTable wireless={wireless} />
      </PicturePart>
      <PicturePart title="net.sharing" none="net.sharing-none" items={sharing}>
        <SharingTable sharing={sharing} />
      </PicturePart>
    </>
  )
}

interface PartProps {
  readonly title: MessageKey
  readonly none: MessageKey
  readonly items: readonly unknown[]
  readonly children: ReactNode
}

/** One part under its heading; an empty one says so in a line. */
export function PicturePart({ title, none, items, children }: PartProps): ReactNode {
  const { t } = useText()
  return (
    <section className="picture-part">
      <h4>{t(title)}</h4>
      {items.length === 0 ? <p className="muted">{t(none)}</p> : children}
    </section>
  )
}

/** What a picture does not hold: never taken for what is not there. */
export function PictureGaps({ picture: { unread, omitted } }: { readonly picture: Picture }): ReactNode {
  const { t, tryT } = useText()
  return (
    <>
      {unread.length > 0 && (
        <p className="note" data-testid="picture-unread">
          {t('net.unread', {
            parts: unread.map((one) => tryT(`picture.part.${one}`) ?? one).join(t('policy.list-join')),
          })}
        </p>
      )}
      {omitted > 0 && <p className="note">{t('net.omitted', { count: omitted })}</p>}
    </>
  )
}

function AddressList({ addresses }: { readonly addresses: readonly string[] }): ReactNode {
  return (
    <ul className="address-list">
      {addresses.map((one) => (
        <li key={one}>
          <bdi className="mono">{one}</bdi>
        </li>
      ))}
    </ul>
  )
}
