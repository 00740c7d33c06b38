import { expect, it } from 'vitest'
import { groupReasons } from './group-reasons.ts'

const reason = (code: string, sensor: string | null = null, detail: string | null = null) => ({
  code,
  sensor,
  detail,
  remedy: null,
})

it('tells one trouble of several sensors once, in the order of the first', () => {
  const groups = groupReasons([
    reason('offline'),
    reason('sensor-not-watched', 'usb', 'no permission'),
    reason('sensor-not-watched', 'media', 'no permission'),
    reason('sensor-not-watched', 'files', 'another'),
  ])
  expect(groups.map(({ code, sensors }) => [code, ...sensors])).toEqual([
    ['offline'],
    ['sensor-not-watched', 'usb', 'media'],
    ['sensor-not-watched', 'files'],
  ])
})

it('does not list the sensors of a computer that was never heard', () => {
  const groups = groupReasons([
    reason('never-heard'),
    reason('sensor-unknown', 'usb'),
    reason('policy-behind'),
  ])
  expect(groups.map(({ code }) => code)).toEqual(['never-heard', 'policy-behind'])
})

it('lists unknown sensors of a computer that was heard', () => {
  expect(groupReasons([reason('sensor-unknown', 'usb')])[0]?.sensors).toEqual(['usb'])
})
