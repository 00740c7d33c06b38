/** The first rows of a long table, the rest on demand, and all of them on paper. */
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { useIsPrinting } from './use-is-printing.ts'

export interface FirstRows<T> {
  readonly rows: readonly T[]
  /** The button that shows the rest; null where all are shown. */
  readonly more: ReactNode
}

/** Returns the rows to show: `rowsMax` of them until all are asked for. */
export function useFirstRows<T>(items: readonly T[], rowsMax = 20): FirstRows<T> {
  const { t } = useText()
  const [isAll, setAll] = useState(false)
  const isPrinting = useIsPrinting()
  if (isAll || isPrinting || items.length <= rowsMax) return { rows: items, more: null }
  return {
    rows: items.slice(0, rowsMax),
    more: (
      <Button size="small" className="gap-above" onClick={() => setAll(true)}>
        {t('net.all-rows', { count: items.length })}
      </Button>
    ),
  }
}
