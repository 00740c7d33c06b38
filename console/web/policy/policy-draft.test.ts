import { DEFAULT_POLICY_SETTINGS, type PolicySettings, PolicySettingsSchema } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import {
  approvalOf,
  changedFields,
  draftFaults,
  joinPolicies,
  type LimitName,
  limitBounds,
} from './policy-draft.ts'

const base = DEFAULT_POLICY_SETTINGS
const medium = { vendorId: '0781', productId: '5583', serial: 'S1', note: '' }
const card = { mac: '52:54:00:12:34:56', busPath: '0000:00:03.0', note: '' }
const check = Compile(PolicySettingsSchema)

describe('what is wrong with a draft', () => {
  it('is nothing for the settings of a new computer', () => {
    expect(draftFaults(base)).toEqual([])
  })

  it('is named by row and part', () => {
    const draft: PolicySettings = {
      ...base,
      registeredMedia: [
        { ...medium, vendorId: '781', serial: '' },
        { ...medium, productId: 'GGGG' },
      ],
      approvedInterfaces: [{ ...card, mac: '52-54-00-12-34-56' }],
    }
    expect(draftFaults(draft)).toEqual([
      { field: 'medium', at: 0, what: 'vendor' },
      { field: 'medium', at: 0, what: 'serial' },
      { field: 'medium', at: 1, what: 'product' },
      { field: 'interface', at: 0, what: 'mac' },
    ])
  })

  it('is the same medium or interface entered twice', () => {
    const draft = {
      ...base,
      registeredMedia: [medium, { ...medium, note: 'again' }],
      approvedInterfaces: [card, card],
    }
    expect(draftFaults(draft).map((fault) => ('what' in fault ? fault.what : ''))).toEqual(['twice', 'twice'])
  })

  it('has the very bounds of the protocol, at the bound and one past it', () => {
    for (const name of Object.keys(limitBounds) as LimitName[]) {
      const { min, max } = limitBounds[name]
      for (const value of [min - 1, min, max, max + 1]) {
        const draft = { ...base, limits: { ...base.limits, [name]: value } }
        expect(draftFaults(draft).length === 0, `${name} ${value}`).toBe(check.Check(draft))
      }
    }
  })
})

describe('two changes at once', () => {
  it('join where they touch different fields', () => {
    const mine = { ...base, registeredMedia: [medium] }
    const theirs: PolicySettings = { ...base, level: 'secret' }
    expect(joinPolicies(base, mine, theirs)).toEqual({
      settings: { ...base, level: 'secret', registeredMedia: [medium] },
      conflicts: [],
    })
  })

  it('keep mine where both touched a field, and say so', () => {
    const mine: PolicySettings = { ...base, level: 'top-secret' }
    const theirs: PolicySettings = { ...base, level: 'secret' }
    const joined = joinPolicies(base, mine, theirs)
    expect(joined.settings.level).toBe('top-secret')
    expect(joined.conflicts).toEqual(['level'])
  })

  it('are no conflict where both did the same', () => {
    const both: PolicySettings = { ...base, level: 'secret' }
    expect(joinPolicies(base, both, both).conflicts).toEqual([])
  })
})

describe('changedFields', () => {
  it('names what differs', () => {
    expect(changedFields(base, { ...base, limits: { ...base.limits, silentAfterMs: 90_000 } })).toEqual([
      'limits',
    ])
    expect(changedFields(base, structuredClone(base))).toEqual([])
  })
})

describe('approving an interface of the baseline', () => {
  it('copies its address and place', () => {
    expect(approvalOf({ name: 'eth0', mac: card.mac, busPath: card.busPath }, [], 'eth0')).toEqual({
      ...card,
      note: 'eth0',
    })
  })

  it('is not offered where there is no address, or where it is approved already', () => {
    expect(approvalOf({ name: 'lo', mac: null, busPath: null }, [], '')).toBeNull()
    expect(approvalOf({ name: 'eth0', mac: card.mac, busPath: card.busPath }, [card], '')).toBeNull()
    expect(
      approvalOf({ name: 'eth0', mac: card.mac, busPath: 'other' }, [{ ...card, busPath: null }], ''),
    ).toBeNull()
    expect(approvalOf({ name: 'eth0', mac: card.mac, busPath: 'other' }, [card], '')).not.toBeNull()
  })
})
