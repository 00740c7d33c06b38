/** Pages and counts by classes say what reading every row would say, whatever was handled, merged or allowed meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DEFAULT_POLICY_SETTINGS } from '@shoukou/protocol'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrations } from './migrations.ts'
import type { Severity, Store, ViolationFilter, ViolationRow } from './ports.ts'
import { asKyselyDatabase, type OpenDatabase, openDatabase } from './sqlite/database.ts'
import { mendViolationLists } from './sqlite/mend-violation-lists.ts'
import { createSqliteStore } from './sqlite/sqlite-store.ts'

const severities = ['critical', 'high', 'medium', 'low'] as const
const types = ['agent-silent', 'unregistered-peripheral', 'media-not-assigned'] as const
const levels = ['secret', 'confidential'] as const
const states = ['detected', 'acknowledged', 'closed', 'false-positive'] as const
const agents = ['a', 'b', 'c', 'd']
const departmentOf: Readonly<Record<string, string>> = { a: '一部', b: '一部', c: '二部' }
const count = 400

let folder: string
let database: OpenDatabase
let store: Store
let all: readonly ViolationRow[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-lists-'))
  database = await openDatabase(join(folder, 'console.db'))
  database.connection.exec('pragma synchronous=off')
  store = createSqliteStore(database)
  for (const agent of agents) {
    const token = {
      id: agent,
      number: agent,
      settings: DEFAULT_POLICY_SETTINGS,
      createdAt: 0,
      createdBy: 'x',
    }
    await store.addToken({ ...token, expiresAt: 9e12, usedAt: null, usedBy: null })
    const names = { agent, number: agent, hostname: 'h', certificateSerial: agent, certificate: 'PEM' }
    const policy = { agent, version: 1, createdAt: 1, createdBy: 'x', reason: 'r', envelope: '{}' }
    await store.addComputer({ ...names, enrolledAt: 1 }, { ...policy, settings: token.settings }, agent)
    const place = database.connection.prepare('update computers set department = ? where agent = ?')
    place.run(departmentOf[agent] ?? null, agent)
  }
  const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T
  for (let n = 0; n < count; n += 1) {
    const told = {
      ...{ key: `k${n}`, type: pick(types, n * 7), severity: pick(severities, n * 3 + (n >> 3)) },
      ...{
        level: pick(levels, n >> 1),
        policyVersion: 1,
        evidence: '{}',
        epoch: null,
        seq: null,
        occurredAt: n,
      },
    }
    await store.addViolation(pick(agents, n >> 2), told, 1_000 + n)
  }
  const by = { at: 5, account: 'li', reason: 'seen' }
  for (let id = 1; id <= count; id += 3) {
    const state = pick(states, id)
    const standing = { state, disposition: null, isIncident: false, assignee: id % 4 === 0 ? 'li' : null }
    const step = { ...by, violation: id, kind: 'acknowledge' as const, proposal: null }
    expect(await store.addHandling(step, null, standing)).not.toBeNull()
  }
  for (const [lead, other] of [
    [390, 10],
    [20, 380],
    [5, 6],
  ] as const)
    await store.mergeViolations(lead, other, by)
  await store.unmergeViolation(6, by, {
    state: 'closed',
    disposition: null,
    isIncident: false,
    assignee: null,
  })
  database.connection.exec('update violations set exception = 1 where id % 17 = 0')
  all = await store.violations({ limit: 10_000 })
  expect(all).toHaveLength(count)
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const placeOf = (row: ViolationRow, isGrouped: boolean | undefined): number =>
  isGrouped === true ? (row.standing?.place ?? 0) : row.id

function matching(filter: Omit<ViolationFilter, 'limit'>): ViolationRow[] {
  const isIn = <T>(list: readonly T[] | undefined, one: T) => list === undefined || list.includes(one)
  return all
    .filter((row) => {
      const { severity, type, level, agent, department, sinceMs = 0, untilMs = 9e15, beforeId } = filter
      const { standing } = row
      return (
        isIn(severity, row.severity) &&
        isIn(type, row.type) &&
        isIn(level, row.level) &&
        isIn(filter.state, standing?.state) &&
        (agent === undefined || row.agent === agent) &&
        (department === undefined || departmentOf[row.agent] === department) &&
        (filter.assignee === undefined || standing?.assignee === filter.assignee) &&
        (filter.isExcepted === undefined || filter.isExcepted === (row.id % 17 === 0)) &&
        (filter.isGrouped !== true || standing?.repeatOf === null) &&
        row.receivedAt >= sinceMs &&
        row.receivedAt <= untilMs &&
        (beforeId === undefined || placeOf(row, filter.isGrouped) < beforeId)
      )
    })
    .toSorted((a, b) => placeOf(b, filter.isGrouped) - placeOf(a, filter.isGrouped))
}

const filters: readonly Omit<ViolationFilter, 'limit'>[] = [
  {},
  { severity: ['critical'] },
  { severity: ['low', 'high'], type: ['agent-silent'] },
  { state: ['closed', 'false-positive'], level: ['secret'] },
  { state: ['incident'] },
  { isExcepted: true },
  { isExcepted: false, severity: ['medium'] },
  { sinceMs: 1_350 },
  { sinceMs: 1_350, type: ['media-not-assigned'] },
  { sinceMs: 9_999, severity: ['low'] },
  { sinceMs: 1_100, untilMs: 1_200, state: ['detected'] },
  { untilMs: 1_050, severity: ['high'] },
  { department: '一部' },
  { department: '二部', severity: ['high'], state: ['detected', 'closed'] },
  { department: '一部', type: ['agent-silent'], sinceMs: 1_200 },
  { department: '三部' },
  { agent: 'b' },
  { agent: 'b', severity: ['critical'], state: ['detected'] },
  { agent: 'a', department: '二部' },
  { assignee: 'li' },
  { assignee: 'li', severity: ['high'] },
]

it.each(filters.flatMap((filter) => [filter, { ...filter, isGrouped: true }]))(
  'are those that match, newest first, page by page, and counted: %o',
  async (filter) => {
    const expected = matching(filter)
    const limit = 7
    const found: number[] = []
    for (let beforeId: number | undefined; ; ) {
      const page = await store.violations({
        ...filter,
        limit,
        ...(beforeId === undefined ? {} : { beforeId }),
      })
      found.push(...page.map(({ id }) => id))
      const last = page.at(-1)
      if (page.length < limit || last === undefined) break
      beforeId = placeOf(last, filter.isGrouped)
    }
    expect(found).toEqual(expected.map(({ id }) => id))
    const counts = new Map((await store.countViolations(filter)).map((one) => [one.severity, one.count]))
    expect(counts).toEqual(countsOf(expected))
  },
)

it('are counted for each computer, and what is open for the wall', async () => {
  const byAgent = (rows: readonly { agent: string; severity: Severity; count: number }[]) =>
    Object.fromEntries(rows.map(({ agent, severity, count: n }) => [`${agent} ${severity}`, n]))
  const expected = (filter: Omit<ViolationFilter, 'limit'>) =>
    byAgent(
      agents.flatMap((agent) =>
        [...countsOf(matching({ ...filter, agent }))].map(([severity, n]) => ({ agent, severity, count: n })),
      ),
    )
  expect(byAgent(await store.countViolationsByComputer())).toEqual(expected({}))
  const open = ['detected', 'acknowledged'] as const
  expect(byAgent(await store.openViolationsByComputer(open))).toEqual(
    expected({ state: open, isExcepted: false, isGrouped: true }),
  )
})

it('find what a database held before there were classes', async () => {
  const connection = new DatabaseSync(join(folder, 'older.db'))
  const query = new Kysely<unknown>({
    dialect: new SqliteDialect({ database: asKyselyDatabase(connection) }),
  })
  const migrator = new Migrator({ db: query, provider: { getMigrations: async () => ({ ...migrations }) } })
  await migrator.migrateTo('0022-findings')
  const add = connection.prepare(
    "insert into violations (agent, key, type, severity, level, policy_version, evidence, occurred_at, received_at, state, place) values ('a', ?, 'agent-silent', ?, 'secret', 1, '{}', 1, ?, ?, ?)",
  )
  for (let n = 1; n <= 9; n += 1)
    add.run(`k${n}`, n % 2 === 0 ? 'high' : 'low', n, n % 3 === 0 ? 'closed' : 'detected', n === 4 ? null : n)
  await query.destroy()
  const older = createSqliteStore(await openDatabase(join(folder, 'older.db')))
  const ids = async (filter: Omit<ViolationFilter, 'limit'>) =>
    (await older.violations({ ...filter, limit: 9 })).map(({ id }) => id)
  expect(await ids({ severity: ['high'] })).toEqual([8, 6, 4, 2])
  expect(await ids({ severity: ['high'], state: ['detected'], isGrouped: true })).toEqual([8, 2])
  expect(await older.countViolations({ agent: 'a', severity: ['high'], isGrouped: true })).toEqual([
    { severity: 'high', count: 3 },
  ])
  await older.close()
})

it('are worked out anew where they do not say what is there', async () => {
  const path = join(folder, 'altered.db')
  const { connection, query } = await openDatabase(path)
  const add = connection.prepare(
    "insert into violations (agent, key, type, severity, level, policy_version, evidence, occurred_at, received_at, place) values ('a', ?, 'agent-silent', 'high', 'secret', 1, '{}', 1, 1, ?)",
  )
  for (let n = 1; n <= 5; n += 1) add.run(`k${n}`, n)
  expect(mendViolationLists(connection)).toBe(false)
  connection.exec('update violations set class = null where id = 3')
  await query.destroy()
  const altered = createSqliteStore(await openDatabase(path))
  const ids = (await altered.violations({ severity: ['high'], limit: 9 })).map(({ id }) => id)
  expect(ids).toEqual([5, 4, 3, 2, 1])
  expect(await altered.countViolations({ isGrouped: true })).toEqual([{ severity: 'high', count: 5 }])
  await altered.close()
})

function countsOf(rows: readonly ViolationRow[]): Map<Severity, number> {
  const counts = new Map<Severity, number>()
  for (const { severity } of rows) counts.set(severity, (counts.get(severity) ?? 0) + 1)
  return counts
}
