import { expect, it } from 'vitest'
import { entriesToldMax, FIRST_LOOK_LIMITS, type FoundEntry, newestEntries } from './first-look.ts'
import { FolderTree } from './folder-tree.ts'

const folder = new FolderTree().root
const found = (name: string, times: { modified?: number; changed?: number; born?: number }): FoundEntry => ({
  folder,
  name,
  entry: {
    kind: 'file',
    sizeBytes: 1,
    modifiedMs: times.modified ?? 1,
    changedMs: times.changed ?? 1,
    bornMs: times.born ?? 1,
  },
})
const names = (entries: readonly FoundEntry[]): string[] => entries.map(({ name }) => name)

it('tells all up to the limit, and one past it all but the oldest', () => {
  const entries = [found('a', { modified: 3 }), found('b', { modified: 2 }), found('c', { modified: 4 })]
  expect(names(newestEntries(entries, 3))).toEqual(['a', 'b', 'c'])
  expect(names(newestEntries(entries, 2))).toEqual(['a', 'c'])
})

it('knows a fresh copy of an old file by its birth, and a file moved in by its change', () => {
  const old = Array.from({ length: 5 }, (_, at) => found(`old${at}`, { modified: 50 }))
  const entries = [found('copied', { modified: 7, born: 99 }), ...old, found('moved', { changed: 98 })]
  expect(names(newestEntries(entries, 2))).toEqual(['copied', 'moved'])
})

it('tells less of a mount that an earlier run has told of', () => {
  expect([entriesToldMax('appeared'), entriesToldMax('present-at-start')]).toEqual([
    FIRST_LOOK_LIMITS.entriesTold,
    FIRST_LOOK_LIMITS.entriesTold,
  ])
  expect(entriesToldMax('still-present')).toBe(FIRST_LOOK_LIMITS.entriesToldAgain)
})
