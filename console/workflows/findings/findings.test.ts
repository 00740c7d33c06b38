import { describe, expect, it, vi } from 'vitest'
import { findDifferences, type RealEntry, type Reality, type RealMedium } from '../../ledger/reality.ts'
import { crossUse, type PlacedAt } from '../../rules/cross-use.ts'
import { passport } from '../media/test-media.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const dayMs = 86_400_000
const now = Date.UTC(2026, 5, 1)
const nothing: Reality = { entries: [], agents: [], media: [], unregistered: [], measured: [] }
const entry = (number: string, other: Partial<RealEntry> = {}): RealEntry => ({
  ...{ kind: 'computers', number, state: 'in-use', level: 'secret', department: '办公室' },
  ...{ custodian: '张三', fields: {}, changedAt: now - 100 * dayMs },
  ...other,
})
const medium = (number: string, other: Partial<RealMedium> = {}): RealMedium => ({
  ...{ number, state: 'issued', level: 'secret', department: '办公室', custodian: '张三', marks: [] },
  ...{ validUntilMs: null, dueBackMs: null, registeredAt: now - 100 * dayMs, changedAt: now - 100 * dayMs },
  ...{ lastSeenAt: now - dayMs, lastSeenAtComputer: 'JM-1' },
  ...other,
})
const agent = (number: string, lastSeenAt: number | null = now) => ({
  ...{ agent: `a-${number}`, number, department: '办公室', enrolledAt: now - 90 * dayMs, lastSeenAt },
})
const idsOf = (reality: Partial<Reality>, days = 30) =>
  findDifferences({ ...nothing, ...reality }, { unseenDays: days }, now).map(({ id }) => id)

describe('the ledger against reality', () => {
  it('says nothing where they agree', () => {
    expect(idsOf({ entries: [entry('JM-1')], agents: [agent('jm-1')], media: [medium('YM-1')] })).toEqual([])
  })

  it('finds what is registered and unseen, at the day and not before', () => {
    const seen = (ms: number) => idsOf({ entries: [entry('JM-1')], agents: [agent('JM-1', now - ms)] })
    expect(seen(30 * dayMs)).toEqual([])
    expect(seen(30 * dayMs + 1)).toEqual(['computer-unseen:computers:jm-1'])
    expect(idsOf({ entries: [entry('JM-1')] })).toEqual(['computer-never-seen:computers:jm-1'])
    expect(idsOf({ media: [medium('YM-1', { lastSeenAt: now - 31 * dayMs })] })).toEqual([
      'medium-unseen:media:ym-1',
    ])
    expect(idsOf({ entries: [entry('JM-1', { state: 'suspended' })] })).toEqual([])
  })

  it('finds what is seen and not registered, retired, missing, expired or marked otherwise', () => {
    expect(idsOf({ agents: [agent('JM-9')] })).toEqual(['computer-unregistered:a-JM-9'])
    // A person said which entry it is.
    const said = { ...agent('X-1'), saidToBe: 'JM-1' }
    expect(idsOf({ entries: [entry('JM-1')], agents: [said] })).toEqual([])
    expect(idsOf({ entries: [entry('JM-1', { state: 'retired' })], agents: [agent('JM-1')] })).toEqual([
      'computer-ended-seen:computers:jm-1',
    ])
    const since = { changedAt: now - 2 * dayMs }
    expect(idsOf({ media: [medium('A', { state: 'destroyed', ...since })] })).toEqual([
      'medium-ended-seen:media:a',
    ])
    expect(idsOf({ media: [medium('A', { state: 'missing', ...since })] })).toEqual([
      'medium-missing-seen:media:a',
    ])
    // It was seen last before it was retired.
    expect(idsOf({ media: [medium('A', { state: 'retired', changedAt: now })] })).toEqual([])
    expect(idsOf({ media: [medium('A', { validUntilMs: now - 1 })] })).toEqual(['medium-expired:media:a'])
    expect(idsOf({ media: [medium('A', { state: 'lent', dueBackMs: now - 1 })] })).toEqual([
      'medium-overdue:media:a',
    ])
    expect(idsOf({ media: [medium('A', { state: 'carried-out', dueBackMs: now + 1 })] })).toEqual([])
    expect(idsOf({ media: [medium('A', { state: 'lent' })] })).toEqual([])
    const marks = [{ by: 'seal' as const, level: 'internal' as const, at: now }]
    expect(idsOf({ media: [medium('A', { marks })] })).toEqual(['mark-differs:media:a:seal'])
  })

  it('finds whose custodian left, and picks nobody where two have one name', () => {
    const person = (number: string, state: string) =>
      entry(number, { kind: 'people', state, level: null, fields: { name: '张三' } })
    const left = [person('RY-1', 'departed')]
    const ids = ['custodian-left:computers:jm-1', 'custodian-left:media:ym-1']
    expect(
      idsOf({ entries: [entry('JM-1'), ...left], agents: [agent('JM-1')], media: [medium('YM-1')] }),
    ).toEqual(ids)
    const two = [...left, person('RY-2', 'on-post')]
    expect(idsOf({ entries: [entry('JM-1'), ...two], agents: [agent('JM-1')] })).toEqual([])
    const named = entry('JM-1', { fields: { custodianEntry: ['RY-1'] } })
    expect(idsOf({ entries: [named, ...two], agents: [agent('JM-1')] })).toEqual([ids[0]])
    const cooling = entry('RY-3', {
      kind: 'people',
      state: 'cooling-off',
      fields: { coolingOffUntil: '2026-05-01' },
    })
    expect(idsOf({ entries: [cooling] })).toEqual(['person-cooling-over:people:ry-3'])
  })

  it('finds what a filed computer tells of itself otherwise than the register, each difference by itself', () => {
    const differences = [
      { kind: 'disk-missing', field: 'diskSerials', registered: 'WD 1', measured: null, since: now - dayMs },
      { kind: 'disk-unknown', field: 'diskSerials', registered: null, measured: 'WD 2', since: now - dayMs },
      { kind: 'card-unknown', field: 'macs', registered: null, measured: '02:00:00:00:00:01', since: null },
    ] as const
    const measured = [{ number: 'JM-1', differences }]
    const agents = [agent('JM-1')]
    expect(idsOf({ entries: [entry('JM-1')], agents, measured })).toEqual([
      'card-differs:computers:jm-1:card-unknown:02:00:00:00:00:01',
      'disk-differs:computers:jm-1:disk-missing:wd1',
      'disk-differs:computers:jm-1:disk-unknown:wd2',
    ])
    expect(idsOf({ entries: [entry('JM-1', { state: 'destroyed' })], measured })).toEqual([])
  })

  it('finds one disk in two entries once, at the later of them', () => {
    const disk = (number: string, serial: string, changedAt: number) =>
      entry(number, { fields: { diskSerials: [serial] }, changedAt })
    const entries = [disk('JM-1', 'WD 1', now - 3), disk('JM-2', 'wd1', now - 2)]
    const agents = [agent('JM-1'), agent('JM-2')]
    const [found, ...more] = findDifferences({ ...nothing, entries, agents }, { unseenDays: 30 }, now)
    expect(more).toEqual([])
    expect(found).toMatchObject({ kind: 'duplicate-disk', number: 'JM-2', told: { others: 'JM-1' } })
  })

  it('compares 5,000 computers and 20,000 media without comparing each with each', () => {
    const entries = Array.from({ length: 5_000 }, (_, at) =>
      entry(`JM-${at}`, { fields: { diskSerials: [`D-${at % 4_990}`], macs: [] } }),
    )
    const agents = entries.map(({ number }) => agent(number))
    const media = Array.from({ length: 20_000 }, (_, at) =>
      medium(`YM-${at}`, { lastSeenAt: now - at * 1e6 }),
    )
    const started = performance.now()
    const found = findDifferences({ ...nothing, entries, agents, media }, { unseenDays: 30 }, now)
    // Each with each takes minutes.
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(found.filter(({ kind }) => kind === 'duplicate-disk')).toHaveLength(10)
  })
})

describe('cross-use', () => {
  const stick = passport('CROSS-1')
  const placed = (
    name: string,
    hostLevel: PlacedAt['hostLevel'],
    number: string | null = 'YM-1',
  ): PlacedAt => ({
    ...{
      agent: name,
      computer: name,
      stay: `s-${name}`,
      usbPath: '1-1',
      at: 1,
      number,
      passport: stick,
      hostLevel,
    },
  })

  it('is one medium at a classified computer and at one that is not, whichever came first', () => {
    const [secret, plain] = [placed('JM-1', 'secret'), placed('FM-1', 'unclassified')]
    for (const [first, then] of [
      [secret, plain],
      [plain, secret],
    ] as const) {
      expect(crossUse(then, [first])?.evidence.sightings.map(({ computer }) => computer)).toEqual([
        first.computer,
        then.computer,
      ])
    }
  })

  it('is none within one side, at one computer, or of two unregistered media with one serial', () => {
    expect(crossUse(placed('JM-1', 'secret'), [placed('JM-2', 'confidential')])).toBeNull()
    expect(crossUse(placed('FM-1', 'internal'), [placed('FM-2', 'unclassified')])).toBeNull()
    expect(crossUse(placed('JM-1', 'secret', null), [placed('FM-1', 'unclassified', null)])).toBeNull()
    expect(crossUse(placed('JM-1', 'secret'), [placed('FM-1', 'unclassified', 'YM-2')])).toBeNull()
  })
})
