/** Departments, patterns of numbers, hand-overs, and which entry an agent's computer is. On SQLite, in the thread that opened it. */
import { ShoukouError } from '@shoukou/protocol'
import type { Selectable } from 'kysely'
import type {
  AgentEntryRow,
  DepartmentEventRow,
  DepartmentRow,
  HandoverRow,
  HandoverSignature,
  LedgerStore,
  NumberPatternRow,
  StoredInventory,
} from '../ledger-ports.ts'
import { plainLedgerNumber } from '../ledger-text.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'
import { violationOf } from './violations.ts'

type Handovers = Pick<
  LedgerStore,
  'addHandover' | 'handover' | 'handovers' | 'openHandovers' | 'signHandover' | 'withdrawHandover'
>
type Departments = Pick<
  LedgerStore,
  'departmentTree' | 'writeDepartment' | 'removeDepartment' | 'departmentHistory'
>
type Others = Pick<
  LedgerStore,
  | 'numberPatterns'
  | 'setNumberPattern'
  | 'agentEntries'
  | 'agentEntry'
  | 'setAgentEntry'
  | 'inventories'
  | 'endLasting'
>

export function ledgerStructureIn(
  database: OpenDatabase,
  ingest: SqliteIngest,
): Handovers & Departments & Others {
  return {
    ...handoversIn(database, ingest),
    ...departmentsIn(database, ingest),
    ...othersIn(database, ingest),
  }
}

function handoversIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Handovers {
  const add = connection.prepare(
    'insert into ledger_handovers (entry, giver, receiver, department, reason, asked_at, asked_by) select id, ?, ?, ?, ?, ?, ? from ledger_entries where kind = ? and number_plain = ? on conflict do nothing returning id',
  )
  const withdraw = connection.prepare(
    "update ledger_handovers set ended_at = ?, ended = 'withdrawn' where id = ? and ended_at is null",
  )
  const open = connection.prepare('select 1 from ledger_handovers where id = ? and ended_at is null')
  const sign = connection.prepare(
    'insert into ledger_signatures (handover, side, at, account, person, paper) values (?, ?, ?, ?, ?, ?) on conflict do nothing',
  )
  const selectRows = () =>
    query
      .selectFrom('ledger_handovers')
      .innerJoin('ledger_entries', 'ledger_entries.id', 'ledger_handovers.entry')
      .selectAll('ledger_handovers')
      .select(['ledger_entries.kind', 'ledger_entries.number'])
  const withSignatures = async (
    rows: readonly (Selectable<Tables['ledger_handovers']> & { kind: string; number: string })[],
  ): Promise<HandoverRow[]> => {
    if (rows.length === 0) return []
    const signatures = await query
      .selectFrom('ledger_signatures')
      .selectAll()
      .where(
        'handover',
        'in',
        rows.map(({ id }) => id),
      )
      .execute()
    const sideOf = (id: number, side: string): HandoverSignature | null => {
      const found = signatures.find((one) => one.handover === id && one.side === side)
      if (found === undefined) return null
      const { at, account, person, paper } = found
      return { at, account, person, paper }
    }
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      number: row.number,
      giver: row.giver,
      receiver: row.receiver,
      department: row.department,
      reason: row.reason,
      askedAt: row.asked_at,
      askedBy: row.asked_by,
      given: sideOf(row.id, 'given'),
      received: sideOf(row.id, 'received'),
      endedAt: row.ended_at,
      end: row.ended as HandoverRow['end'],
    }))
  }
  const handover = async (id: number): Promise<HandoverRow | null> => {
    const rows = await selectRows().where('ledger_handovers.id', '=', id).execute()
    return (await withSignatures(rows))[0] ?? null
  }
  return {
    async addHandover(one): Promise<HandoverRow | null> {
      const row = add.get(
        ...[one.giver, one.receiver, one.department, one.reason, one.askedAt, one.askedBy],
        ...[one.kind, plainLedgerNumber(one.number)],
      )
      return row === undefined ? null : handover(Number(row['id']))
    },
    handover,
    async handovers(kind: string, number: string, limit: number): Promise<readonly HandoverRow[]> {
      const rows = await selectRows()
        .where('ledger_entries.kind', '=', kind)
        .where('ledger_entries.number_plain', '=', plainLedgerNumber(number))
        .orderBy('ledger_handovers.id', 'desc')
        .limit(limit)
        .execute()
      return withSignatures(rows)
    },
    async openHandovers(limit: number): Promise<readonly HandoverRow[]> {
      const rows = await selectRows()
        .where('ledger_handovers.ended_at', 'is', null)
        .orderBy('ledger_handovers.id', 'desc')
        .limit(limit)
        .execute()
      return withSignatures(rows)
    },
    async signHandover(id: number, side: 'given' | 'received', one: HandoverSignature): Promise<boolean> {
      return ingest.transaction(() => {
        if (open.get(id) === undefined) return false
        return Number(sign.run(id, side, one.at, one.account, one.person, one.paper).changes) === 1
      })
    },
    async withdrawHandover(id: number, at: number): Promise<boolean> {
      return Number(withdraw.run(at, id).changes) === 1
    },
  }
}

function departmentsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Departments {
  const find = connection.prepare('select name, version from departments where code = ?')
  const clash = connection.prepare(
    'select code, name from departments where (code_plain = ? or name = ?) and code <> ?',
  )
  const add = connection.prepare(
    'insert into departments (code, code_plain, name, parent, is_key, head, version, changed_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const change = connection.prepare(
    'update departments set name = ?, parent = ?, is_key = ?, head = ?, version = ?, changed_at = ? where code = ? and version = ?',
  )
  const remove = connection.prepare('delete from departments where code = ? and version = ?')
  const below = connection.prepare('select 1 from departments where parent = ? limit 1')
  const given = connection.prepare(
    'select 1 from ledger_entries where department = ?1 union all select 1 from computers where department = ?1 union all select 1 from media where department = ?1 union all select 1 from accounts where department = ?1 limit 1',
  )
  const renames = [
    connection.prepare('update ledger_entries set department = ? where department = ?'),
    connection.prepare('update computers set department = ? where department = ?'),
    connection.prepare('update media set department = ? where department = ?'),
    connection.prepare('update accounts set department = ? where department = ?'),
    connection.prepare('update findings set department = ? where department = ?'),
    connection.prepare(
      'update ledger_handovers set department = ? where department = ? and ended_at is null',
    ),
  ]
  const addEvent = connection.prepare(
    'insert into department_tree_events (code, at, account, changes, reason) values (?, ?, ?, ?, ?)',
  )
  const conflict = (code: string) =>
    new ShoukouError('edit-conflict', `Department ${code} was changed meanwhile; load it, and try again.`)
  return {
    async departmentTree(): Promise<readonly DepartmentRow[]> {
      const rows = await query.selectFrom('departments').selectAll().orderBy('code_plain').execute()
      return rows.map((row) => ({
        code: row.code,
        name: row.name,
        parent: row.parent,
        isKey: row.is_key !== 0,
        head: row.head,
        version: row.version,
        changedAt: row.changed_at,
      }))
    },
    async writeDepartment(row, baseVersion, { at, account, changes, reason }): Promise<void> {
      const { code, name, parent, head, version, changedAt } = row
      ingest.transaction(() => {
        const before = find.get(code)
        const other = clash.get(code.toLowerCase(), name, baseVersion === null ? '' : code)
        if (other !== undefined) {
          const words = `${String(other['code'])} ${String(other['name'])}`
          throw new ShoukouError(
            'number-taken',
            `There is a department ${words}; choose another code or name.`,
          )
        }
        if (baseVersion === null) {
          add.run(code, code.toLowerCase(), name, parent, row.isKey ? 1 : 0, head, version, changedAt)
        } else {
          const done = change.run(
            name,
            parent,
            row.isKey ? 1 : 0,
            head,
            version,
            changedAt,
            code,
            baseVersion,
          )
          if (Number(done.changes) !== 1) throw conflict(code)
          const was = String(before?.['name'])
          if (was !== name) {
            // Read before anything bears the new name: then it would be the department's own.
            if (given.get(name) !== undefined)
              throw new ShoukouError(
                'invalid-request',
                `Something is given to ${name}, which is not in the tree: give that to another department first, or add ${name} as one.`,
              )
            for (const rename of renames) rename.run(name, was)
          }
        }
        addEvent.run(code, at, account, changes, reason)
      })
    },
    async removeDepartment(code, baseVersion, { at, account, changes, reason }): Promise<boolean> {
      return ingest.transaction(() => {
        const row = find.get(code)
        if (row === undefined || Number(row['version']) !== baseVersion) throw conflict(code)
        if (below.get(code) !== undefined || given.get(String(row['name'])) !== undefined) return false
        remove.run(code, baseVersion)
        addEvent.run(code, at, account, changes, reason)
        return true
      })
    },
    async departmentHistory(code: string | null, limit: number): Promise<readonly DepartmentEventRow[]> {
      let selected = query
        .selectFrom('department_tree_events')
        .select(['code', 'at', 'account', 'changes', 'reason'])
      if (code !== null) selected = selected.where('code', '=', code)
      return selected.orderBy('id', 'desc').limit(limit).execute()
    },
  }
}

function othersIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Others {
  const setPattern = connection.prepare(
    'insert into number_patterns (kind, pattern, version, changed_at, changed_by) values (?, ?, ?, ?, ?) on conflict (kind) do update set pattern = excluded.pattern, version = excluded.version, changed_at = excluded.changed_at, changed_by = excluded.changed_by',
  )
  const pattern = connection.prepare('select version from number_patterns where kind = ?')
  const addAgent = connection.prepare(
    'insert into agent_entries (agent, number, at, account, reason) values (?, ?, ?, ?, ?)',
  )
  const inventories = connection.prepare(
    "select r.received_at, r.raw from records r join journals j on j.id = r.journal where j.agent = ? and r.kind = 'host.inventory' order by r.received_at desc limit ?",
  )
  const end = connection.prepare(
    'update violations set ended_at = ? where agent = ? and lasting = ? and type = ? and lasting is not null and ended_at is null returning id',
  )
  const selectAgents = () =>
    query.selectFrom('agent_entries').select(['agent', 'number', 'at', 'account', 'reason'])
  return {
    async numberPatterns(): Promise<readonly NumberPatternRow[]> {
      const rows = await query.selectFrom('number_patterns').selectAll().execute()
      return rows.map(({ kind, pattern: text, version, changed_at, changed_by }) => ({
        ...{ kind, pattern: text, version },
        ...{ changedAt: changed_at, changedBy: changed_by },
      }))
    },
    async setNumberPattern(row: NumberPatternRow, baseVersion: number): Promise<void> {
      ingest.transaction(() => {
        if (Number(pattern.get(row.kind)?.['version'] ?? 0) !== baseVersion)
          throw new ShoukouError(
            'edit-conflict',
            'The pattern was changed meanwhile; load it, and try again.',
          )
        setPattern.run(row.kind, row.pattern, row.version, row.changedAt, row.changedBy)
      })
    },
    async agentEntries(): Promise<readonly AgentEntryRow[]> {
      return selectAgents()
        .where('id', 'in', (e) =>
          e
            .selectFrom('agent_entries')
            .select(({ fn }) => fn.max('id').as('id'))
            .groupBy('agent'),
        )
        .execute()
    },
    async agentEntry(agent: string): Promise<AgentEntryRow | null> {
      const row = await selectAgents()
        .where('agent', '=', agent)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row ?? null
    },
    async setAgentEntry({ agent, number, at, account, reason }: AgentEntryRow): Promise<void> {
      addAgent.run(agent, number, at, account, reason)
    },
    async inventories(agent: string, limit: number): Promise<readonly StoredInventory[]> {
      const rows = inventories.all(agent, limit) as unknown as { received_at: number; raw: Uint8Array }[]
      return rows.map(({ received_at, raw }) => ({ receivedAt: Number(received_at), raw }))
    },
    async endLasting(agent: string, type: string, at: number) {
      const ended = ingest.transaction(() => end.all(at, agent, type, type))
      const rows = await Promise.all(ended.map((row) => violationOf(query, Number(row['id']))))
      return rows.filter((row) => row !== null)
    },
  }
}
