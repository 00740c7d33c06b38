import { expect, it } from 'vitest'
import { historyChanges } from './history-changes.ts'

it('reads each field with what it was and what it became', () => {
  expect(historyChanges('{"level":["secret","top-secret"],"users":[null,["op"]]}')).toEqual([
    { field: 'level', before: 'secret', after: 'top-secret' },
    { field: 'users', before: null, after: ['op'] },
  ])
  expect(historyChanges('')).toEqual([])
})

it('says that it cannot read what has another shape, so that the page shows it whole', () => {
  expect(historyChanges('{"level":"secret"}')).toBeNull()
  expect(historyChanges('[1,2]')).toBeNull()
  expect(historyChanges('{')).toBeNull()
})
