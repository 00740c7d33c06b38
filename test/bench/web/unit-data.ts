/**
 * A unit of five thousand computers with a million violations of one year, written by the console's own store: its keys, its
 * rule for repeats, its evidence chain. Left out are the records below (no list reads them) and the steps by which violations
 * were handled: only where they led to is written. Indexes, classes and sums of lists are made at the end, at once, as for an
 * older database.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DEFAULT_POLICY_SETTINGS, type Level, SENSORS } from '@shoukou/protocol'
import { createTestSigner } from '../../../console/signer/test-signer.ts'
import { type OpenDatabase, openDatabase } from '../../../console/store/sqlite/database.ts'
import { SqliteIngest } from '../../../console/store/sqlite/ingest.ts'
import { createSqliteStore } from '../../../console/store/sqlite/sqlite-store.ts'
import { fillViolationLists } from '../../../console/store/violation-lists-schema.ts'
import { firstPolicy, signPolicy } from '../../../console/workflows/policies.ts'
import { accusationOf } from './evidence.ts'

export const computersInAll = 5_000
export const violationsInAll = 1_000_000
export const departmentsInAll = 60

const yearMs = 365 * 86_400_000
const rowsPerCommit = 10_000
/** Every so many violations one comes again and again. */
const repeatsEvery = 12
const repeatsMax = 3

/** Writes the unit into a console's database that has no computer yet. The newest violation is of `now`. */
export async function writeUnit(path: string, now: number, say: (line: string) => void): Promise<void> {
  const database = await openDatabase(path)
  const { connection, query } = database
  // A crash leaves nothing of a bench; what is written is the same.
  connection.exec('pragma synchronous=off; pragma cache_size=-600000; pragma wal_autocheckpoint=50000')
  try {
    const agents = await writeComputers(database, now - yearMs)
    say(`${agents.length} computers`)
    const indexes = takeIndexesOff(connection)
    const triggers = takeTriggersOff(connection)
    await writeViolations(database, agents, now, say)
    for (const sql of [...fillViolationLists, ...indexes, ...triggers]) connection.exec(sql)
    say('lists')
    connection.exec('pragma wal_checkpoint(truncate)')
  } finally {
    await query.destroy()
  }
}

interface Agent {
  readonly agent: string
  readonly level: Level
}

const levels = ['confidential', 'confidential', 'confidential', 'secret', 'secret', 'top-secret'] as const

async function writeComputers(database: OpenDatabase, at: number): Promise<Agent[]> {
  const store = createSqliteStore(database)
  const signer = createTestSigner()
  const place = database.connection.prepare('update computers set department = ? where agent = ?')
  const coverage = SENSORS.map((sensor) => {
    return { sensor, state: 'watching' as const, method: 'kernel', reason: null, remedy: null }
  })
  const agents: Agent[] = []
  for (let n = 1; n <= computersInAll; n += 1) {
    const agent = `bench-${String(n).padStart(5, '0')}`
    const number = `JM-${String(n).padStart(4, '0')}`
    const level = levels[n % levels.length] ?? 'confidential'
    const settings = { ...DEFAULT_POLICY_SETTINGS, level }
    const baseline = { takenAtMs: at, usb: [], disks: [], interfaces: [] }
    const policy = firstPolicy({ agent, computer: number, settings, baseline, now: at })
    const row = await signPolicy(policy, { account: 'secadmin', reason: 'enrolment', signer })
    const token = { id: `token-${n}`, number, settings, createdAt: at, createdBy: 'secadmin' }
    await store.addToken({ ...token, expiresAt: at + 1, usedAt: null, usedBy: null })
    const certificate = { certificateSerial: `bench-${n}`, certificate: 'none' }
    await store.addComputer(
      { agent, number, hostname: `host-${n}`, ...certificate, enrolledAt: at },
      row,
      token.id,
    )
    const said = { agentVersion: '0.1.0', appliedPolicyVersion: 1, coverage, clockSkewMs: 0 }
    await store.heard(agent, { at: at + n, status: 'online', isBehind: false, ...said })
    // Nobody runs them: told apart from those that have just gone, about whom the console would begin to ask.
    await store.setStatus(agent, 'silent')
    place.run(`部门${String((n % departmentsInAll) + 1).padStart(2, '0')}`, agent)
    agents.push({ agent, level })
  }
  return agents
}

/** Of lists; those that the writing itself reads stay. Returns how they are made. */
function takeIndexesOff(connection: OpenDatabase['connection']): string[] {
  const stay = ['violations_alike', 'violations_lasting', 'violations_repeats', 'violations_that_last']
  const rows = connection
    .prepare(
      "select name, sql from sqlite_schema where type = 'index' and tbl_name = 'violations' and sql is not null",
    )
    .all() as unknown as { readonly name: string; readonly sql: string }[]
  const off = rows.filter(({ name }) => !stay.includes(name))
  for (const { name } of off) connection.exec(`drop index "${name}"`)
  return off.map(({ sql }) => sql)
}

/** Of classes and sums. Returns how they are made. */
function takeTriggersOff(connection: OpenDatabase['connection']): string[] {
  const rows = connection
    .prepare("select name, sql from sqlite_schema where type = 'trigger' and name glob 'violation_class_*'")
    .all() as unknown as { readonly name: string; readonly sql: string }[]
  if (rows.length !== 2) throw new Error('classes are kept by two triggers')
  for (const { name } of rows) connection.exec(`drop trigger "${name}"`)
  return rows.map(({ sql }) => sql)
}

async function writeViolations(
  { connection }: OpenDatabase,
  agents: readonly Agent[],
  now: number,
  say: (line: string) => void,
): Promise<void> {
  const ingest = new SqliteIngest(connection)
  const handle = connection.prepare(
    'update violations set state = ?, disposition = ?, assignee = ? where id = ? or repeat_of = ?',
  )
  const random = randomFrom(20_261_122)
  const stepMs = yearMs / violationsInAll
  const done = { written: 0 }
  const add = ({ agent, level }: Agent, unique: string, turn: number) => {
    const receivedAt = Math.round(now - yearMs + (done.written + 1) * stepMs)
    const { type, severity, evidence } = accusationOf(turn, unique, receivedAt)
    const told = { key: `bench:${done.written}`, type, severity, level, policyVersion: 1, evidence }
    const row = ingest.addViolation(
      agent,
      { ...told, epoch: null, seq: null, occurredAt: receivedAt },
      receivedAt,
    )
    if (row === null) throw new Error('each key is its own')
    done.written += 1
    return { id: row.id, severity }
  }
  while (done.written < violationsInAll) {
    ingest.transaction(() => {
      const until = Math.min(violationsInAll, done.written + rowsPerCommit)
      while (done.written < until) {
        const agent = agents[Math.floor(random() * agents.length)]
        if (agent === undefined) throw new Error('there are computers')
        const turn = Math.floor(random() * 1_000_000)
        const unique = done.written.toString(16)
        const added = add(agent, unique, turn)
        const repeats = done.written % repeatsEvery === 0 ? repeatsMax : 0
        for (let n = 0; n < repeats && done.written < until; n += 1) add(agent, unique, turn)
        const ageDays = ((violationsInAll - done.written) * stepMs) / 86_400_000
        const { state, disposition, assignee } = handledAs(ageDays, added.severity === 'critical', random())
        if (state !== 'detected') handle.run(state, disposition, assignee, added.id, added.id)
      }
    })
    if (done.written % 200_000 === 0) say(`${done.written} violations`)
    await nextTurn()
  }
}

/**
 * What is new was hardly looked at; what is old is mostly over. No suspected leak stands open for longer than a day: what the
 * law gives hours for does not wait by the thousand.
 */
function handledAs(ageDays: number, isCritical: boolean, chance: number): Handled {
  const someone = `handler-${String(Math.floor(chance * 1e6) % 20).padStart(2, '0')}`
  if (ageDays < 1)
    return chance < 0.9 ? untouched : { ...untouched, state: 'acknowledged', assignee: 'secadmin' }
  if (isCritical) return chance < 0.75 ? closed : falsePositive
  if (chance < 0.6) return closed
  if (chance < 0.8) return falsePositive
  const open = ['rectified', 'remedied', 'confirmed', 'acknowledged', 'detected'] as const
  const state = open[Math.min(open.length - 1, Math.floor((chance - 0.8) * 25))] ?? 'detected'
  return state === 'detected' ? untouched : { state, disposition: null, assignee: someone }
}

interface Handled {
  readonly state: string
  readonly disposition: string | null
  readonly assignee: string | null
}
const untouched: Handled = { state: 'detected', disposition: null, assignee: null }
const closed: Handled = { state: 'closed', disposition: 'education', assignee: null }
const falsePositive: Handled = { state: 'false-positive', disposition: null, assignee: null }

/** The same numbers in each run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
