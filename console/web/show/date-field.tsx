/**
 * A day, or a minute of a day, as every form asks for it: the component kit's own picker, whose calendar opens beside the field
 * and in the reader's language; what is typed counts as what is picked. Not for moments that are only shown: `time-view.tsx`.
 */
import { ConfigProvider, DatePicker } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
// The kit names its locale, and the calendar's weeks begin and its months are called as this one says.
import 'dayjs/locale/zh-cn.js'
import { type ReactNode, useContext, useMemo } from 'react'
import { dialogHome } from '../frame/dialog-home.ts'
import '../styles/date-field.css'

interface Props {
  /** `2026-11-22`, or with minutes `2026-11-22T08:30`; in the reader's own time zone. Empty, null, left out: none. */
  readonly value?: string | null
  /** Empty: taken out. */
  readonly onChange?: (value: string) => void
  /** The first and the last that may be chosen, written as values are; left out: 1900 and 2199. */
  readonly min?: string
  readonly max?: string
  readonly disabled?: boolean
  /** Given by the form: what the label names, and what the error text describes. */
  readonly id?: string
  readonly 'aria-label'?: string
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: boolean | 'true' | 'false'
  readonly 'aria-required'?: boolean | 'true' | 'false'
  readonly 'data-testid'?: string
}

/** What is shown comes first; the others are what people type as well, from the keyboard or off a sheet of paper. */
const dayFormats = ['YYYY-MM-DD', 'YYYY-M-D', 'YYYYMMDD', 'YYYY/M/D', 'YYYY.M.D', 'YYYY年M月D日']
const minuteFormats = dayFormats.map((day) => `${day} ${day === 'YYYY-MM-DD' ? 'HH:mm' : 'H:mm'}`)
const firstDay = '1900-01-01'
const lastDay = '2199-12-31'

/** Asks for a day. */
export function DateField(props: Props): ReactNode {
  return <Picker {...props} formats={dayFormats} kept="YYYY-MM-DD" />
}

/** Asks for a minute of a day. */
export function MinuteField(props: Props): ReactNode {
  return <Picker {...props} formats={minuteFormats} kept="YYYY-MM-DDTHH:mm" hasTime />
}

interface PickerProps extends Props {
  readonly formats: string[]
  readonly kept: string
  readonly hasTime?: boolean
}

function Picker({ value, onChange, min, max, formats, kept, hasTime, ...field }: PickerProps): ReactNode {
  const words = useContext(ConfigProvider.ConfigContext).locale?.DatePicker
  // Buttons of year and month are named by what stands on them: "2026" is not called "choose a year".
  const locale = useMemo(
    () =>
      words === undefined
        ? undefined
        : { ...words, lang: { ...words.lang, yearSelect: '', monthSelect: '' } },
    [words],
  )
  return (
    <DatePicker
      {...field}
      {...(locale === undefined ? {} : { locale })}
      className="date-field"
      getPopupContainer={dialogHome}
      value={momentOf(value)}
      onChange={(picked: Dayjs | null) => onChange?.(picked === null ? '' : picked.format(kept))}
      format={formats}
      minDate={momentOf(min) ?? dayjs(firstDay)}
      maxDate={momentOf(max) ?? dayjs(lastDay)}
      {...(hasTime === true ? { showTime: { format: 'HH:mm' } } : {})}
      // What was typed or picked stays when the field is left, as in every other field.
      needConfirm={false}
      // Its button would take this computer's clock, and the console's is the one that counts.
      showNow={false}
      autoComplete="off"
    />
  )
}

/** Null: none, or no day at all. */
function momentOf(value: string | null | undefined): Dayjs | null {
  if (value === undefined || value === null || value === '') return null
  const moment = dayjs(value)
  return moment.isValid() ? moment : null
}
