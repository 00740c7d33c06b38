import { describe, expect, it } from 'vitest'
import { kindOf } from '../../ledger/kinds.ts'
import { coreOf, type EntryCore, formOf, joinEntries } from './entry-draft.ts'

const kind = kindOf('computers')
const entry: EntryCore = {
  level: 'secret',
  department: 'Finance',
  custodian: 'Li Wei',
  fields: {
    kind: 'desktop',
    diskSerials: ['S1', 'S2'],
    safe: { is: 'present', date: '2026-01-02' },
    keyLocation: true,
  },
}

describe('the form of an entry', () => {
  it('sends back what it was shown', () => {
    expect(coreOf(kind, { ...formOf(kind, entry), reason: 'x' })).toEqual(entry)
  })

  it('sends MAC addresses one way, and nothing for empty fields', () => {
    const fields = { macs: ' 02-AA-BB-CC-DD-EE\n\n02aa.bbcc.ddee ', room: '  ', keyLocation: false }
    const form = { ...formOf(kind, entry), fields, reason: 'x' }
    expect(coreOf(kind, form).fields).toEqual({ macs: ['02:aa:bb:cc:dd:ee'] })
  })
})

describe('two fillings-in', () => {
  it('become one where they touch different fields, and both values are told where they touch the same', () => {
    const mine = { ...entry, fields: { ...entry.fields, room: '301', os: 'Kylin' } }
    const theirs = { ...entry, custodian: 'Zhang Min', fields: { ...entry.fields, room: '302' } }
    const { joined, clashes, taken } = joinEntries(entry, mine, theirs)
    expect(joined).toEqual({ ...mine, custodian: 'Zhang Min' })
    expect(clashes).toEqual([{ key: 'room', mine: '301', theirs: '302' }])
    expect(taken.map(({ key }) => key)).toEqual(['custodian'])
  })
})
