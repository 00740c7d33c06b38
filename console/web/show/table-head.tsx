/** Heads of columns: a button where the table can be sorted by it, and the choice of columns above the table. */
import { Checkbox } from 'antd'
import { type ReactNode, useCallback, useEffect, useRef } from 'react'
import { useText } from '../i18n/use-text.ts'
import { sortedBy, withColumn } from './table-view.ts'
import type { ShownTable } from './use-table-view.ts'

interface HeadProps {
  readonly table: ShownTable
  readonly column: string
  readonly words: string
}

/** Nothing where the column is not shown; `isFirst`: the one that names the row, and always is. */
export function ColumnHead({
  table: { shape, view, change, shows },
  column,
  words,
  isFirst = false,
}: HeadProps & { readonly isFirst?: boolean }): ReactNode {
  if (!isFirst && !shows(column)) return null
  if (!shape.sortable.includes(column)) return <th scope="col">{words}</th>
  const isSorted = view.sort === column
  return (
    <th scope="col" aria-sort={isSorted ? (view.isDescending ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        className="sort-button"
        onClick={() => change(sortedBy(view, column, shape))}
        data-testid={`sort-${column}`}
      >
        {words}
        <span aria-hidden="true" className="sort-mark">
          {isSorted ? (view.isDescending ? ' ↓' : ' ↑') : ' ↕'}
        </span>
      </button>
    </th>
  )
}

interface ChoiceProps {
  readonly table: ShownTable
  readonly wordsOf: (column: string) => string
}

/** Right behind its button in the order of the keyboard; Escape closes it, and so does going elsewhere. */
export function ColumnChoice({ table: { shape, view, change, shows }, wordsOf }: ChoiceProps): ReactNode {
  const { t } = useText()
  const box = useRef<HTMLDetailsElement>(null)
  const close = useCallback(() => box.current?.removeAttribute('open'), [])
  useEffect(() => {
    const closeBeside = ({ target }: PointerEvent) => {
      if (target instanceof Node && box.current?.contains(target) !== true) close()
    }
    document.addEventListener('pointerdown', closeBeside)
    return () => document.removeEventListener('pointerdown', closeBeside)
  }, [close])
  return (
    <details
      ref={box}
      className="column-choice no-print"
      data-testid="columns"
      onBlur={({ relatedTarget }) => {
        if (relatedTarget !== null && box.current?.contains(relatedTarget) !== true) close()
      }}
      onKeyDown={({ key }) => {
        if (key !== 'Escape') return
        close()
        box.current?.querySelector('summary')?.focus()
      }}
    >
      <summary>{t('table.columns')}</summary>
      <fieldset className="column-choices">
        <legend className="sr-only">{t('table.columns')}</legend>
        {shape.columns.map((column) => (
          <Checkbox
            key={column}
            checked={shows(column)}
            onChange={({ target }) => change(withColumn(view, column, target.checked, shape))}
            data-testid={`column-${column}`}
          >
            {wordsOf(column)}
          </Checkbox>
        ))}
      </fieldset>
    </details>
  )
}
