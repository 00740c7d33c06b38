/** A moment: absolute or as an age, the other one on pointing at it. */
import { type ReactNode, useEffect, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { consoleNow } from '../server/request.ts'
import { formatAge, formatTime } from './format.ts'

const tickMs = 10_000

export function TimeView({ ms }: { readonly ms: number }): ReactNode {
  const { language } = useText()
  return (
    <time dateTime={new Date(ms).toISOString()} className="time">
      {formatTime(ms, language)}
    </time>
  )
}

/** The age, counted on while it is shown. */
export function AgeView({ ms }: { readonly ms: number }): ReactNode {
  const { language } = useText()
  const now = useConsoleNow()
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatTime(ms, language)} className="time">
      {formatAge(ms, now, language)}
    </time>
  )
}

/** Returns the console's clock, renewed every ten seconds. */
export function useConsoleNow(): number {
  const [now, setNow] = useState(consoleNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(consoleNow()), tickMs)
    return () => clearInterval(timer)
  }, [])
  return now
}
