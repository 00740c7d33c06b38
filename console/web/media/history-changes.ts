/** What a change of a registered medium changed, from the JSON in its history. Pure. */
export interface HistoryChange {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

/** Returns field by field what differed; null where the text is not of that shape: then it is shown as it is. */
export function historyChanges(changes: string): HistoryChange[] | null {
  if (changes === '') return []
  let value: unknown
  try {
    value = JSON.parse(changes)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const rows: HistoryChange[] = []
  for (const [field, pair] of Object.entries(value)) {
    if (!Array.isArray(pair) || pair.length !== 2) return null
    rows.push({ field, before: pair[0], after: pair[1] })
  }
  return rows
}
