/** What began and has not ended: in words, about what, how sure, since when, and what was done. */
import type { RawText } from '@shoukou/protocol/raw-text.ts'
import type { ReactNode } from 'react'
import type { NetworkAnswer } from '../../api/contract-network.ts'
import { isRawBytes } from '../evidence/evidence-sections.ts'
import { useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { AgeView, TimeView } from '../show/time-view.tsx'
import { ConfidenceWord, named } from './network-words.tsx'

type Condition = NetworkAnswer['conditions'][number]

export function ConditionsTable({ conditions }: { readonly conditions: readonly Condition[] }): ReactNode {
  const text = useText()
  const { t, tryT } = text
  const { rows, more } = useFirstRows(conditions)
  return (
    <>
      <table className="grid-table" data-testid="conditions">
        <thead>
          <tr>
            <th scope="col">{t('net.condition')}</th>
            <th scope="col">{t('net.about')}</th>
            <th scope="col">{t('net.since')}</th>
            <th scope="col">{t('net.confidence')}</th>
            <th scope="col">{t('net.outcome')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => {
            const name = rawTextOf(one.interfaceName)
            const about = rawTextOf(one.text)
            return (
              <tr key={one.key} data-testid="condition" data-condition={one.condition}>
                <th scope="row">{t(`value.condition.${one.condition}`)}</th>
                <td>
                  {about !== null && <RawTextView text={about} />}
                  <div className="under">{name !== null && named(text, 'net.over', name)}</div>
                  {about === null && name === null && <span className="muted">—</span>}
                </td>
                <td>
                  <AgeView ms={one.wallMs} />
                  <div className="under">
                    <TimeView ms={one.wallMs} />
                  </div>
                </td>
                <td>
                  <ConfidenceWord confidence={one.confidence} />
                </td>
                <td>
                  {one.outcome === null ? (
                    <span className="muted">{t('net.outcome-none')}</span>
                  ) : (
                    <span className={`outcome outcome-${one.outcome}`}>
                      {tryT(`value.outcome.${one.outcome}`) ?? one.outcome}
                    </span>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {more}
    </>
  )
}

/** The contract leaves these open; anything but a text that was observed is not shown as one. */
export function rawTextOf(value: unknown): RawText | null {
  return typeof value === 'string' || isRawBytes(value) ? value : null
}
