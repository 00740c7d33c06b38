import { expect, it } from 'vitest'
import { tamperFacts } from './tamper-facts.ts'

const pin = (detail: string, more = {}) => ({
  layer: 'connection-guard',
  damage: { what: 'pin-removed', detail, isRestored: true, openMs: 12.6, ...more },
})

it('makes one record of pins that went at once, with the longest time', () => {
  expect(
    tamperFacts([pin('connect4'), pin('connect6', { openMs: 20.2 }), pin('ring', { openMs: null })]),
  ).toEqual([
    {
      kind: 'control.tampered',
      group: 'network',
      layer: 'connection-guard',
      what: 'pin-removed',
      detail: 'connect4; connect6; ring',
      isRestored: true,
      openMs: 20,
    },
  ])
})

it('keeps apart what was another deed, on another layer, or could not be restored', () => {
  const rules = {
    layer: 'packet-table',
    damage: { what: 'rules-flushed', detail: '', isRestored: true, openMs: null },
  }
  const found = tamperFacts([
    pin('a'),
    pin('b', { isRestored: false }),
    pin('c', { what: 'map-altered' }),
    rules,
  ])
  expect(found.map(({ what, isRestored, openMs }) => [what, isRestored, openMs])).toEqual([
    ['pin-removed', true, 13],
    ['pin-removed', false, 13],
    ['map-altered', true, 13],
    ['rules-flushed', true, null],
  ])
})
