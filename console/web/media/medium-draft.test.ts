import type { Passport } from '@shoukou/protocol/media/shapes.ts'
import { describe, expect, it } from 'vitest'
import type { MediumItem } from '../../api/contract-media.ts'
import { detailsOf, formOf, levelsFrom, newForm } from './medium-draft.ts'

const noon = new Date(2026, 10, 21, 12, 30).getTime()
const medium = {
  number: 'U-1',
  level: 'secret',
  kind: 'usb-stick',
  custodian: '张三',
  department: '一处',
  computers: null,
  users: ['op'],
  right: 'read-only',
  validFromMs: noon,
  validUntilMs: noon + 5 * 86_400_000,
  note: '',
} as unknown as MediumItem

describe('a new medium', () => {
  it('has the level and the number of the computer that it was seen in', () => {
    const passport = { bus: 'mmc' } as Passport
    const form = newForm({ computer: 'JM-0231', passport }, 'secret', noon)
    expect(form).toMatchObject({ level: 'secret', computers: ['JM-0231'], kind: 'memory-card' })
    expect(form.validFrom).toBe('2026-11-21')
  })

  it('is for nobody where it was not seen: whom it is for is asked, not assumed', () => {
    expect(newForm(null, 'internal', noon)).toMatchObject({ computers: [], isForAllComputers: false })
  })
})

describe('what the console is told', () => {
  it('keeps the very moments of days that nobody touched', () => {
    const told = detailsOf(formOf(medium), medium)
    expect(told).toMatchObject({ validFromMs: noon, validUntilMs: medium.validUntilMs, computers: null })
  })

  it('is valid from the start of the first day to the end of the last', () => {
    const told = detailsOf({ ...formOf(medium), validFrom: '2026-11-22', validUntil: '2026-11-22' }, medium)
    expect(told.validFromMs).toBe(new Date(2026, 10, 22).getTime())
    expect(told.validUntilMs).toBe(new Date(2026, 10, 23).getTime() - 1)
  })

  it('says everyone by null, and never an empty list of computers by accident', () => {
    const told = detailsOf({ ...formOf(medium), users: [], isForAllComputers: false, computers: ['A'] })
    expect(told.users).toBeNull()
    expect(told.computers).toEqual(['A'])
  })
})

it('offers no level below the one that a medium has', () => {
  expect(levelsFrom('confidential')).toEqual(['top-secret', 'secret', 'confidential'])
})
