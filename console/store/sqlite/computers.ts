/** Computers: who is enrolled, what the console observed of them. On SQLite, in the thread that opened it. */

import { type Level, ShoukouError } from '@shoukou/protocol'
import type { Kysely } from 'kysely'
import type {
  ComputerRow,
  ComputerStatus,
  CountedSilence,
  HeardUpdate,
  NewComputer,
  NewViolation,
  PolicyRow,
  Store,
  ViolationRow,
  WatchedForSilence,
} from '../ports.ts'
import { computerRow, coverageOf } from '../rows.ts'
import type { Tables } from '../schema.ts'
import { heardNoter } from './coverage-notes.ts'
import type { OpenDatabase } from './database.ts'
import { SqliteIngest } from './ingest.ts'
import { insertPolicy } from './policies.ts'
import { addFirstCertificate, carryOver, retireReplaced } from './retired.ts'

type Part = Pick<
  Store,
  | 'addComputer'
  | 'computers'
  | 'computerNames'
  | 'computer'
  | 'computerByCertificate'
  | 'heard'
  | 'setStatus'
  | 'forgetOnline'
  | 'watchedForSilence'
  | 'setSilence'
  | 'becomeSilent'
  | 'nextComputerNumber'
>

export function computersIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  const noteHeard = heardNoter(connection)
  const statements = {
    watched: connection.prepare(
      "select agent, status, last_seen_at as lastSeenAt, enrolled_at as enrolledAt, silent_ms as silentMs, policy_version as policyVersion from computers where status in ('online', 'offline', 'stopped', 'standalone') and retired_at is null and not exists (select 1 from revocations r where r.agent = computers.agent)",
    ),
    setSilence: connection.prepare(
      'update computers set silent_ms = ? where agent = ? and last_seen_at is ?',
    ),
    becomeSilent: connection.prepare(
      "update computers set status = 'silent' where agent = ? and last_seen_at is ? and status = ?",
    ),
    heard: connection.prepare(
      'update computers set last_seen_at = ?, status = ?, silent_ms = 0, agent_version = coalesce(?, agent_version), applied_policy_version = coalesce(?, applied_policy_version), coverage = coalesce(?, coverage), coverage_at = coalesce(?, coverage_at), clock_skew_ms = coalesce(?, clock_skew_ms), behind_since = case when ? then coalesce(behind_since, ?) else null end where agent = ?',
    ),
    endSilence: connection.prepare(
      "update violations set ended_at = ? where agent = ? and type = 'agent-silent' and ended_at is null returning id",
    ),
    numberTaken: connection.prepare('select 1 from computers where number = ? and retired_at is null'),
  }
  return {
    async addComputer(computer: NewComputer, policy: PolicyRow, tokenId: string): Promise<void> {
      ingest.transaction(() => {
        const replaced = retireReplaced(connection, computer, tokenId)
        if (statements.numberTaken.get(computer.number) !== undefined) {
          throw new ShoukouError(
            'token-refused',
            'The number of this token was given to another computer; make a new token.',
          )
        }
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
        addFirstCertificate(connection, computer)
        if (replaced !== null) carryOver(connection, replaced, computer.agent)
        insertPolicy(connection, policy)
        const used = connection
          .prepare('update tokens set used_at = ?, used_by = ? where id = ? and used_at is null')
          .run(computer.enrolledAt, computer.agent, tokenId)
        if (Number(used.changes) !== 1)
          throw new ShoukouError('token-refused', 'The enrolment token was used already.')
      })
    },
    async computers(): Promise<readonly ComputerRow[]> {
      const rows = await selectComputers(query).where('retired_at', 'is', null).orderBy('number').execute()
      // Most say the same of their sensors: it is read once, and handed to the other thread once.
      const known = new Map<string, ComputerRow['coverage']>()
      return rows.map((row) => {
        const coverage = known.get(row.coverage) ?? coverageOf(row.coverage)
        known.set(row.coverage, coverage)
        return computerRow(row, coverage)
      })
    },
    async computerNames() {
      const rows = await query
        .selectFrom('computers')
        .select(['agent', 'number', 'hostname', 'level', 'department'])
        .where('retired_at', 'is', null)
        .orderBy('number')
        .execute()
      return rows.map((row) => ({ ...row, level: row.level as Level }))
    },
    async computer(agent: string): Promise<ComputerRow | null> {
      return readComputer(query, agent)
    },
    async computerByCertificate(serial: string): Promise<ComputerRow | null> {
      const row = await query
        .selectFrom('agent_certificates')
        .select('agent')
        .where('serial', '=', serial)
        .executeTakeFirst()
      return row === undefined ? null : readComputer(query, row.agent)
    },
    async heard(agent: string, seen: HeardUpdate): Promise<readonly ViolationRow[]> {
      const coverage = seen.coverage === undefined ? null : JSON.stringify(seen.coverage)
      return ingest.transaction(() => {
        statements.heard.run(
          seen.at,
          seen.status,
          seen.agentVersion ?? null,
          seen.appliedPolicyVersion ?? null,
          coverage,
          coverage === null ? null : seen.at,
          seen.clockSkewMs ?? null,
          seen.isBehind ? 1 : 0,
          seen.at,
          agent,
        )
        noteHeard(agent, seen)
        const ended = statements.endSilence.all(seen.at, agent) as unknown as { id: number }[]
        return ended.map(({ id }) => ingest.violation(id))
      })
    },
    async setStatus(agent: string, status: ComputerStatus): Promise<void> {
      await query.updateTable('computers').set({ status }).where('agent', '=', agent).execute()
    },
    async forgetOnline(): Promise<void> {
      await query.updateTable('computers').set({ status: 'offline' }).where('status', '=', 'online').execute()
    },
    async watchedForSilence(): Promise<readonly WatchedForSilence[]> {
      return statements.watched.all() as unknown as WatchedForSilence[]
    },
    async setSilence(counted: readonly CountedSilence[]): Promise<void> {
      ingest.transaction(() => {
        for (const { agent, lastSeenAt, silentMs } of counted) {
          statements.setSilence.run(silentMs, agent, lastSeenAt)
        }
      })
    },
    async becomeSilent(
      { agent, lastSeenAt, status }: Parameters<Store['becomeSilent']>[0],
      violation: NewViolation,
      receivedAt: number,
    ): Promise<ViolationRow | null> {
      return ingest.transaction(() => {
        const changed = statements.becomeSilent.run(agent, lastSeenAt, status)
        return Number(changed.changes) === 0 ? null : ingest.addViolation(agent, violation, receivedAt)
      })
    },
    async nextComputerNumber(): Promise<string> {
      const row = connection
        .prepare(
          "insert into counters (name, value) values ('computer-number', 1) on conflict (name) do update set value = value + 1 returning value",
        )
        .get()
      return `JM-${String(row?.['value']).padStart(4, '0')}`
    },
  }
}

/** One computer, null where there is none. */
export async function readComputer(query: Kysely<Tables>, agent: string): Promise<ComputerRow | null> {
  const row = await selectComputers(query).where('computers.agent', '=', agent).executeTakeFirst()
  return row === undefined ? null : computerRow(row)
}

function selectComputers(query: Kysely<Tables>) {
  return query
    .selectFrom('computers')
    .leftJoin('journals', 'journals.id', 'computers.journal')
    .selectAll('computers')
    .leftJoin('revocations', 'revocations.agent', 'computers.agent')
    .select(['journals.epoch', 'journals.seq', 'journals.head', 'revocations.at as revoked_at'])
}
