/** The store on SQLite, in the thread that opened it. Kysely writes the queries; ingest has its own prepared ones. */
import { type Policy, type Position, ShoukouError } from '@shoukou/protocol'
import type { ExpressionBuilder } from 'kysely'
import type {
  AccountRow,
  ActionRow,
  ComputerRow,
  ComputerStatus,
  GapRow,
  HeardUpdate,
  IngestBatch,
  IngestResult,
  NewComputer,
  NewViolation,
  PolicyRow,
  RecordFilter,
  SessionRow,
  Severity,
  Store,
  StoredRecord,
  TokenRow,
  ViolationCounts,
  ViolationFilter,
  ViolationRow,
} from '../ports.ts'
import {
  accountRow,
  actionRow,
  computerRow,
  gapRow,
  policyRow,
  sessionRow,
  storedRecord,
  tokenRow,
  violationRow,
} from '../rows.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import { SqliteIngest } from './ingest.ts'

export class SqliteStore implements Store {
  readonly #db: OpenDatabase
  readonly #ingest: SqliteIngest

  constructor(database: OpenDatabase) {
    this.#db = database
    this.#ingest = new SqliteIngest(database.connection)
  }

  get durability(): string {
    return this.#db.durability
  }

  async addComputer(computer: NewComputer, policy: PolicyRow, tokenId: string): Promise<void> {
    const { connection } = this.#db
    this.#ingest.transaction(() => {
      connection
        .prepare(
          "insert into computers (agent, number, hostname, certificate_serial, certificate, enrolled_at, status, policy_version, level, network_mode, coverage) values (?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, '[]')",
        )
        .run(
          computer.agent,
          computer.number,
          computer.hostname,
          computer.certificateSerial,
          computer.certificate,
          computer.enrolledAt,
          policy.version,
          policy.settings.level,
          policy.settings.networkMode,
        )
      this.#insertPolicy(policy)
      const used = connection
        .prepare('update tokens set used_at = ?, used_by = ? where id = ? and used_at is null')
        .run(computer.enrolledAt, computer.agent, tokenId)
      if (Number(used.changes) !== 1)
        throw new ShoukouError('token-refused', 'The enrolment token was used already.')
    })
  }

  async computers(): Promise<readonly ComputerRow[]> {
    return (await this.#selectComputers().orderBy('number').execute()).map(computerRow)
  }

  async computer(agent: string): Promise<ComputerRow | null> {
    const row = await this.#selectComputers().where('computers.agent', '=', agent).executeTakeFirst()
    return row === undefined ? null : computerRow(row)
  }

  async computerByCertificate(serial: string): Promise<ComputerRow | null> {
    const row = await this.#selectComputers().where('certificate_serial', '=', serial).executeTakeFirst()
    return row === undefined ? null : computerRow(row)
  }

  async heard(agent: string, seen: HeardUpdate): Promise<readonly ViolationRow[]> {
    await this.#db.query
      .updateTable('computers')
      .set({
        last_seen_at: seen.at,
        status: seen.status,
        silent_ms: 0,
        ...(seen.agentVersion === undefined ? {} : { agent_version: seen.agentVersion }),
        ...(seen.appliedPolicyVersion === undefined
          ? {}
          : { applied_policy_version: seen.appliedPolicyVersion }),
        ...(seen.coverage === undefined
          ? {}
          : { coverage: JSON.stringify(seen.coverage), coverage_at: seen.at }),
        ...(seen.clockSkewMs === undefined ? {} : { clock_skew_ms: seen.clockSkewMs }),
      })
      .where('agent', '=', agent)
      .execute()
    const ended = await this.#db.query
      .updateTable('violations')
      .set({ ended_at: seen.at })
      .where('agent', '=', agent)
      .where('type', '=', 'agent-silent')
      .where('ended_at', 'is', null)
      .returning('id')
      .execute()
    const rows = await Promise.all(ended.map((row) => this.violation(Number(row.id))))
    return rows.filter((row) => row !== null)
  }

  async setStatus(agent: string, status: ComputerStatus): Promise<void> {
    await this.#db.query.updateTable('computers').set({ status }).where('agent', '=', agent).execute()
  }

  async setSilence(agent: string, silentMs: number): Promise<void> {
    await this.#db.query
      .updateTable('computers')
      .set({ silent_ms: silentMs })
      .where('agent', '=', agent)
      .execute()
  }

  async ingest(batch: IngestBatch): Promise<IngestResult> {
    return this.#ingest.ingest(batch)
  }

  async position(agent: string, epoch: string): Promise<Position | null> {
    const row = await this.#db.query
      .selectFrom('journals')
      .select(['epoch', 'seq', 'head'])
      .where('agent', '=', agent)
      .where('epoch', '=', epoch)
      .executeTakeFirst()
    return row === undefined ? null : { epoch: row.epoch, seq: Number(row.seq), head: row.head }
  }

  async epochs(agent: string): Promise<readonly string[]> {
    const rows = await this.#db.query
      .selectFrom('journals')
      .select('epoch')
      .where('agent', '=', agent)
      .orderBy('id')
      .execute()
    return rows.map((row) => row.epoch)
  }

  async record(agent: string, epoch: string, seq: number): Promise<StoredRecord | null> {
    return (await this.recordRange(agent, epoch, seq, seq))[0] ?? null
  }

  async records(filter: RecordFilter): Promise<readonly StoredRecord[]> {
    const journals = await this.#db.query
      .selectFrom('journals')
      .select('id')
      .where('agent', '=', filter.agent)
      .execute()
    // Journal by journal, a few at most: only within one does the index give the order; across them all would be sorted.
    const pages = await Promise.all(journals.map(({ id }) => this.#recordsOfJournal(Number(id), filter)))
    return pages
      .flat()
      .toSorted((a, b) => b.receivedAt - a.receivedAt || b.seq - a.seq)
      .slice(0, filter.limit)
  }

  async recordRange(
    agent: string,
    epoch: string,
    fromSeq: number,
    toSeq: number,
  ): Promise<readonly StoredRecord[]> {
    const rows = await this.#selectRecords()
      .where('journals.agent', '=', agent)
      .where('epoch', '=', epoch)
      .where('records.seq', '>=', fromSeq)
      .where('records.seq', '<=', toSeq)
      .orderBy('records.seq')
      .execute()
    return rows.map(storedRecord)
  }

  async pendingGaps(agent: string, epoch: string): Promise<readonly GapRow[]> {
    return (await this.gaps(agent)).filter((gap) => gap.epoch === epoch && gap.state === 'pending')
  }

  async gaps(agent: string): Promise<readonly GapRow[]> {
    const rows = await this.#db.query
      .selectFrom('gaps')
      .selectAll()
      .where('agent', '=', agent)
      .orderBy('noticed_at')
      .orderBy('first_seq')
      .execute()
    return rows.map(gapRow)
  }

  async openGaps(): Promise<readonly GapRow[]> {
    const rows = await this.#db.query
      .selectFrom('gaps')
      .selectAll()
      .where('state', '!=', 'declared')
      .orderBy('noticed_at')
      .orderBy('first_seq')
      .execute()
    return rows.map(gapRow)
  }

  async addViolation(
    agent: string,
    violation: NewViolation,
    receivedAt: number,
  ): Promise<ViolationRow | null> {
    return this.#ingest.addViolation(agent, violation, receivedAt)
  }

  async violations(filter: ViolationFilter): Promise<readonly ViolationRow[]> {
    let query = this.#selectViolations().where(filterViolations(filter))
    if (filter.beforeId !== undefined) query = query.where('violations.id', '<', filter.beforeId)
    return (await query.orderBy('violations.id', 'desc').limit(filter.limit).execute()).map(violationRow)
  }

  async violation(id: number): Promise<ViolationRow | null> {
    const row = await this.#selectViolations().where('violations.id', '=', id).executeTakeFirst()
    return row === undefined ? null : violationRow(row)
  }

  async countViolations(
    filter: Omit<ViolationFilter, 'limit' | 'beforeId'>,
  ): Promise<readonly ViolationCounts[]> {
    const rows = await this.#db.query
      .selectFrom('violations')
      .select((e) => ['severity', e.fn.countAll<number>().as('count')])
      .where(filterViolations(filter))
      .groupBy('severity')
      .execute()
    return rows.map((row) => ({ severity: row.severity as Severity, count: Number(row.count) }))
  }

  async countViolationsByComputer(): Promise<readonly (ViolationCounts & { readonly agent: string })[]> {
    const rows = await this.#db.query
      .selectFrom('violations')
      .select((e) => ['agent', 'severity', e.fn.countAll<number>().as('count')])
      .groupBy(['agent', 'severity'])
      .execute()
    return rows.map((row) => ({
      agent: row.agent,
      severity: row.severity as Severity,
      count: Number(row.count),
    }))
  }

  async policies(agent: string): Promise<readonly PolicyRow[]> {
    const rows = await this.#db.query
      .selectFrom('policies')
      .selectAll()
      .where('agent', '=', agent)
      .orderBy('version', 'desc')
      .execute()
    return rows.map(policyRow)
  }

  async policy(agent: string, version: number): Promise<PolicyRow | null> {
    const row = await this.#db.query
      .selectFrom('policies')
      .selectAll()
      .where('agent', '=', agent)
      .where('version', '=', version)
      .executeTakeFirst()
    return row === undefined ? null : policyRow(row)
  }

  async addPolicy(policy: PolicyRow): Promise<boolean> {
    return this.#ingest.transaction(() => {
      if (!this.#insertPolicy(policy)) return false
      this.#db.connection
        .prepare('update computers set policy_version = ?, level = ?, network_mode = ? where agent = ?')
        .run(policy.version, policy.settings.level, policy.settings.networkMode, policy.agent)
      return true
    })
  }

  async accounts(): Promise<readonly AccountRow[]> {
    return (await this.#db.query.selectFrom('accounts').selectAll().orderBy('name').execute()).map(accountRow)
  }

  async account(name: string): Promise<AccountRow | null> {
    const row = await this.#db.query
      .selectFrom('accounts')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst()
    return row === undefined ? null : accountRow(row)
  }

  async addAccount(account: AccountRow): Promise<boolean> {
    const added = await this.#db.query
      .insertInto('accounts')
      .values({
        name: account.name,
        role: account.role,
        password_hash: account.passwordHash,
        must_change: account.mustChange ? 1 : 0,
        failures: account.failures,
        locked_until: account.lockedUntil,
        created_at: account.createdAt,
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirst()
    return Number(added.numInsertedOrUpdatedRows ?? 0) === 1
  }

  async updateAccount(name: string, change: Parameters<Store['updateAccount']>[1]): Promise<void> {
    const set = {
      ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
      ...(change.mustChange === undefined ? {} : { must_change: change.mustChange ? 1 : 0 }),
      ...(change.failures === undefined ? {} : { failures: change.failures }),
      ...(change.lockedUntil === undefined ? {} : { locked_until: change.lockedUntil }),
    }
    if (Object.keys(set).length === 0) return
    await this.#db.query.updateTable('accounts').set(set).where('name', '=', name).execute()
  }

  async addSession(session: SessionRow): Promise<void> {
    await this.#db.query
      .insertInto('sessions')
      .values({
        id: session.id,
        account: session.account,
        created_at: session.createdAt,
        last_used_at: session.lastUsedAt,
      })
      .execute()
  }

  async session(id: string): Promise<SessionRow | null> {
    const row = await this.#db.query
      .selectFrom('sessions')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row === undefined ? null : sessionRow(row)
  }

  async touchSession(id: string, lastUsedAt: number): Promise<void> {
    await this.#db.query
      .updateTable('sessions')
      .set({ last_used_at: lastUsedAt })
      .where('id', '=', id)
      .execute()
  }

  async removeSession(id: string): Promise<void> {
    await this.#db.query.deleteFrom('sessions').where('id', '=', id).execute()
  }

  async removeSessionsOf(account: string): Promise<void> {
    await this.#db.query.deleteFrom('sessions').where('account', '=', account).execute()
  }

  async addToken(token: TokenRow): Promise<void> {
    await this.#db.query
      .insertInto('tokens')
      .values({
        id: token.id,
        number: token.number,
        settings: JSON.stringify(token.settings),
        created_at: token.createdAt,
        created_by: token.createdBy,
        expires_at: token.expiresAt,
        used_at: token.usedAt,
        used_by: token.usedBy,
      })
      .execute()
  }

  async token(id: string): Promise<TokenRow | null> {
    const row = await this.#db.query.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : tokenRow(row)
  }

  async nextComputerNumber(): Promise<string> {
    const row = this.#db.connection
      .prepare(
        "insert into counters (name, value) values ('computer-number', 1) on conflict (name) do update set value = value + 1 returning value",
      )
      .get()
    return `JM-${String(row?.['value']).padStart(4, '0')}`
  }

  async addAction(action: ActionRow): Promise<void> {
    const { id: _given, ...values } = action
    await this.#db.query.insertInto('actions').values(values).execute()
  }

  async actions(filter: {
    readonly beforeId?: number
    readonly limit: number
  }): Promise<readonly ActionRow[]> {
    let query = this.#db.query.selectFrom('actions').selectAll().orderBy('id', 'desc').limit(filter.limit)
    if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
    return (await query.execute()).map(actionRow)
  }

  async close(): Promise<void> {
    await this.#db.query.destroy()
  }

  #insertPolicy(policy: PolicyRow): boolean {
    const added = this.#db.connection
      .prepare(
        'insert into policies (agent, version, created_at, created_by, reason, envelope, settings) values (?, ?, ?, ?, ?, ?, ?) on conflict (agent, version) do nothing',
      )
      .run(
        policy.agent,
        policy.version,
        policy.createdAt,
        policy.createdBy,
        policy.reason,
        policy.envelope,
        JSON.stringify(policy.settings satisfies Policy['settings']),
      )
    return Number(added.changes) === 1
  }

  #selectComputers() {
    return this.#db.query
      .selectFrom('computers')
      .leftJoin('journals', 'journals.id', 'computers.journal')
      .selectAll('computers')
      .select(['journals.epoch', 'journals.seq', 'journals.head'])
  }

  async #recordsOfJournal(journal: number, filter: RecordFilter): Promise<readonly StoredRecord[]> {
    let query = this.#selectRecords().where('records.journal', '=', journal)
    if (filter.receivedFrom !== undefined) query = query.where('received_at', '>=', filter.receivedFrom)
    if (filter.receivedTo !== undefined) query = query.where('received_at', '<=', filter.receivedTo)
    if (filter.wallFrom !== undefined) query = query.where('wall_ms', '>=', filter.wallFrom)
    if (filter.wallTo !== undefined) query = query.where('wall_ms', '<=', filter.wallTo)
    if (filter.kinds !== undefined) query = query.where('kind', 'in', [...filter.kinds])
    const { before } = filter
    if (before !== undefined) {
      // The first says nothing that the second does not, but it bounds the index.
      query = query
        .where('received_at', '<=', before.receivedAt)
        .where((e) =>
          e.or([
            e('received_at', '<', before.receivedAt),
            e.and([e('received_at', '=', before.receivedAt), e('records.seq', '<', before.seq)]),
          ]),
        )
    }
    const rows = await query
      .orderBy('received_at', 'desc')
      .orderBy('records.seq', 'desc')
      .limit(filter.limit)
      .execute()
    return rows.map(storedRecord)
  }

  #selectRecords() {
    return this.#db.query
      .selectFrom('records')
      .innerJoin('journals', 'journals.id', 'records.journal')
      .select([
        'journals.agent',
        'journals.epoch',
        'records.seq',
        'records.kind',
        'records.sensor',
        'records.wall_ms',
        'records.received_at',
        'records.policy_version',
        'records.raw',
        'records.head',
      ])
  }

  #selectViolations() {
    return this.#db.query
      .selectFrom('violations')
      .innerJoin('computers', 'computers.agent', 'violations.agent')
      .selectAll('violations')
      .select('computers.number')
  }
}

function filterViolations(filter: Omit<ViolationFilter, 'limit' | 'beforeId'>) {
  return (e: ExpressionBuilder<Tables, 'violations'>) =>
    e.and([
      ...(filter.severity === undefined ? [] : [e('violations.severity', 'in', [...filter.severity])]),
      ...(filter.type === undefined ? [] : [e('violations.type', 'in', [...filter.type])]),
      ...(filter.level === undefined ? [] : [e('violations.level', 'in', [...filter.level])]),
      ...(filter.agent === undefined ? [] : [e('violations.agent', '=', filter.agent)]),
      ...(filter.sinceMs === undefined ? [] : [e('violations.received_at', '>=', filter.sinceMs)]),
      ...(filter.untilMs === undefined ? [] : [e('violations.received_at', '<=', filter.untilMs)]),
    ])
}
