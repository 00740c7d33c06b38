import type { FactNamed } from '@shoukou/protocol/events/facts.ts'
import { describe, expect, it } from 'vitest'
import type { RecordItem } from '../../api/contract.ts'
import { type ControlSaid, controlShown, newestControl } from './control-state.ts'

type Said = FactNamed<'control.state'>
const fact = (state: Said['state'], group: Said['group'] = 'media'): Said => ({
  kind: 'control.state',
  group,
  state,
  cause: 'start',
  reason: null,
  layers: [],
})
const said = (state: Said['state']): ControlSaid => ({ at: 1, fact: fact(state) })
const record = (told: Said, wallMs: number) => ({ raw: JSON.stringify({ fact: told }), wallMs }) as RecordItem

describe('the newest word on control', () => {
  it('is the first of that group, whatever stands beside it', () => {
    const records = [
      record(fact('in-force', 'network'), 3),
      record(fact('partly'), 2),
      record(fact('in-force'), 1),
    ]
    expect(newestControl(records, 'media')).toMatchObject({ at: 2, fact: { state: 'partly' } })
    expect(newestControl(records, 'network')).toMatchObject({ at: 3, fact: { state: 'in-force' } })
    expect(newestControl([record(fact('in-force', 'files'), 3)], 'media')).toBeNull()
  })
})

describe('what is shown', () => {
  it('is in force only while the computer is heard', () => {
    expect(controlShown(said('in-force'), 'online', 'enforce')).toBe('in-force')
    for (const status of ['offline', 'silent', 'stopped', 'pending'] as const)
      expect(controlShown(said('in-force'), status, 'enforce')).toBe('unknown')
  })

  it('is unknown where nothing was told, whatever policy wants', () => {
    expect(controlShown(null, 'online', 'enforce')).toBe('unknown')
    expect(controlShown(null, 'online', null)).toBe('unknown')
  })

  it('is observing where policy wants no more', () => {
    expect(controlShown(null, 'online', 'observe')).toBe('observing')
    expect(controlShown(said('released'), 'online', 'observe')).toBe('released')
  })

  it('does not call a denial that still stands observing because policy has just changed', () => {
    expect(controlShown(said('in-force'), 'online', 'observe')).toBe('in-force')
  })
})
