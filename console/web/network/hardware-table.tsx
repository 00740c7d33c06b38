/** Radios, modems, cameras, microphones: what is there, where, and whether it can be used. */
import type { Hardware } from '@shoukou/protocol/network/shapes.ts'
import type { ReactNode } from 'react'
import type { NetworkAnswer } from '../../api/contract-network.ts'
import { type Text, useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'
import { named } from './network-words.tsx'

type Seen = NetworkAnswer['hardware'][number]

export function HardwareTable({ hardware }: { readonly hardware: readonly Seen[] }): ReactNode {
  const text = useText()
  const { t } = text
  const { rows, more } = useFirstRows(hardware)
  return (
    <>
      <table className="grid-table" data-testid="hardware">
        <thead>
          <tr>
            <th scope="col">{t('net.hardware-kind')}</th>
            <th scope="col">{t('net.hardware-what')}</th>
            <th scope="col">{t('net.hardware-state')}</th>
            <th scope="col">{t('net.hardware-names')}</th>
            <th scope="col">{t('net.seen-at')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ hardware: one, wallMs }, at) => (
            <tr key={at} data-testid="hardware-row" data-kind={one.kind} data-state={one.state}>
              <th scope="row">{t(`value.kind.${one.kind}`)}</th>
              <td>
                <What one={one} text={text} />
              </td>
              <td>
                <HardwareState one={one} />
              </td>
              <td>
                {one.names.length === 0 ? (
                  <span className="muted">{t('value.none')}</span>
                ) : (
                  <ul className="value-list">
                    {one.names.map((name, index) => (
                      <li key={index}>
                        <RawTextView text={name} isPlain />
                      </li>
                    ))}
                  </ul>
                )}
              </td>
              <td>
                <TimeView ms={wallMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}

function What({ one, text }: { readonly one: Hardware; readonly text: Text }): ReactNode {
  return (
    <>
      {one.model === null ? (
        <span className="muted">{text.t('value.unknown')}</span>
      ) : (
        <RawTextView text={one.model} isPlain />
      )}
      <div className="under">
        <span>{text.t(`value.bus.${one.bus}`)}</span>
        {one.busPath !== null && <RawTextView text={one.busPath} isPlain />}
        {one.vendorId !== null && (
          <span className="mono">
            {one.vendorId}:{one.productId ?? '----'}
          </span>
        )}
        {one.driver !== null && named(text, 'net.driver', one.driver)}
      </div>
    </>
  )
}

/** Usable is amber with a filled square; present and disabled is in order and says so. */
function HardwareState({ one }: { readonly one: Hardware }): ReactNode {
  const { t, tryT } = useText()
  return (
    <span className={`hardware-state hardware-${one.state}`}>
      <span aria-hidden="true">{stateMarks[one.state]}</span>{' '}
      {one.state === 'blocked' ? t('net.compliant') : t(`value.state.${one.state}`)}
      {one.detail !== null && (
        <div className="under">
          {tryT(`value.detail.${one.detail}`) ?? <span className="mono">{one.detail}</span>}
        </div>
      )}
    </span>
  )
}

const stateMarks: Readonly<Record<Hardware['state'], string>> = {
  on: '■',
  blocked: '⊘',
  'no-driver': '□',
  unknown: '?',
}
