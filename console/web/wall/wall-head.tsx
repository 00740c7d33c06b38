/** Whose wall it is, at which level, whether it is live, and what time it is. */
import type { ReactNode } from 'react'
import type { WallAnswer } from '../../api/contract-wall.ts'
import { useText } from '../i18n/use-text.ts'
import { formatClock, formatDay, formatTime } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'

interface Props {
  readonly wall: WallAnswer
  readonly now: number
  readonly lostSince: number | null
}

export function WallHead({ wall, now, lostSince }: Props): ReactNode {
  const { t, language } = useText()
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'long' }).format(now)
  return (
    <header className="wall-head">
      <LevelTag level={wall.level} />
      <h1>{wall.unit}</h1>
      {lostSince === null ? (
        <span className="wall-live" data-testid="wall-live">
          <span className="wall-live-dot" aria-hidden="true" />
          {t('wall.live')}
        </span>
      ) : (
        <strong className="wall-lost-bar" role="alert" data-testid="wall-lost">
          {t('wall.lost', { time: formatTime(lostSince, language) })}
        </strong>
      )}
      <span className="wall-space" />
      {wall.until !== null && (
        <span className="wall-until">{t('wall.until', { time: formatDay(wall.until, language) })}</span>
      )}
      <span className="wall-day">
        {formatDay(now, language)} {weekday}
      </span>
      <time className="wall-clock">{formatClock(now)}</time>
    </header>
  )
}
