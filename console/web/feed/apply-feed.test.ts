import { describe, expect, it } from 'vitest'
import type { Computer, Overview, ViolationItem } from '../../api/contract.ts'
import {
  addToOverview,
  addToPages,
  countRepeat,
  newestShownMax,
  replaceInPages,
  replaceListed,
  replaceNames,
} from './apply-feed.ts'

const item = (id: number, more: Partial<ViolationItem> = {}): ViolationItem => ({
  id,
  type: 'agent-silent',
  severity: 'high',
  level: 'secret',
  agent: 'a',
  number: 'JM-1',
  policyVersion: 1,
  occurredAt: id,
  receivedAt: id,
  endedAt: null,
  headline: { zh: `${id}`, en: `${id}` },
  place: id,
  standing: {
    ...{ state: 'detected', disposition: null, isIncident: false, assignee: null, subject: null },
    ...{ repeatOf: null, repeats: 1, lastAt: 1, isOngoing: false, exception: null, isLive: true },
  },
  ...more,
})

const overview = (ids: readonly number[]): Overview => ({
  now: 0,
  counts: [{ severity: 'high', count: ids.length }],
  newest: ids.map((id) => item(id)),
  lastViolationAt: null,
  watch: { proven: 0, unproven: 0, broken: 0, heardAt: null, listed: [] },
  behind: { count: 0, listed: [] },
})

const idsOf = (items: readonly ViolationItem[]) => items.map((one) => one.id)

describe('a violation that arrives', () => {
  it('stands first on the overview and is counted', () => {
    const after = addToOverview(overview([2, 1]), item(3))
    expect(idsOf(after.newest)).toEqual([3, 2, 1])
    expect(after.counts).toEqual([{ severity: 'high', count: 3 }])
    expect(after.lastViolationAt).toBe(3)
  })

  it('is counted once where the overview was fetched after it happened', () => {
    const before = overview([3, 2, 1])
    expect(addToOverview(before, item(3))).toBe(before)
    const full = overview(Array.from({ length: newestShownMax }, (_, at) => 100 - at))
    expect(addToOverview(full, item(5))).toBe(full)
  })

  it('counts a severity that was not there before', () => {
    const after = addToOverview(overview([1]), item(2, { severity: 'critical' }))
    expect(after.counts).toContainEqual({ severity: 'critical', count: 1 })
  })

  it('stands in a list by its number even where two arrive in the wrong order', () => {
    const list = { pages: [{ violations: [item(1)], counts: [], nextBefore: null }] }
    const after = addToPages(addToPages(list, item(3)), item(2))
    expect(idsOf(after.pages[0]?.violations ?? [])).toEqual([3, 2, 1])
  })

  it('is not doubled in a list that has it, on whichever page', () => {
    const list = {
      pages: [
        { violations: [item(9)], counts: [], nextBefore: 9 },
        { violations: [item(4)], counts: [], nextBefore: null },
      ],
    }
    expect(addToPages(list, item(4))).toBe(list)
  })
})

describe('a violation that ended', () => {
  it('is replaced where it is shown and added nowhere', () => {
    const list = { pages: [{ violations: [item(2), item(1)], counts: [], nextBefore: null }] }
    const after = replaceInPages(list, item(1, { endedAt: 77 }))
    expect(after.pages[0]?.violations.map((one) => one.endedAt)).toEqual([null, 77])
    expect(idsOf(replaceInPages(list, item(8)).pages[0]?.violations ?? [])).toEqual([2, 1])
  })
})

describe('a repeat that arrives', () => {
  const repeat = (id: number, repeatOf: number) =>
    item(id, { standing: { ...item(id).standing, repeatOf, lastAt: id } })
  const list = { pages: [{ violations: [item(3), item(2)], counts: [], nextBefore: null }] }

  it('is counted once where its first one is shown, and moves nothing', () => {
    const once = countRepeat(list, repeat(4, 2))
    const twice = once && countRepeat(once, repeat(4, 2))
    expect(twice?.pages[0]?.violations.map(({ id, place }) => [id, place])).toEqual([
      [3, 3],
      [2, 4],
    ])
    expect(twice?.pages[0]?.violations[1]?.standing).toMatchObject({ repeats: 2, lastAt: 4 })
  })

  it('of one that is not on the page leaves it to the console', () => {
    expect(countRepeat(list, repeat(4, 1))).toBeNull()
  })
})

describe('a computer that changes', () => {
  const watched = (agent: string, state: 'proven' | 'broken', code: string) =>
    ({
      ...{
        agent,
        number: agent,
        level: 'secret',
        department: null,
        policyVersion: 3,
        appliedPolicyVersion: 3,
      },
      watch: { state, reasons: [{ code, sensor: null, detail: null, remedy: null }] },
    }) as unknown as Computer

  it('tells its new reason where the overview names it, and stays where it stands until the sums are known', () => {
    const { agent, number, level, watch } = watched('a', 'broken', 'gap')
    const before: Overview = {
      ...overview([]),
      watch: {
        ...{ proven: 0, unproven: 0, broken: 1, heardAt: 1 },
        listed: [{ agent, number, level, watch }],
      },
      behind: { count: 1, listed: [{ agent, number, policyVersion: 3, appliedPolicyVersion: 2 }] },
    }
    const codeOf = (one: Overview) => one.watch.listed[0]?.watch.reasons[0]?.code
    const same = replaceListed(before, new Map([['a', watched('a', 'broken', 'offline')]]))
    expect([codeOf(same), same.behind.listed[0]?.appliedPolicyVersion]).toEqual(['offline', 3])
    expect(codeOf(replaceListed(before, new Map([['a', watched('a', 'proven', 'x')]])))).toBe('gap')
  })

  it('is added to what is chosen from, once', () => {
    const changed = new Map([['b', watched('b', 'proven', 'x')]])
    const first = replaceNames([{ agent: 'a', number: 'a', level: 'secret', department: null }], changed)
    expect(first.map((one) => one.agent)).toEqual(['a', 'b'])
    expect(replaceNames(first, changed)).toBe(first)
  })
})
