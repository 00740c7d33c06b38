/** Two JSON values side by side, one line a leaf; what differs first. Pure. */
export interface ValueChange {
  readonly path: string
  /** As JSON; null: there is none. */
  readonly before: string | null
  readonly after: string | null
  readonly isSame: boolean
}

const linesMax = 400

export function changesOf(before: unknown, after: unknown): ValueChange[] {
  const [was, is] = [leavesOf(before), leavesOf(after)]
  const paths = [...new Set([...was.keys(), ...is.keys()])]
  const changes = paths.map((path): ValueChange => {
    const [one = null, other = null] = [was.get(path), is.get(path)]
    return { path, before: one, after: other, isSame: one === other }
  })
  return changes.toSorted((a, b) => Number(a.isSame) - Number(b.isSame)).slice(0, linesMax)
}

function leavesOf(value: unknown): Map<string, string> {
  const leaves = new Map<string, string>()
  const walk = (one: unknown, path: string): void => {
    if (typeof one !== 'object' || one === null || Object.keys(one).length === 0) {
      leaves.set(path, JSON.stringify(one))
      return
    }
    for (const [name, inner] of Object.entries(one)) walk(inner, path === '' ? name : `${path}.${name}`)
  }
  if (value !== null && value !== undefined) walk(value, '')
  return leaves
}
