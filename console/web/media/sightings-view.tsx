/** Where a medium has been: computers × time for the eye, and the same as a table. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { MediumSighting } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { formatDay } from '../show/format.ts'
import { usePages } from '../show/pager.tsx'
import { TimeView, useConsoleNow } from '../show/time-view.tsx'
import { RightWord } from './medium-words.tsx'
import { RuleWord } from './rule-word.tsx'
import { type SightingSpan, sightingLanes } from './sightings.ts'

const pageSize = 20
const lanesMax = 12

export function SightingsView({ sightings }: { readonly sightings: readonly MediumSighting[] }): ReactNode {
  const { t } = useText()
  const now = useConsoleNow()
  const newestFirst = sightings.toSorted((a, b) => b.at - a.at)
  const { rows, pager } = usePages(newestFirst, pageSize)
  if (sightings.length === 0) return <p className="muted">{t('medium.never-seen')}</p>
  return (
    <>
      <Lanes span={sightingLanes(sightings, now)} />
      <table className="grid-table" data-testid="sightings">
        <thead>
          <tr>
            <th scope="col">{t('filter.computer')}</th>
            <th scope="col">{t('sighting.from')}</th>
            <th scope="col">{t('sighting.until')}</th>
            <th scope="col">{t('medium.right')}</th>
            <th scope="col">{t('sighting.rule')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={`${one.epoch}.${one.seq}.${one.instance}`}>
              <th scope="row">
                <Link to={`/computers/${encodeURIComponent(one.agent)}/media`}>
                  <bdi className="mono">{one.computer}</bdi>
                </Link>
              </th>
              <td>
                <TimeView ms={one.at} />
              </td>
              <td>
                {one.endedAt === null ? <strong>{t('sighting.now')}</strong> : <TimeView ms={one.endedAt} />}
              </td>
              <td className="nowrap">
                <RightWord right={one.right} />
              </td>
              <td>
                <RuleWord rule={one.rule} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {pager}
    </>
  )
}

function Lanes({ span }: { readonly span: SightingSpan }): ReactNode {
  const { t, language } = useText()
  const lanes = span.lanes.slice(0, lanesMax)
  return (
    <div className="lanes" aria-hidden="true">
      {lanes.map((lane) => (
        <div className="lane" key={lane.computer}>
          <bdi className="mono lane-name">{lane.computer}</bdi>
          <svg viewBox="0 0 1000 14" preserveAspectRatio="none" className="lane-line">
            <rect x="0" y="6.500" width="1000" height="1" className="lane-ground" />
            {lane.stays.map((stay) => (
              <rect
                key={stay.from}
                x={stay.start * 1_000}
                y="2"
                width={stay.length * 1_000}
                height="10"
                className={stay.isNow ? 'lane-stay lane-now' : 'lane-stay'}
              />
            ))}
          </svg>
        </div>
      ))}
      <div className="lane lane-days small muted">
        <span />
        <span className="row-apart">
          <span>{formatDay(span.from, language)}</span>
          <span>
            {span.lanes.length > lanes.length &&
              t('medium.more-computers', { count: span.lanes.length - lanes.length })}
          </span>
          <span>{t('sighting.now')}</span>
        </span>
      </div>
    </div>
  )
}
