/** Policies by version. On SQLite, in the thread that opened it. */

import type { DatabaseSync } from 'node:sqlite'
import { keptPolicy, type Policy, PRODUCT_VERSION } from '@shoukou/protocol'
import type { PolicyRow, Store } from '../ports.ts'
import { policyRow } from '../rows.ts'
import type { OpenDatabase } from './database.ts'
import { SqliteIngest } from './ingest.ts'
import { keeperIn } from './kept.ts'

type Part = Pick<Store, 'policies' | 'policy' | 'addPolicy'>

export function policiesIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  return {
    async policies(agent: string): Promise<readonly PolicyRow[]> {
      const rows = await query
        .selectFrom('policies')
        .selectAll()
        .where('agent', '=', agent)
        .orderBy('version', 'desc')
        .execute()
      return rows.map(policyRow)
    },
    async policy(agent: string, version: number): Promise<PolicyRow | null> {
      const row = await query
        .selectFrom('policies')
        .selectAll()
        .where('agent', '=', agent)
        .where('version', '=', version)
        .executeTakeFirst()
      return row === undefined ? null : policyRow(row)
    },
    async addPolicy(policy: PolicyRow): Promise<boolean> {
      return ingest.transaction(() => {
        if (!insertPolicy(connection, policy)) return false
        connection
          .prepare('update computers set policy_version = ?, level = ?, network_mode = ? where agent = ?')
          .run(policy.version, policy.settings.level, policy.settings.networkMode, policy.agent)
        return true
      })
    },
  }
}

/** Adds a version; false where it exists. Within the caller's transaction: it is kept in the evidence chain too. */
export function insertPolicy(connection: DatabaseSync, policy: PolicyRow): boolean {
  const settings = JSON.stringify(policy.settings satisfies Policy['settings'])
  const added = connection
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
      settings,
    )
  if (Number(added.changes) !== 1) return false
  keeperIn(connection)(keptPolicy({ ...policy, settings }, PRODUCT_VERSION))
  return true
}
