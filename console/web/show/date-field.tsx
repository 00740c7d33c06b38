/**
 * A day, or a minute of a day, as every form asks for it: the component kit's own picker, whose calendar opens beside the field
 * and in the reader's language; what is typed counts as what is picked. Not for moments that are only shown: `time-view.tsx`.
 */
import { ConfigProvider, DatePicker } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
// The kit names its locale, and the calendar's weeks begin and its months are called as this one says.
import 'dayjs/locale/zh-cn.js'
import { type FocusEvent, type ReactNode, useContext, useMemo, useState } from 'react'
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

/**
 * What is shown comes first; the others are what people type as well, off a sheet of paper. None of them is whole while it is
 * still being typed, as "2026-1-1" would be before "2026-1-12": what is whole counts at once.
 */
const dayFormats = ['YYYY-MM-DD', 'YYYYMMDD', 'YYYY/MM/DD', 'YYYY.MM.DD', 'YYYY年M月D日']
const minuteFormats = dayFormats.map((day) => `${day} HH:mm`)
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
  const first = min ?? firstDay
  const last = max ?? lastDay
  const moment = momentOf(value)
  const [leavings, setLeavings] = useState(0)
  const take = (picked: Dayjs | null): void => onChange?.(picked === null ? '' : picked.format(kept))
  const words = useContext(ConfigProvider.ConfigContext).locale?.DatePicker
  // Buttons of year and month are named by what stands on them: "2026" is not called "choose a year".
  const locale = useMemo(
    () =>
      words === undefined
        ? undefined
        : { ...words, lang: { ...words.lang, yearSelect: '', monthSelect: '' } },
    [words],
  )
  /** What was taken out is none; what is no day leaves with the field, and the day that counts stands there again. */
  const leave = (event: FocusEvent<HTMLElement>): void => {
    if (!(event.target instanceof HTMLInputElement)) return
    const { value: text } = event.target
    if (text === (moment?.format(formats[0]) ?? '')) return
    if (text === '') take(null)
    setLeavings(leavings + 1)
  }
  return (
    <DatePicker
      key={leavings}
      {...field}
      {...(locale === undefined ? {} : { locale })}
      className="date-field"
      getPopupContainer={dialogHome}
      value={moment}
      onChange={take}
      onBlur={leave}
      // The kit tells of a change once its calendar is closed: by then a button beside it may have sent the old day.
      onCalendarChange={(picked) => {
        if (!dayjs.isDayjs(picked)) return
        const written = picked.format(kept)
        // Days that may not be chosen are refused as the kit refuses them: the day before stays.
        if (written >= first && written.slice(0, last.length) <= last) take(picked)
      }}
      format={formats}
      minDate={dayjs(first)}
      maxDate={dayjs(last)}
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
