/** When a term ends: the end of a day as an office writes it, `24:00` of that day and not the first moment of the next. */
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { formatDay } from '../show/format.ts'
import { TimeView } from '../show/time-view.tsx'

export function DueView({ ms }: { readonly ms: number }): ReactNode {
  const { language } = useText()
  const at = new Date(ms)
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0
  if (!isMidnight) return <TimeView ms={ms} />
  return (
    <time dateTime={at.toISOString()} className="time">
      {formatDay(ms - 1, language)} 24:00
    </time>
  )
}
