import { expect, it } from 'vitest'
import { neededAtOnce, wordsInUse } from './words-in-use.ts'

it('finds words that are named, put together, or counted', () => {
  const isUsed = wordsInUse([
    "t('page.retry')",
    "pick(one ? 'a.b' : 'a.c')",
    't(`severity.${one}`)',
    "t('list.left', { count })",
  ])
  const keys = ['page.retry', 'a.b', 'a.c', 'severity.high', 'list.left_one', 'list.left_other']
  expect(keys.filter((key) => !isUsed(key))).toEqual([])
  expect(['page.reload', 'severity', 'list.right_one'].filter(isUsed)).toEqual([])
})

it('follows what a module needs at once, and not what it loads later or for its types alone', () => {
  const source = `import type { A } from './types.ts'
import {
  one,
  type Two,
} from './one.ts'
import './style.css'
import { useQuery } from '@tanstack/react-query'
export { other } from '../other.tsx'
const Later = lazy(async () => ({ default: (await import('./later.tsx')).Later }))
`
  expect(neededAtOnce(source)).toEqual(['./one.ts', '../other.tsx'])
})
