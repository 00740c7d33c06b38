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
  const { t, language } = useText()
  const [wanted, setWanted] = useState(0)
  const last = Math.max(0, Math.ceil(items.length / size) - 1)
  const page = Math.min(wanted, last)
  const offset = page * size
  const rows = items.slice(offset, offset + size)
  if (last === 0) return { rows, offset: 0, pager: null }
  const pager = (
    <nav className="pager" aria-label={t('pager.label')}>
      <span>
        {t('pager.range', {
          from: formatCount(offset + 1, language),
          to: formatCount(offset + rows.length, language),
          all: formatCount(items.length, language),
        })}
      </span>
      <Button size="small" disabled={page === 0} onClick={() => setWanted(page - 1)}>
        {t('pager.before')}
      </Button>
      <Button size="small" disabled={page === last} onClick={() => setWanted(page + 1)}>
        {t('pager.next')}
      </Button>
    </nav>
  )
  return { rows, offset, pager }
}
