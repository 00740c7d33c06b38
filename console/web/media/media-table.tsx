/** The table of registered media. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { MediumItem } from '../../api/contract-media.ts'
import { type Text, useText } from '../i18n/use-text.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { ColumnHead } from '../show/table-head.tsx'
import { AgeView } from '../show/time-view.tsx'
import type { ShownTable } from '../show/use-table-view.ts'
import { VirtualTable } from '../show/virtual-table.tsx'
import { ComputersWord, RightWord, StateWord } from './medium-words.tsx'

/** Returns what a column is called; beside it stands the number, always. */
export function mediaColumnWords(t: Text['t'], column: string): string {
  switch (column) {
    case 'level':
      return t('computers.level')
    case 'kind':
      return t('medium.kind')
    case 'custodian':
      return t('medium.custodian')
    case 'department':
      return t('medium.department')
    case 'state':
      return t('medium.state')
    case 'computers':
      return t('medium.computers')
    case 'right':
      return t('medium.right')
    default:
      return t('medium.last-seen')
  }
}

interface Props {
  readonly table: ShownTable
  readonly media: readonly MediumItem[]
  readonly hasMore: boolean
  readonly onMore: () => void
}

/** Of one line; a medium that was seen has two. */
const rowHeight = 37

export function MediaTable({ table, media, hasMore, onMore }: Props): ReactNode {
  const { t } = useText()
  const { columns } = table.view
  return (
    <VirtualTable
      items={media}
      keyOf={({ number }) => number}
      rowHeight={rowHeight}
      label={t('nav.media')}
      className="media-table"
      head={
        <>
          <ColumnHead table={table} column="number" words={t('medium.number')} isFirst />
          {columns.map((column) => (
            <ColumnHead key={column} table={table} column={column} words={mediaColumnWords(t, column)} />
          ))}
        </>
      }
      renderRow={(one, place) => (
        <tr key={one.number} {...place} data-testid="medium-row" data-number={one.number}>
          <th scope="row">
            <Link to={`/media/${encodeURIComponent(one.number)}`}>
              <bdi className="mono">{one.number}</bdi>
            </Link>
          </th>
          {columns.map((column) => (
            <td key={column} className={column === 'kind' || column === 'right' ? 'nowrap' : undefined}>
              <Cell column={column} medium={one} />
            </td>
          ))}
        </tr>
      )}
      hasMore={hasMore}
      onMore={onMore}
    />
  )
}

function Cell({ column, medium }: { readonly column: string; readonly medium: MediumItem }): ReactNode {
  const { t } = useText()
  switch (column) {
    case 'level':
      return <LevelTag level={medium.level} />
    case 'kind':
      return t(`medium.kind.${medium.kind}`)
    case 'custodian':
    case 'department':
      return <bdi>{medium[column]}</bdi>
    case 'state':
      return <StateWord state={medium.state} />
    case 'computers':
      return <ComputersWord computers={medium.computers} />
    case 'right':
      return <RightWord right={medium.right} />
    default:
      return <LastSeen medium={medium} />
  }
}

function LastSeen({ medium }: { readonly medium: MediumItem }): ReactNode {
  const { t } = useText()
  if (medium.lastSeenAt === null) return <span className="muted">{t('computers.never')}</span>
  return (
    <>
      <AgeView ms={medium.lastSeenAt} />
      {medium.lastSeenComputer !== null && (
        <div className="small">
          <bdi className="mono">{medium.lastSeenComputer}</bdi>
        </div>
      )}
    </>
  )
}
