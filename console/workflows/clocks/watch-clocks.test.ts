/** Who is told that time runs out, on a real database: everybody of everything, also in a flood. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addComputer } from '../../api/test-data.ts'
import { openSqliteStoreHere } from '../../store/open-store.ts'
import type { Severity, Store } from '../../store/ports.ts'
import { type Clocks, createClocks } from './create-clocks.ts'
import { lookAtClocks, type UntoldPace } from './watch-clocks.ts'

const hour = 3_600_000
const day = 24 * hour
const start = Date.parse('2026-11-22T10:00:00+08:00')
let folder: string
let store: Store
let agent: string
let clocks: Clocks
let now = start
let last = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-watch-clocks-'))
  store = await openSqliteStoreHere(join(folder, 'console.db'))
  agent = await addComputer({ store, clock: { now: start } })
  clocks = createClocks({
    ...{ store, now: () => now, headlineOf: () => ({ zh: '', en: '' }) },
    candidatesMax: 10,
  })
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

async function happen(severity: Severity): Promise<number> {
  last += 1
  const row = await store.addViolation(
    agent,
    {
      ...{ key: `k${last}`, type: 'disk-removed-or-replaced', severity, level: 'secret', policyVersion: 1 },
      ...{ epoch: null, seq: null, occurredAt: now, evidence: '{}' },
    },
    now,
  )
  if (row === null) throw new Error('not added')
  return row.id
}
const look = (pace?: UntoldPace) =>
  lookAtClocks(
    {
      ...{ store, clocks, now: () => now },
      raised: () => undefined,
      ended: () => undefined,
      log: { error: () => undefined } as never,
    },
    pace,
  )
const toldOf = async (violation: number) =>
  (await store.escalations({ violation, limit: 50 })).map(({ clock, role }) => `${clock} ${role}`)

it('tells anew where another date is agreed after one that ran out', async () => {
  const id = await happen('medium')
  await clocks.rectifyBy(id, { dueAt: now + day, reason: 'parts' }, 'li')
  now += 2 * day
  await look()
  const first = ['rectification office-head', 'rectification sec-admin']
  expect(await toldOf(id)).toEqual(first)
  await clocks.rectifyBy(id, { dueAt: now + day, reason: 'parts again' }, 'li')
  now += 2 * day
  await look()
  await look()
  expect(await toldOf(id)).toEqual([...first, ...first])
})

it('counts and tells of every suspected leak, however many came at once', async () => {
  const ids: number[] = []
  for (let made = 0; made < 24; made += 1) ids.push(await happen('critical'))
  expect(await clocks.read({ perState: 3 })).toMatchObject({ running: 24, overdue: 1 })
  const pace: UntoldPace = { nextAt: 0 }
  await look(pace)
  for (const id of ids) expect(await toldOf(id)).toEqual(['leak-report sec-admin'])
  now += 13 * hour
  await look(pace)
  for (const id of ids) expect(await toldOf(id)).toHaveLength(2)
  now += 12 * hour
  expect(await clocks.read({ perState: 3 })).toMatchObject({ running: 0, overdue: 25 })
})
