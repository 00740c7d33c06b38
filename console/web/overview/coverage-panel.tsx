/** Is everything watched? A ring of proven, unproven, broken, and the list behind each, with the reasons. */
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { Overview } from '../../api/contract.ts'
import { WatchReasons } from '../computers/watch-reasons.tsx'
import { useText } from '../i18n/use-text.ts'
import { formatCount } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { EmptyNote } from '../show/query-states.tsx'
import { WatchMark } from '../show/watch-mark.tsx'
import { arcsOf, type WatchState, watchStates } from './coverage-groups.ts'
import { WatchStrip } from './watch-strip.tsx'

export function CoveragePanel({ watch }: { readonly watch: Overview['watch'] }): ReactNode {
  const { t, language } = useText()
  const total = watch.proven + watch.unproven + watch.broken
  const [chosen, setChosen] = useState<WatchState | null>(null)
  // What is wrong is shown first, without asking.
  const open = chosen ?? watchStates.find((state) => watch[state] > 0) ?? 'proven'
  const listed = watch.listed.filter((one) => one.watch.state === open)
  return (
    <section className="panel" aria-labelledby="coverage">
      <h2 id="coverage">{t('overview.watched')}</h2>
      {total === 0 ? (
        <EmptyNote title={t('overview.no-computers')} />
      ) : (
        <>
          <div className="coverage">
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
              {arcsOf(watch, 0.7).map((arc) => (
                <path key={arc.state} d={arc.path} fillRule="evenodd" className={`arc arc-${arc.state}`} />
              ))}
              <text y="-0.02" className="ring-count">
                {formatCount(watch.proven, language)}/{formatCount(total, language)}
              </text>
              <text y="0.24" className="ring-word">
                {t('watch.proven')}
              </text>
            </svg>
            <ul className="coverage-choices">
              {watchStates.map((state) => (
                <li key={state}>
                  <button
                    type="button"
                    aria-pressed={open === state}
                    onClick={() => setChosen(state)}
                    data-testid={`coverage-${state}`}
                    data-count={watch[state]}
                  >
                    <WatchMark state={state} />
                    <strong>{formatCount(watch[state], language)}</strong>
                  </button>
                </li>
              ))}
            </ul>
          </div>
          <WatchStrip />
          {watch[open] === 0 ? (
            <p className="muted">{t('overview.none-in-state', { state: t(`watch.${open}`) })}</p>
          ) : (
            <ul className="coverage-list">
              {listed.map((computer) => (
                <li key={computer.agent}>
                  <p className="coverage-who">
                    <Link to={`/computers/${encodeURIComponent(computer.agent)}`}>
                      <bdi className="mono">{computer.number}</bdi>
                    </Link>{' '}
                    <LevelTag level={computer.level} />
                  </p>
                  <WatchReasons computer={computer} />
                </li>
              ))}
            </ul>
          )}
          {watch[open] > listed.length && (
            <Link to={`/computers?watch=${open}`}>{t('overview.all-of-them', { count: watch[open] })}</Link>
          )}
        </>
      )}
    </section>
  )
}
