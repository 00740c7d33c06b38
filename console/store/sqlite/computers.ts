/** Computers: who is enrolled, what the console observed of them. On SQLite, in the thread that opened it. */

import { ShoukouError } from '@shoukou/protocol'
import type { Kysely } from 'kysely'
import type {
  ComputerRow,
  ComputerStatus,
  HeardUpdate,
  NewComputer,
  PolicyRow,
  Store,
  ViolationRow,
} from '../ports.ts'
import { computerRow } from '../rows.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import { SqliteIngest } from './ingest.ts'
import { insertPolicy } from './policies.ts'
import { violationOf } from './violations.ts'

type Part = Pick<
  Store,
  | 'addComputer'
  | 'computers'
  | 'computer'
  | 'computerByCertificate'
  | 'heard'
  | 'setStatus'
  | 'setSilence'
  | 'nextComputerNumber'
>

export function computersIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  return {
    async addComputer(computer: NewComputer, policy: PolicyRow, tokenId: string): Promise<void> {
      ingest.transaction(() => {
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
        insertPolicy(connection, policy)
        const used = connection
          .prepare('update tokens set used_at = ?, used_by = ? where id = ? and used_at is null')
          .run(computer.enrolledAt, computer.agent, tokenId)
        if (Number(used.changes) !== 1)
          throw new ShoukouError('token-refused', 'The enrolment token was used already.')
      })
    },
    async computers(): Promise<readonly ComputerRow[]> {
      return (await selectComputers(query).orderBy('number').execute()).map(computerRow)
    },
    async computer(agent: string): Promise<ComputerRow | null> {
      const row = await selectComputers(query).where('computers.agent', '=', agent).executeTakeFirst()
      return row === undefined ? null : computerRow(row)
    },
    async computerByCertificate(serial: string): Promise<ComputerRow | null> {
      const row = await selectComputers(query).where('certificate_serial', '=', serial).executeTakeFirst()
      return row === undefined ? null : computerRow(row)
    },
    async heard(agent: string, seen: HeardUpdate): Promise<readonly ViolationRow[]> {
      await query
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
      const ended = await query
        .updateTable('violations')
        .set({ ended_at: seen.at })
        .where('agent', '=', agent)
        .where('type', '=', 'agent-silent')
        .where('ended_at', 'is', null)
        .returning('id')
        .execute()
      const rows = await Promise.all(ended.map((row) => violationOf(query, Number(row.id))))
      return rows.filter((row) => row !== null)
    },
    async setStatus(agent: string, status: ComputerStatus): Promise<void> {
      await query.updateTable('computers').set({ status }).where('agent', '=', agent).execute()
    },
    async setSilence(agent: string, silentMs: number): Promise<void> {
      await query.updateTable('computers').set({ silent_ms: silentMs }).where('agent', '=', agent).execute()
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

function selectComputers(query: Kysely<Tables>) {
  return query
    .selectFrom('computers')
    .leftJoin('journals', 'journals.id', 'computers.journal')
    .selectAll('computers')
    .select(['journals.epoch', 'journals.seq', 'journals.head'])
}
