/** A year of days, each the share of its minutes that are proven watched; one day hour by hour below it. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Computer } from '../../api/contract.ts'
import type { CoverageDay } from '../../api/contract-coverage.ts'
import type { Language } from '../i18n/language.ts'
import { useText } from '../i18n/use-text.ts'
import { consoleNow } from '../server/request.ts'
import { coverageYearQuery } from '../server/timeline-queries.ts'
import { formatCount, formatDay } from '../show/format.ts'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { dayAfterKey } from './calendar-moves.ts'
import { CauseWord, dayWords } from './cause-words.tsx'
import { CoverageDayView } from './coverage-day.tsx'

export function CoverageCalendar({ computer }: { readonly computer: Computer }): ReactNode {
  const { t, language } = useText()
  const [address, setAddress] = useSearchParams()
  const thisYear = new Date(consoleNow()).getFullYear()
  const day = /^\d{4}-\d{2}-\d{2}$/.test(address.get('day') ?? '') ? address.get('day') : null
  const named = Number(day?.slice(0, 4) ?? address.get('year') ?? thisYear)
  const year = named >= 2000 && named <= thisYear ? named : thisYear
  const query = useQuery(coverageYearQuery(computer.agent, year))
  const set = (name: 'day' | 'year', value: string | null): void =>
    setAddress(
      (before) => {
        before.delete('day')
        before.delete('year')
        if (value !== null) before.set(name, value)
        return before
      },
      { replace: true },
    )
  return (
    <section
      className="panel coverage-calendar"
      aria-labelledby="calendar-title"
      data-testid="coverage-calendar"
    >
      <div className="calendar-head">
        <h2 id="calendar-title">{t('coverage.calendar', { year })}</h2>
        <span className="no-print">
          <Button size="small" onClick={() => set('year', String(year - 1))}>
            ‹ {year - 1}
          </Button>{' '}
          <Button size="small" disabled={year >= thisYear} onClick={() => set('year', String(year + 1))}>
            {year + 1} ›
          </Button>
        </span>
      </div>
      <QueryError query={query} />
      {query.data === undefined ? (
        !query.isError && <RowsSkeleton rows={6} />
      ) : (
        <>
          <Sum days={query.data.days} />
          <Year days={query.data.days} chosen={day} onChoose={(next) => set('day', next)} />
          <p className="calendar-legend">
            <CauseWord state="proven" words={t('watch.proven')} />
            <CauseWord state="unproven" words={t('watch.unproven')} />
            <CauseWord state="broken" words={t('watch.broken')} />
            <CauseWord state="exempt" words={t('coverage.exempt')} />
            <span className="muted">{t('coverage.calendar-how')}</span>
          </p>
        </>
      )}
      {day !== null && (
        <CoverageDayView
          key={day}
          agent={computer.agent}
          day={day}
          title={dayTitle()}
          onClose={() => set('day', null)}
        />
      )}
    </section>
  )

  function dayTitle(): string {
    return dayName(day ?? '', language)
  }
}

/** A day as the console's calendar names it: its first moment may lie in another one by this browser's. */
function dayName(day: string, language: Language): string {
  const [at = 0, month = 1, date = 1] = day.split('-').map(Number)
  return formatDay(new Date(at, month - 1, date).getTime(), language)
}

/** The year in one sentence; green is what is proven and nothing else. */
function Sum({ days }: { readonly days: readonly CoverageDay[] }): ReactNode {
  const { t, language } = useText()
  const total = { proven: 0, unproven: 0, broken: 0, exempt: 0 }
  for (const { minutes } of days) {
    for (const state of ['proven', 'unproven', 'broken', 'exempt'] as const) total[state] += minutes[state]
  }
  const all = total.proven + total.unproven + total.broken + total.exempt
  if (all === 0) return <p className="muted">{t('coverage.year-none')}</p>
  return (
    <p data-testid="coverage-sum">
      {t('coverage.year-sum', {
        percent: (Math.floor((total.proven / all) * 1_000) / 10).toFixed(1),
        proven: formatCount(Math.floor(total.proven / 60), language),
        unproven: formatCount(Math.ceil(total.unproven / 60), language),
        broken: formatCount(Math.ceil(total.broken / 60), language),
        exempt: formatCount(Math.ceil(total.exempt / 60), language),
      })}
    </p>
  )
}

interface YearProps {
  readonly days: readonly CoverageDay[]
  readonly chosen: string | null
  readonly onChoose: (day: string) => void
}

const dates = Array.from({ length: 31 }, (_, at) => at + 1)

function Year({ days, chosen, onChoose }: YearProps): ReactNode {
  const text = useText()
  const { t, tryT, language } = text
  const table = useRef<HTMLTableElement>(null)
  const last = days.findLast(
    ({ minutes }) => minutes.proven + minutes.unproven + minutes.broken + minutes.exempt > 0,
  )
  const [focused, setFocused] = useState(chosen ?? last?.day ?? days[0]?.day ?? '')
  const [told, setTold] = useState<string | null>(null)
  const byDay = new Map(days.map((one) => [one.day, one]))
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = dayAfterKey(focused, event.key)
    if (next === null) return
    event.preventDefault()
    setFocused(next)
    setTold(next)
    table.current?.querySelector<HTMLButtonElement>(`[data-day="${next}"]`)?.focus()
  }
  const shown = byDay.get(told ?? focused)
  const months = Array.from({ length: 12 }, (_, at) => at + 1)
  const year = days[0]?.day.slice(0, 4) ?? ''
  return (
    <>
      <table ref={table} className="calendar" onKeyDown={onKeyDown}>
        <caption className="sr-only">{t('coverage.calendar-keys')}</caption>
        <thead>
          <tr>
            <th scope="col" aria-label={t('coverage.month')} />
            {dates.map((date) => (
              <th key={date} scope="col">
                {date}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {months.map((month) => (
            <tr key={month}>
              <th scope="row">{tryT(`coverage.months.${month}`) ?? month}</th>
              {dates.map((date) => {
                const name = `${year}-${pad(month)}-${pad(date)}`
                const one = byDay.get(name)
                if (one === undefined) return <td key={date} />
                return (
                  <td key={date}>
                    <DayCell
                      day={one}
                      label={`${dayName(one.day, language)} ${dayWords(text, one)}`}
                      isFocused={name === focused}
                      isChosen={name === chosen}
                      onTell={() => setTold(name)}
                      onFocus={() => {
                        setFocused(name)
                        setTold(name)
                      }}
                      onChoose={() => onChoose(name)}
                    />
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="calendar-told no-print" aria-live="polite" data-testid="calendar-told">
        {shown !== undefined && (
          <>
            <strong>{dayName(shown.day, language)}</strong> {dayWords(text, shown)}
          </>
        )}
      </p>
    </>
  )
}

interface CellProps {
  readonly day: CoverageDay
  readonly label: string
  readonly isFocused: boolean
  readonly isChosen: boolean
  readonly onTell: () => void
  readonly onFocus: () => void
  readonly onChoose: () => void
}

/** The share as a number and as height: green from below, red on top, the rest hatched. */
function DayCell({ day, label, isFocused, isChosen, onTell, onFocus, onChoose }: CellProps): ReactNode {
  const { proven, unproven, broken, exempt } = day.minutes
  const all = proven + unproven + broken + exempt
  const of = (part: number): string => `${all === 0 ? 0 : (part / all) * 100}%`
  return (
    <button
      type="button"
      className={`calendar-day${all === 0 ? ' is-outside' : ''}${isChosen ? ' is-chosen' : ''}`}
      data-day={day.day}
      tabIndex={isFocused ? 0 : -1}
      aria-label={label}
      aria-pressed={isChosen}
      onMouseEnter={onTell}
      onFocus={onFocus}
      onClick={onChoose}
    >
      {all > 0 && (
        <>
          <span className="part-broken" style={{ height: of(broken) }} />
          <span className="part-exempt" style={{ height: of(exempt) }} />
          <span className="part-unproven" style={{ height: of(unproven) }} />
          <span className="part-proven" style={{ height: of(proven) }} />
          {/* Rounded down: what is not whole is not a hundred. */}
          <span className="calendar-number">{Math.floor((proven / all) * 100)}</span>
        </>
      )}
    </button>
  )
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
