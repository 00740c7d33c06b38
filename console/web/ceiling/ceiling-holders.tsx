/** Who signed the ceiling in force, when it was brought, and which daily keys it vouches for until when. */
import type { ReactNode } from 'react'
import type { CeilingAnswer } from '../../api/contract-ceiling.ts'
import { useText } from '../i18n/use-text.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'

type InForce = NonNullable<CeilingAnswer['inForce']>

const day = 86_400_000
/** The vouching is renewed by two people: they are asked in time. */
const soonMs = 45 * day

export function CeilingHolders({
  inForce,
  dailyKey,
}: {
  readonly inForce: InForce
  readonly dailyKey: CeilingAnswer['dailyKey']
}): ReactNode {
  const { t } = useText()
  const { ceiling, signedBy } = inForce
  return (
    <section className="panel" aria-labelledby="ceiling-signed">
      <h2 id="ceiling-signed">{t('ceiling.signed')}</h2>
      <table className="facts">
        <tbody>
          <tr>
            <th scope="row">{t('ceiling.unit')}</th>
            <td>
              <RawTextView text={ceiling.unit} isPlain />
            </td>
          </tr>
          <tr>
            <th scope="row">{t('ceiling.written')}</th>
            <td>
              <TimeView ms={ceiling.issuedAtMs} />
            </td>
          </tr>
          <tr>
            <th scope="row">{t('ceiling.signed-by')}</th>
            <td>
              <ul className="plain">
                {signedBy.map(({ keyId, holder }) => (
                  <li key={keyId}>
                    <RawTextView text={holder} isPlain />{' '}
                    <span className="mono muted">{keyId.slice(0, 16)}</span>
                  </li>
                ))}
              </ul>
              <p className="muted small">
                {t('ceiling.threshold', { needed: ceiling.threshold, count: ceiling.keys.length })}
              </p>
            </td>
          </tr>
          <tr>
            <th scope="row">{t('ceiling.brought')}</th>
            <td>
              <TimeView ms={inForce.broughtAt} /> · <RawTextView text={inForce.broughtBy} isPlain />
              <p className="muted small">
                <RawTextView text={inForce.reason} isPlain />
              </p>
            </td>
          </tr>
          <tr>
            <th scope="row">{t('ceiling.daily-keys')}</th>
            <td>
              <DailyKeys ceiling={ceiling} own={dailyKey.publicKey} />
            </td>
          </tr>
          <tr>
            <th scope="row">{t('ceiling.digest')}</th>
            <td className="mono small">{inForce.digest}</td>
          </tr>
        </tbody>
      </table>
    </section>
  )
}

function DailyKeys({
  ceiling,
  own,
}: {
  readonly ceiling: InForce['ceiling']
  readonly own: string
}): ReactNode {
  const { t } = useText()
  const now = useConsoleNow()
  return (
    <ul className="plain">
      {ceiling.dailyKeys.map(({ publicKey, fromMs, untilMs }) => (
        <li key={publicKey}>
          <span className="mono">{publicKey.slice(-16)}</span>{' '}
          {publicKey === own && <strong>{t('ceiling.own-key')} </strong>}
          <TimeView ms={fromMs} /> – <TimeView ms={untilMs} />
          {now > untilMs ? (
            <span className="fault"> {t('ceiling.key-over')}</span>
          ) : (
            untilMs - now < soonMs && (
              <span className="note">
                {' '}
                {t('ceiling.key-soon', { days: Math.ceil((untilMs - now) / day) })}
              </span>
            )
          )}
        </li>
      ))}
      {!ceiling.dailyKeys.some(({ publicKey }) => publicKey === own) && (
        <li className="fault">{t('ceiling.own-key-missing')}</li>
      )}
    </ul>
  )
}
