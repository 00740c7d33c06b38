import { expect, it } from 'vitest'
import type { ViolationItem } from '../../api/contract.ts'
import { type AlarmChoice, parseChoice, silentChoice, switchSeverity } from './alarm-choice.ts'
import { quiet, ringingMax, stepAlarm } from './alarm-state.ts'

const item = (id: number, severity: ViolationItem['severity'], standing: object = {}) =>
  ({
    id,
    severity,
    standing: { isLive: true, repeatOf: null, state: 'detected', ...standing },
  }) as ViolationItem
const loud: AlarmChoice = { severities: ['critical', 'high'], repeatsCritical: true }

it('is silent until somebody switches it on, and rings for the chosen severities alone', () => {
  const arrived = { kind: 'arrived', items: [item(1, 'critical')] } as const
  expect(stepAlarm(quiet, { ...arrived, choice: silentChoice })).toEqual({ state: quiet, sound: null })
  const mixed = { kind: 'arrived', items: [item(1, 'low'), item(2, 'high'), item(3, 'medium')] } as const
  expect(stepAlarm(quiet, { ...mixed, choice: loud }).sound).toBe('high')
  expect(stepAlarm(quiet, { ...mixed, choice: switchSeverity(silentChoice, 'medium') }).sound).toBe('medium')
})

it('goes on ringing for a critical one until it was heard, or acknowledged', () => {
  const { state, sound } = stepAlarm(quiet, {
    kind: 'arrived',
    items: [item(1, 'critical'), item(2, 'critical'), item(3, 'high')],
    choice: loud,
  })
  expect(sound).toBe('critical')
  expect(state.ringing.map(({ id }) => id)).toEqual([1, 2])
  const still = stepAlarm(state, { kind: 'changed', item: item(1, 'critical') }).state
  expect(still).toBe(state)
  const one = stepAlarm(state, {
    kind: 'changed',
    item: item(1, 'critical', { state: 'acknowledged' }),
  }).state
  expect(one.ringing.map(({ id }) => id)).toEqual([2])
  expect(stepAlarm(one, { kind: 'heard' }).state).toEqual(quiet)
  expect(stepAlarm(one, { kind: 'chosen', choice: { ...loud, repeatsCritical: false } }).state).toEqual(quiet)
})

it('does not ring for what an exception allows, nor for repeats, and never keeps more than its bound', () => {
  const items = [item(1, 'critical', { isLive: false }), item(2, 'critical', { repeatOf: 1 })]
  expect(stepAlarm(quiet, { kind: 'arrived', items, choice: loud })).toEqual({ state: quiet, sound: null })
  const many = Array.from({ length: 20_000 }, (_, id) => item(id + 1, 'critical'))
  expect(stepAlarm(quiet, { kind: 'arrived', items: many, choice: loud }).state.ringing).toHaveLength(
    ringingMax,
  )
})

it('takes a damaged choice for silence', () => {
  for (const text of [null, '', '{', 'null', '[]', '{"severities":"critical"}', '{"severities":["loud"]}'])
    expect(parseChoice(text)).toEqual(silentChoice)
  expect(parseChoice(JSON.stringify(loud))).toEqual(loud)
})
