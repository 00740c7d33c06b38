import { describe, expect, it } from 'vitest'
import type { ViolationItem } from '../../api/contract.ts'
import {
  emptyFilter,
  filterFromAddress,
  filterToAddress,
  filterToQuery,
  isEmptyFilter,
  matchesFilter,
  type ViolationFilter,
} from './filter-address.ts'

const item: ViolationItem = {
  id: 7,
  type: 'unregistered-media-inserted',
  severity: 'high',
  level: 'secret',
  agent: 'a-1',
  number: 'JM-0001',
  policyVersion: 1,
  occurredAt: 1_000,
  receivedAt: 1_100,
  endedAt: null,
  headline: { zh: '某', en: 'some' },
  place: 7,
  standing: {
    ...{ state: 'detected', disposition: null, isIncident: false, assignee: null, subject: null },
    ...{ repeatOf: null, repeats: 1, lastAt: 1, isOngoing: false, exception: null, isLive: true },
  },
}

describe('the filter in the address', () => {
  it('comes back as it was written', () => {
    const filter: ViolationFilter = {
      severity: ['critical', 'high'],
      type: ['agent-silent'],
      level: ['secret'],
      computer: 'a-1',
      span: '24h',
      ...{
        state: ['detected', 'incident'],
        isMine: true,
        excepted: 'no',
        department: '财务处',
        isEach: true,
      },
    }
    expect(filterFromAddress(filterToAddress(filter))).toEqual(filter)
  })

  it('is the same address whatever the order of choosing', () => {
    const one = filterToAddress({ ...emptyFilter, severity: ['low', 'critical'], type: ['b', 'a'] })
    const two = filterToAddress({ ...emptyFilter, severity: ['critical', 'low'], type: ['a', 'b'] })
    expect(one.toString()).toBe(two.toString())
  })

  it('leaves out what somebody typed by hand and does not exist', () => {
    const filter = filterFromAddress(
      new URLSearchParams('severity=apocalyptic,high&level=<script>&time=__proto__&type=../../etc'),
    )
    expect(filter).toEqual({ ...emptyFilter, severity: ['high'] })
  })

  it('is empty for an empty address', () => {
    expect(isEmptyFilter(filterFromAddress(new URLSearchParams()))).toBe(true)
  })
})

describe('the filter for the API', () => {
  it("names the agent and turns a span into a time by the console's clock", () => {
    const query = filterToQuery({ ...emptyFilter, computer: 'a-1', span: '1h' }, 10_000_000)
    expect(Object.fromEntries(query)).toEqual({ agent: 'a-1', from: '6400000', repeats: 'one' })
  })
})

describe('matchesFilter', () => {
  it('lets an arriving violation into the lists that it belongs to and no other', () => {
    expect(matchesFilter(emptyFilter, item)).toBe(true)
    expect(
      matchesFilter({ ...emptyFilter, severity: ['high'], level: ['secret'], computer: 'a-1' }, item),
    ).toBe(true)
    expect(matchesFilter({ ...emptyFilter, severity: ['critical'] }, item)).toBe(false)
    expect(matchesFilter({ ...emptyFilter, type: ['agent-silent'] }, item)).toBe(false)
    expect(matchesFilter({ ...emptyFilter, level: ['internal'] }, item)).toBe(false)
    expect(matchesFilter({ ...emptyFilter, computer: 'a-2' }, item)).toBe(false)
  })
})
