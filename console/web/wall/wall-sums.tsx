/** The left of the wall: open violations by severity, the ring of coverage, agents that are connected. */
import type { ReactNode } from 'react'
import type { WallAnswer } from '../../api/contract-wall.ts'
import { useText } from '../i18n/use-text.ts'
import { arcsOf, watchStates } from '../overview/coverage-groups.ts'
import { formatCount } from '../show/format.ts'
import { SeverityMark } from '../show/severity-mark.tsx'
import { WatchMark } from '../show/watch-mark.tsx'
import { severities } from '../violations/filter-address.ts'

export function WallSums({ wall }: { readonly wall: WallAnswer }): ReactNode {
  const { t, language } = useText()
  const { coverage, agents } = wall
  const all = coverage.proven + coverage.unproven + coverage.broken
  return (
    <section className="wall-sums">
      <h2>{t('wall.violations')}</h2>
      <ul className="wall-severities">
        {severities.map((severity) => {
          const count = wall.counts.find((one) => one.severity === severity)?.count ?? 0
          return (
            <li
              key={severity}
              className={`wall-severity wall-${severity}${count === 0 ? ' wall-zero' : ''}`}
              data-testid={`wall-count-${severity}`}
              data-count={count}
            >
              <SeverityMark severity={severity} />
              <strong>{formatCount(count, language)}</strong>
            </li>
          )
        })}
      </ul>
      <h2>{t('wall.coverage')}</h2>
      {all === 0 ? (
        <p className="wall-nothing">{t('wall.no-computers')}</p>
      ) : (
        <div className="wall-coverage">
          <svg viewBox="-1.05 -1.05 2.1 2.1" className="ring" role="img" aria-label={t('overview.ring')}>
            <defs>
              <pattern
                id="hatch"
                width="0.12"
                height="0.12"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
              >
                <rect width="0.12" height="0.12" className="hatch-ground" />
                <rect width="0.05" height="0.12" className="hatch-line" />
              </pattern>
            </defs>
            {arcsOf(coverage, 0.7).map((arc) => (
              <path key={arc.state} d={arc.path} fillRule="evenodd" className={`arc arc-${arc.state}`} />
            ))}
            <text y="0.03" className="ring-count">
              {/* Rounded down: whole only where all are. */}
              {Math.floor((coverage.proven / all) * 100)}%
            </text>
            <text y="0.28" className="ring-word">
              {t('watch.proven')}
            </text>
          </svg>
          <ul className="wall-states">
            {watchStates.map((state) => (
              <li key={state}>
                <WatchMark state={state} />
                <strong>{formatCount(coverage[state], language)}</strong>
              </li>
            ))}
          </ul>
        </div>
      )}
      <h2>{t('wall.agents')}</h2>
      <p className="wall-agents">
        <strong>
          {formatCount(agents.connected, language)}
          <span> / {formatCount(agents.expected, language)}</span>
        </strong>
        {agents.told > 0 && <span>{t('wall.told', { count: agents.told })}</span>}
      </p>
    </section>
  )
}
