import type { Coverage, Fact } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { recordOf } from '../../test/support/facts.ts'
import { coverageAfter } from './coverage.ts'

const cover = (sensor: Coverage['sensor'], state: Coverage['state']): Coverage => ({
  sensor,
  state,
  method: 'm',
  reason: null,
  remedy: null,
})
const told = (one: Coverage): Fact => ({ kind: 'agent.coverage', coverage: one })

it('keeps the last word of each sensor', () => {
  const records = [told(cover('usb', 'fallback')), told(cover('usb', 'watching'))].map((fact) =>
    recordOf(fact),
  )
  expect(coverageAfter([cover('usb', 'not-watched'), cover('clock', 'watching')], records)).toEqual([
    cover('clock', 'watching'),
    cover('usb', 'watching'),
  ])
})

it('takes nothing over from before a start', () => {
  const started: Fact = { kind: 'agent.started', previous: 'unclean-stop', pid: 1, uid: 0 }
  expect(coverageAfter([cover('usb', 'watching')], [recordOf(started)])).toEqual([])
})

it('says nothing where the records do not', () => {
  expect(coverageAfter([cover('usb', 'watching')], [])).toBeNull()
})
