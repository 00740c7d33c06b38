/** A slip's verdict in one sentence, and what is worth knowing beside it. */
import type { ReactNode } from 'react'
import type { Slip } from '../../api/contract-bundles.ts'
import { useText } from '../i18n/use-text.ts'
import { formatCount } from '../show/format.ts'

export function SlipSentence({ slip }: { readonly slip: Slip }): ReactNode {
  const { t, language } = useText()
  const count = (value: number) => formatCount(value, language)
  const isEmpty = slip.recordsNew === 0 && slip.recordsKnown === 0
  const place =
    slip.faultAtByte === null
      ? ''
      : slip.faultChunk === null
        ? t('bundles.at-byte', { byte: count(slip.faultAtByte) })
        : t('bundles.at-chunk', { byte: count(slip.faultAtByte), chunk: count(slip.faultChunk) })
  const why = slip.fault === null ? '' : t(`bundles.fault.${slip.fault}`, { host: slip.consoleHost ?? '?' })
  return (
    <span className={`slip-verdict slip-${slip.verdict}`} data-testid="slip-sentence">
      {t(`bundles.sentence.${slip.verdict === 'taken' && isEmpty ? 'taken-empty' : slip.verdict}`, {
        new: count(slip.recordsNew),
        known: count(slip.recordsKnown),
        why,
      })}
      {place !== '' && ` ${place}`}
    </span>
  )
}

export function SlipNotes({ slip }: { readonly slip: Slip }): ReactNode {
  const { t } = useText()
  if (slip.notes.length === 0) return null
  return (
    <ul className="slip-notes">
      {slip.notes.map(({ code, from, to }) => (
        <li key={code}>
          {t(`bundles.note.${code}`, {
            numbers: from === null ? '' : from === to ? String(from) : `${from}–${to ?? from}`,
          })}
        </li>
      ))}
    </ul>
  )
}
