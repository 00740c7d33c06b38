/** What a medium is recognised by: each fact, how long it lasts, and what it weighs. */
import { isPlaceholderSerial } from '@shoukou/protocol/media/placeholder-serials.ts'
import type { Passport } from '@shoukou/protocol/media/shapes.ts'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { formatBytes } from '../show/format.ts'
import { RawTextView } from '../show/raw-text-view.tsx'
import { type PassportRow, type PassportValue, passportRows } from './passport-rows.ts'
import { weightOfField } from './passport-weights.ts'

/** What only one piece has, unless its maker burnt the same into all. */
const numberFields = new Set(['usb.serial', 'diskSerial', 'wwn'])

export function PassportTable({ passport }: { readonly passport: Passport }): ReactNode {
  const { t } = useText()
  return (
    <table className="grid-table passport" data-testid="passport">
      <thead>
        <tr>
          <th scope="col" className="passport-fact">
            {t('passport.fact')}
          </th>
          <th scope="col">{t('passport.value')}</th>
          <th scope="col" className="passport-lasts">
            {t('passport.lasts')}
          </th>
          <th scope="col" className="w-100">
            {t('passport.weight')}
          </th>
        </tr>
      </thead>
      <tbody>
        {passportRows(passport).map((row) => (
          <Row
            key={`${row.field}.${row.partition ?? ''}`}
            row={row}
            vendorId={passport.usb?.vendorId ?? null}
          />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly row: PassportRow
  readonly vendorId: string | null
}

function Row({ row, vendorId }: RowProps): ReactNode {
  const { t, tryT } = useText()
  const weight = weightOfField(row.field)
  const isEmptySerial =
    numberFields.has(row.field) &&
    row.values.some((value) => value.kind === 'raw' && isPlaceholderSerial(value.text, vendorId))
  return (
    <tr>
      <th scope="row">
        {tryT(`passport.${row.field}`) ?? row.field}
        {row.partition !== null && row.partition > 0 && (
          <span className="muted"> {t('passport.partition', { number: row.partition })}</span>
        )}
      </th>
      <td>
        {row.values.length === 0 ? (
          <span className="muted">{t('passport.not-had')}</span>
        ) : (
          <span className="passport-values">
            {row.values.map((value, at) => (
              <Value key={at} value={value} />
            ))}
            {isEmptySerial && <span className="note">{t('evidence.serial-placeholder')}</span>}
          </span>
        )}
      </td>
      <td className="muted">{weight === null ? '—' : t(`passport.lasts.${weight.stability}`)}</td>
      <td>
        {weight === null || row.values.length === 0 ? (
          '—'
        ) : (
          <Weight weight={isEmptySerial ? 0 : weight.weight} />
        )}
      </td>
    </tr>
  )
}

function Value({ value }: { readonly value: PassportValue }): ReactNode {
  const { language } = useText()
  switch (value.kind) {
    case 'raw':
      return <RawTextView text={value.text} />
    case 'code':
      return <code className="mono wrap">{value.text}</code>
    case 'bytes':
      return <span>{formatBytes(value.bytes, language)}</span>
  }
}

/** The number, and a bar beside it for the eye. */
export function Weight({ weight }: { readonly weight: number }): ReactNode {
  return (
    <span className="weight">
      <meter min={0} max={100} value={weight} aria-hidden="true" />
      {weight}
    </span>
  )
}
