/** A long table, a page at a time. */
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { formatCount } from './format.ts'

export interface Paged<Item> {
  readonly rows: readonly Item[]
  /** Index of the first row in the whole. */
  readonly offset: number
  /** Null where everything fits on one page. */
  readonly pager: ReactNode
}

/** Returns the rows of the chosen page and the buttons to choose another; a list that shrinks keeps a page that exists. */
export function usePages<Item>(items: readonly Item[], size: number): Paged<Item> {
  const [wanted, setWanted] = useState(0)
  const last = Math.max(0, Math.ceil(items.length / size) - 1)
  const page = Math.min(wanted, last)
  const offset = page * size
  const rows = items.slice(offset, offset + size)
  if (last === 0) return { rows, offset: 0, pager: null }
  const pager = <Pager page={page} size={size} total={items.length} onPage={setWanted} />
  return { rows, offset, pager }
}

interface Props {
  /** From 0. */
  readonly page: number
  readonly size: number
  readonly total: number
  readonly onPage: (page: number) => void
}

/** Which rows of the whole are shown, and the way to those before and behind; nothing where all fit on one page. */
export function Pager({ page, size, total, onPage }: Props): ReactNode {
  const { t, language } = useText()
  const last = Math.max(0, Math.ceil(total / size) - 1)
  if (last === 0 && page === 0) return null
  return (
    <nav className="pager" aria-label={t('pager.label')}>
      <span>
        {t('pager.range', {
          from: formatCount(Math.min(total, page * size + 1), language),
          to: formatCount(Math.min(total, (page + 1) * size), language),
          all: formatCount(total, language),
        })}
      </span>
      <Button size="small" disabled={page === 0} onClick={() => onPage(Math.min(page, last + 1) - 1)}>
        {t('pager.before')}
      </Button>
      <Button size="small" disabled={page >= last} onClick={() => onPage(page + 1)}>
        {t('pager.next')}
      </Button>
    </nav>
  )
}
