/** The newest violations; while the pointer is among them, new ones wait behind "3 new", so that nothing moves under it. */
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import type { ViolationItem } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { partAtCeiling } from '../violations/held-rows.ts'
import { ViolationRow } from '../violations/violation-row.tsx'

export function NewestList({ items }: { readonly items: readonly ViolationItem[] }): ReactNode {
  const { t } = useText()
  const [ceiling, setCeiling] = useState<number | null>(null)
  const { shown, waiting } = partAtCeiling(items, ceiling)
  const newest = items.reduce((highest, { id }) => Math.max(highest, id), 0)
  return (
    <div
      className="newest-box"
      onPointerEnter={() => setCeiling(newest)}
      onPointerLeave={() => setCeiling(null)}
      data-testid="newest-box"
    >
      {waiting > 0 && (
        <Button
          type="primary"
          className="v-new"
          onClick={() => setCeiling(newest)}
          data-testid="newest-waiting"
        >
          {t('violations.new', { count: waiting })}
        </Button>
      )}
      <ol className="newest" aria-live="polite" data-testid="newest">
        {shown.map((item) => (
          <li key={item.id}>
            <ViolationRow item={item} isSelected={false} search="" />
          </li>
        ))}
      </ol>
    </div>
  )
}
