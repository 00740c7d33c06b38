import { expect, it } from 'vitest'
import { changesOf } from './changes.ts'
import { inGroups } from './head-groups.ts'

it('sets two values side by side, what differs first', () => {
  expect(
    changesOf(
      { level: 'secret', modes: { usb: 'observe' } },
      { level: 'secret', modes: { usb: 'enforce' }, list: [] },
    ),
  ).toEqual([
    { path: 'modes.usb', before: '"observe"', after: '"enforce"', isSame: false },
    { path: 'list', before: null, after: '[]', isSame: false },
    { path: 'level', before: '"secret"', after: '"secret"', isSame: true },
  ])
  expect(changesOf(null, null)).toEqual([])
})

it('shows a head so that it can be read aloud', () => {
  expect(inGroups('0123456789abcdef'.repeat(4)).split(' ')).toHaveLength(16)
})
