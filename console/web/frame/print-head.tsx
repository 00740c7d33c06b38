/** The head of every printed page: what system and of which level it comes from, who printed it, and when. */
import { type ReactNode, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import type { SessionAnswer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { consoleNow } from '../server/request.ts'
import { Brand } from '../show/brand.tsx'
import { formatTime } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'

export function PrintHead({ session }: { readonly session: SessionAnswer }): ReactNode {
  const { t, language } = useText()
  const [printedAt, setPrintedAt] = useState(consoleNow)
  useEffect(() => {
    // The browser takes the page as it stands when this returns.
    const note = () => flushSync(() => setPrintedAt(consoleNow()))
    window.addEventListener('beforeprint', note)
    return () => window.removeEventListener('beforeprint', note)
  }, [])
  return (
    <div className="print-only">
      <div className="print-head">
        <Brand />
        <LevelTag level={session.console.level} />
        <span>{session.console.unit}</span>
        <span>{t('print.by', { name: session.name, role: t(`role.${session.role}`) })}</span>
        <span>{t('print.at', { time: formatTime(printedAt, language) })}</span>
      </div>
    </div>
  )
}
