/** A list of the policy that is edited row by row: head, cells, a note and a way out for each, pages where it is long. */
import { Button, Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { usePages } from '../show/pager.tsx'

export interface Column {
  readonly title: string
  /** A width class of the style sheet. */
  readonly width?: string
}

export interface RowsFieldProps<T extends { readonly note: string }> {
  readonly title: string
  readonly hint: string | null
  readonly addLabel: string
  readonly addTestId: string
  readonly noneLabel: string
  readonly items: readonly T[]
  readonly emptyItem: T
  readonly isReadOnly: boolean
  readonly columns: readonly Column[]
  /** The cells of one item, as many as there are columns. */
  readonly renderCells: (item: T, at: number, set: (part: Partial<T>) => void) => readonly ReactNode[]
  readonly onChange: (items: T[]) => void
}

const pageSize = 20

export function RowsField<T extends { readonly note: string }>(props: RowsFieldProps<T>): ReactNode {
  const { t } = useText()
  const { items, isReadOnly, columns, onChange } = props
  const { rows, offset, pager } = usePages(items, pageSize)
  return (
    <div className="panel">
      <div className="panel-head">
        <h2>{props.title}</h2>
        {!isReadOnly && (
          <Button
            size="small"
            onClick={() => onChange([props.emptyItem, ...items])}
            data-testid={props.addTestId}
          >
            {props.addLabel}
          </Button>
        )}
      </div>
      {props.hint !== null && <p className="muted">{props.hint}</p>}
      {items.length === 0 ? (
        <p className="muted">{props.noneLabel}</p>
      ) : (
        <table className="grid-table">
          <thead>
            <tr>
              {columns.map(({ title, width }) => (
                <th scope="col" key={title} className={width}>
                  {title}
                </th>
              ))}
              <th scope="col">{t('policy.note')}</th>
              <th scope="col" className="w-80">
                <span className="sr-only">{t('policy.remove')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one, row) => (
              <Row key={offset + row} {...props} item={one} at={offset + row} />
            ))}
          </tbody>
        </table>
      )}
      {pager}
    </div>
  )
}

function Row<T extends { readonly note: string }>({
  item,
  at,
  items,
  isReadOnly,
  columns,
  renderCells,
  onChange,
}: RowsFieldProps<T> & { readonly item: T; readonly at: number }): ReactNode {
  const { t } = useText()
  const set = (part: Partial<T>) =>
    onChange(items.map((one, other) => (other === at ? { ...one, ...part } : one)))
  const content = renderCells(item, at, set)
  return (
    <tr>
      {columns.map(({ title }, index) => (
        <td key={title}>{content[index]}</td>
      ))}
      <td>
        <Input
          aria-label={t('policy.note')}
          maxLength={200}
          value={item.note}
          readOnly={isReadOnly}
          onChange={(event) =>
            onChange(items.map((one, other) => (other === at ? { ...one, note: event.target.value } : one)))
          }
        />
      </td>
      <td>
        {!isReadOnly && (
          <Button size="small" onClick={() => onChange(items.filter((_one, other) => other !== at))}>
            {t('policy.remove')}
          </Button>
        )}
      </td>
    </tr>
  )
}
