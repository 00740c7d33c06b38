/** What benches make of their samples. */

/** Returns the p-quantile (0 … 1) by the nearest rank: a value that was measured, never one between two. */
export function quantile(samples: readonly number[], p: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]
  if (value === undefined) throw new Error('no samples')
  return value
}
