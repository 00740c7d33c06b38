/** The newest five headlines, and the clocks that run. */
import type { ReactNode } from 'react'
import type { WallAnswer } from '../../api/contract-wall.ts'
import { useText } from '../i18n/use-text.ts'
import { RunningClocks } from '../overview/clock-strip.tsx'
import { formatAge, formatTime } from '../show/format.ts'
import { SeverityMark } from '../show/severity-mark.tsx'
import type { ShownClocks } from './use-wall.ts'

interface Props {
  readonly wall: WallAnswer
  readonly clocks: ShownClocks | null
  readonly now: number
}

const clocksShown = 3

export function WallHeadlines({ wall, clocks, now }: Props): ReactNode {
  const { t, pick, language } = useText()
  return (
    <section className={`wall-foot${clocks === null ? ' wall-no-clocks' : ''}`}>
      {clocks !== null && (
        <div className="wall-clocks">
          <h2>{t('wall.clocks')}</h2>
          <RunningClocks answer={clocks.answer} askedAt={clocks.askedAt} max={clocksShown} />
        </div>
      )}
      <div className="wall-newest">
        <h2>{t('wall.newest')}</h2>
        {wall.newest.length === 0 ? (
          <p className="wall-nothing">{t('wall.none-ever')}</p>
        ) : (
          <ol data-testid="wall-newest">
            {wall.newest.map((one) => (
              <li key={one.id} data-violation-id={one.id} title={formatTime(one.receivedAt, language)}>
                <SeverityMark severity={one.severity} />
                <span className="wall-headline">{pick(one.headline)}</span>
                <span className="wall-age">{formatAge(one.receivedAt, now, language)}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
    </section>
  )
}
