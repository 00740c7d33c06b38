/** A long table: rows exist only while they are seen, further ones are asked for as one scrolls; on paper stand all that came. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef } from 'react'
import { useIsPrinting } from './use-is-printing.ts'

/** What a row's element is given: its place in the whole, and how it is measured. */
export interface RowPlace {
  readonly 'aria-rowindex': number
  readonly 'data-index': number
  readonly ref?: (row: HTMLTableRowElement | null) => void
}

interface Props<Item> {
  readonly items: readonly Item[]
  readonly keyOf: (item: Item) => string
  /** In px, before a row was measured. */
  readonly rowHeight: number
  readonly label: string
  readonly className: string
  /** One row of heads. */
  readonly head: ReactNode
  readonly renderRow: (item: Item, place: RowPlace) => ReactNode
  readonly hasMore: boolean
  readonly onMore: () => void
}

/** Rows from the end at which the next page is asked for. */
const aheadRows = 30
const overscanRows = 12

export function VirtualTable<Item>(props: Props<Item>): ReactNode {
  const { items, keyOf, rowHeight, label, className, head, renderRow, hasMore, onMore } = props
  const place = useRef<HTMLDivElement>(null)
  const isPrinting = useIsPrinting()
  // Its functions are called in this component alone.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => place.current,
    getItemKey: (at) => {
      const item = items[at]
      return item === undefined ? at : keyOf(item)
    },
    estimateSize: () => rowHeight,
    overscan: overscanRows,
  })
  const shown = rows.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  const isNearEnd = last >= items.length - aheadRows
  useEffect(() => {
    if (isNearEnd && hasMore) onMore()
  }, [isNearEnd, hasMore, onMore])
  const before = shown[0]?.start ?? 0
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0)
  return (
    <section
      className="panel table-panel virtual-rows"
      ref={place}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by the keyboard
      tabIndex={0}
      aria-label={label}
    >
      <table
        className={`grid-table virtual-table ${className}`}
        // The head is a row too; where more is to come, nobody knows yet how many.
        aria-rowcount={hasMore ? -1 : items.length + 1}
      >
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>
          {isPrinting ? (
            items.map((item, at) => renderRow(item, { 'aria-rowindex': at + 2, 'data-index': at }))
          ) : (
            <>
              {before > 0 && <Gap height={before} />}
              {shown.map(({ index }) => {
                const item = items[index]
                return item === undefined
                  ? null
                  : renderRow(item, {
                      'aria-rowindex': index + 2,
                      'data-index': index,
                      ref: rows.measureElement,
                    })
              })}
              {after > 0 && <Gap height={after} />}
            </>
          )}
        </tbody>
      </table>
    </section>
  )
}

/** In the place of rows that are not seen. */
function Gap({ height }: { readonly height: number }): ReactNode {
  return (
    <tr aria-hidden="true">
      <td ref={(cell) => cell?.style.setProperty('height', `${height}px`)} className="row-gap" />
    </tr>
  )
}
