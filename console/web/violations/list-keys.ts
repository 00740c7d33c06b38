/** Where `j` and `k` lead in a list: pure. */
import type { ViolationItem } from '../../api/contract.ts'

/** Returns the index of the next (`j`) or previous (`k`) row; the first where none is selected; null at an end. */
export function stepSelection(
  items: readonly ViolationItem[],
  selected: number | null,
  key: 'j' | 'k',
): number | null {
  if (items.length === 0) return null
  const at = items.findIndex((item) => item.id === selected)
  if (at === -1) return 0
  const next = key === 'j' ? at + 1 : at - 1
  return next >= 0 && next < items.length ? next : null
}
