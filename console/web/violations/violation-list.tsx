/** The live list: only the rows in view are drawn, further pages are fetched as one scrolls. */
import { Button, Spin } from 'antd'
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ViolationItem } from '../../api/contract.ts'
import type { Language } from '../i18n/language.ts'
import { useText } from '../i18n/use-text.ts'
import { partAtCeiling, rowWindow } from './held-rows.ts'
import { ViolationRow } from './violation-row.tsx'

/**
 * Fixed, so that a list of any length knows where each row stands: two lines of the sentence in Chinese, three in
 * English, as in `styles/violations.css`.
 */
const rowHeights: Readonly<Record<Language, number>> = { 'zh-CN': 88, en: 108 }
const margin = 6
/** Rows from the end at which the next page is asked for: whoever scrolls on does not come to a stop there. */
const aheadRows = 40

interface Props {
  readonly items: readonly ViolationItem[]
  readonly selected: number | null
  readonly search: string
  readonly hasMore: boolean
  readonly isFetchingMore: boolean
  readonly fetchMore: () => void
  readonly listRef: RefObject<HTMLDivElement | null>
  /** Called with the rows that are shown, for the keyboard. */
  readonly onShown: (shown: readonly ViolationItem[]) => void
}

export function ViolationList(props: Props): ReactNode {
  const { items, selected, search, hasMore, isFetchingMore, fetchMore, listRef, onShown } = props
  const { t, language } = useText()
  const rowHeight = rowHeights[language]
  const [ceiling, setCeiling] = useState<number | null>(null)
  const [view, setView] = useState({ scrollTop: 0, height: 800 })
  const isPointerInside = useRef(false)
  const { shown, waiting } = partAtCeiling(items, ceiling)

  const hold = () => {
    const isHeld = isPointerInside.current || (listRef.current?.scrollTop ?? 0) > 0
    setCeiling((old) => (isHeld ? (old ?? items[0]?.id ?? 0) : null))
  }
  const showNew = () => {
    listRef.current?.scrollTo({ top: 0 })
    setCeiling(isPointerInside.current ? (items[0]?.id ?? 0) : null)
  }

  useLayoutEffect(() => {
    const list = listRef.current
    if (list === null) return
    const measure = () => setView({ scrollTop: list.scrollTop, height: list.clientHeight })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(list)
    return () => observer.disconnect()
  }, [listRef])
  useEffect(() => onShown(shown))

  const span = rowWindow({
    scrollTop: view.scrollTop,
    viewHeight: view.height,
    rowHeight,
    count: shown.length,
    margin,
  })
  const isNearEnd = span.end >= shown.length - aheadRows
  useEffect(() => {
    if (isNearEnd && hasMore && !isFetchingMore) fetchMore()
  }, [isNearEnd, hasMore, isFetchingMore, fetchMore])

  return (
    <div
      className="v-list-box"
      onPointerEnter={() => {
        isPointerInside.current = true
        hold()
      }}
      onPointerLeave={() => {
        isPointerInside.current = false
        hold()
      }}
    >
      {waiting > 0 && (
        <Button type="primary" className="v-new" onClick={showNew} data-testid="violations-new">
          {t('violations.new', { count: waiting })}
        </Button>
      )}
      <div
        ref={listRef}
        className="v-list"
        data-testid="violation-list"
        onScroll={(event) => {
          setView({ scrollTop: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
          hold()
        }}
      >
        <ol style={{ height: shown.length * rowHeight }} aria-label={t('violations.list')}>
          {shown.slice(span.first, span.end).map((item, at) => (
            <li
              key={item.id}
              style={{ height: rowHeight, transform: `translateY(${(span.first + at) * rowHeight}px)` }}
              aria-setsize={hasMore ? -1 : shown.length}
              aria-posinset={span.first + at + 1}
            >
              <ViolationRow item={item} isSelected={item.id === selected} search={search} />
            </li>
          ))}
        </ol>
        {isFetchingMore && <Spin className="v-more" />}
        {(hasMore || span.end - span.first < shown.length) && (
          <p className="print-only">{t('violations.print-part')}</p>
        )}
      </div>
      <span className="sr-only" role="status">
        {waiting > 0 ? t('violations.new', { count: waiting }) : ''}
      </span>
    </div>
  )
}

/** Scrolls a list of fixed rows so that row `at` is in view. */
export function revealRow(list: HTMLElement | null, at: number, language: Language): void {
  if (list === null) return
  const rowHeight = rowHeights[language]
  const top = at * rowHeight
  if (top < list.scrollTop) list.scrollTop = top
  else if (top + rowHeight > list.scrollTop + list.clientHeight)
    list.scrollTop = top + rowHeight - list.clientHeight
}
