/** The wall display: one dark screen for a room, without controls and without scrolling. */
import { type ReactNode, useEffect, useState } from 'react'
import { LanguageButton } from '../i18n/language-switch.tsx'
import { useText } from '../i18n/use-text.ts'
import { consoleNow } from '../server/request.ts'
import '../styles/wall.css'
import { useWall } from './use-wall.ts'
import { WallCode } from './wall-code.tsx'
import { WallDepartments } from './wall-departments.tsx'
import { WallHead } from './wall-head.tsx'
import { WallHeadlines } from './wall-headlines.tsx'
import { WallSums } from './wall-sums.tsx'

export function WallPage(): ReactNode {
  const { t } = useText()
  const { state, again } = useWall()
  const now = useClock()
  switch (state.kind) {
    case 'connecting':
      return <Message words={t('wall.connecting')} />
    case 'failed':
      return <Message words={t('wall.failed')} />
    case 'not-permitted':
      return <Message words={t('wall.not-permitted')} />
    case 'locked':
      return <WallCode onOpened={again} language={<LanguageButton />} />
    case 'shown': {
      const { wall, clocks, lostSince } = state
      return (
        <main
          className={`wall${lostSince === null ? '' : ' wall-lost'}`}
          data-testid="wall"
          data-lost={lostSince !== null}
        >
          <WallHead wall={wall} now={now} lostSince={lostSince} />
          <WallSums wall={wall} />
          <WallDepartments tiles={wall.departments} />
          <WallHeadlines wall={wall} clocks={clocks} now={now} />
        </main>
      )
    }
  }
}

function Message({ words }: { readonly words: string }): ReactNode {
  return (
    <main className="wall wall-message" data-testid="wall-message">
      <p>{words}</p>
    </main>
  )
}

/** The console's clock, each second. */
function useClock(): number {
  const [now, setNow] = useState(consoleNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(consoleNow()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
