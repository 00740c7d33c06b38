/**
 * Counts numbers of media off by the unit's own pattern, as the registers' are: by level, department and year where it says so.
 * Numbers that somebody chose by hand are passed by.
 */
import type { Level } from '@shoukou/protocol'
import { FIRST_MEDIA_PATTERN, numberIn, type Stem, stemOf } from '../../ledger/number-pattern.ts'
import type { Store } from '../../store/ports.ts'

interface Counted {
  readonly level: Level
  readonly department: string
}

/** Returns a number for each, in their order. */
export async function numberMedia(
  store: Store,
  media: readonly Counted[],
  { chosen, now }: { readonly chosen: ReadonlySet<string>; readonly now: number },
): Promise<string[]> {
  if (media.length === 0) return []
  const stems = await stemsOf(store, media, now)
  const passedBy = new Set([...chosen].map((one) => one.toLowerCase()))
  const wanted = Map.groupBy(stems, nameOf)
  const free = new Map<string, string[]>()
  for (const [name, same] of wanted) {
    const stem = same[0] as Stem
    const numbers: string[] = []
    while (numbers.length < same.length) {
      const count = same.length - numbers.length
      const first = await store.nextMediumCount(count, name)
      const counted = Array.from({ length: count }, (_, at) => numberIn(stem, first + at))
      const taken = new Set((await store.takenMediumNumbers(counted)).map((one) => one.toLowerCase()))
      numbers.push(
        ...counted.filter((one) => !taken.has(one.toLowerCase()) && !passedBy.has(one.toLowerCase())),
      )
    }
    free.set(name, numbers)
  }
  return stems.map((stem) => free.get(nameOf(stem))?.shift() ?? '')
}

/** Returns the number that the next one would be given; nothing is counted off. */
export async function nextMediumNumber(
  store: Store,
  of: { readonly level: Level | null; readonly department: string },
  now: number,
): Promise<string> {
  const [stem] = await stemsOf(store, [of], now)
  if (stem === undefined) return ''
  for (let count = await store.nextMediumCount(0, nameOf(stem)); ; count += 1) {
    const number = numberIn(stem, count)
    if ((await store.takenMediumNumbers([number])).length === 0) return number
  }
}

async function stemsOf(
  store: Store,
  media: readonly { readonly level: Level | null; readonly department: string }[],
  now: number,
): Promise<readonly Stem[]> {
  const [patterns, tree] = await Promise.all([store.numberPatterns(), store.departmentTree()])
  const pattern = patterns.find(({ kind }) => kind === 'media')?.pattern ?? FIRST_MEDIA_PATTERN
  const codes = new Map(tree.map(({ name, code }) => [name, code]))
  const year = new Date(now).getFullYear()
  return media.map(({ level, department }) =>
    stemOf(pattern, { level, departmentCode: codes.get(department) ?? '', year }),
  )
}

/** Each text around the count is counted for itself. */
function nameOf({ before, after }: Stem): string {
  return `${before}\u{0}${after}`.toLowerCase()
}
