/** One violation in a list: the sentence first, then what it is about. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { ViolationItem } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { SeverityMark } from '../show/severity-mark.tsx'
import { AgeView } from '../show/time-view.tsx'

interface Props {
  readonly item: ViolationItem
  readonly isSelected: boolean
  /** The filter in force, kept in the address. */
  readonly search: string
}

export function ViolationRow({ item, isSelected, search }: Props): ReactNode {
  const { t, pick } = useText()
  const { standing } = item
  return (
    <Link
      to={`/violations/${item.id}${search}`}
      className={`v-row v-${item.severity}${isSelected ? ' is-selected' : ''}`}
      aria-current={isSelected ? 'true' : undefined}
      data-testid="violation-row"
      data-violation-id={item.id}
    >
      <span className="v-mark">
        <SeverityMark severity={item.severity} />
      </span>
      <span className="v-headline" data-testid="violation-headline" data-violation-id={item.id}>
        {pick(item.headline)}
      </span>
      <span className="v-about">
        <LevelTag level={item.level} />
        <bdi className="mono">{item.number}</bdi>
        {standing.repeats > 1 && (
          <strong className="v-repeats" data-testid="violation-repeats">
            {t('handling.repeats', { count: standing.repeats })}
          </strong>
        )}
        {standing.exception !== null && (
          <span className="v-excepted" data-testid="violation-excepted">
            {t('handling.exception')}
          </span>
        )}
        {standing.state !== 'detected' && (
          <span className={`handling-state handling-${standing.state}`}>
            {t(`handling.state.${standing.state}`)}
          </span>
        )}
        <AgeView ms={standing.lastAt} />
        {item.endedAt !== null && !standing.isOngoing && (
          <span className="muted">{t('violation.ended')}</span>
        )}
      </span>
    </Link>
  )
}
