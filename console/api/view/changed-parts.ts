/** What of a thing changes, for the log: those of its parts that differ, before and after. Pure. */
export interface ChangedParts {
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>>
}

/** Compares two things part by part, one level deep. `before` null: there was none. Parts left out of `after` stay as they are. */
export function changedParts(before: object | null, after: object): ChangedParts {
  const was = (before ?? {}) as Readonly<Record<string, unknown>>
  const names = Object.entries(after)
    .filter(([name, value]) => JSON.stringify(was[name]) !== JSON.stringify(value))
    .map(([name]) => name)
  const partsOf = (of: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(names.filter((name) => name in of).map((name) => [name, of[name]]))
  return {
    before: before === null ? null : partsOf(was),
    after: partsOf(after as Readonly<Record<string, unknown>>),
  }
}
