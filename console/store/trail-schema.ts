/**
 * The tables of the log, of its checkpoints and of the evidence chain, as one step of the schema's history. What
 * administrators did before there was a chain is taken into it, marked as such.
 */
import {
  EVIDENCE_CHAIN,
  encodeTrailEntry,
  keptGap,
  keptGapSettled,
  keptPolicy,
  keptViolation,
  PRODUCT_VERSION,
  TRAIL_CHAIN,
} from '@shoukou/protocol'
import { type Generated, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface TrailTables {
  /** The console's own random name, once. */
  trail_origin: { id: number; origin: string }
  /** `raw` is the evidence; the columns behind `head` are copies of what it says, to find it by. */
  trail: {
    seq: number
    raw: Uint8Array
    head: Uint8Array
    at: number
    account: string
    act: string
    object: string
    outcome: string
    about: number | null
  }
  /** Of violations, gaps and policies, as they were made. */
  kept: { seq: number; raw: Uint8Array; head: Uint8Array }
  checkpoints: {
    id: Generated<number>
    seq: number
    head: string
    at: number
    kept: number
    kept_head: string
    journals: number
    journals_root: string
    signature: string
    cause: string
  }
  /** Where each journal stood at a checkpoint. */
  checkpoint_places: { checkpoint: number; journal: number; seq: number; head: Uint8Array }
}

/** `neverChanged` makes a table one that is only added to. */
export function trailTables(neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await createTables(db)
      await db.schema.alterTable('gaps').addColumn('head_before', 'text').execute()
      const origin = (await sql<{ origin: string }>`select lower(hex(randomblob(16))) origin`.execute(db))
        .rows[0]
      if (origin === undefined) throw new Error('the database gave no random bytes')
      await sql`insert into trail_origin (id, origin) values (1, ${origin.origin})`.execute(db)
      await takeActions(db, origin.origin)
      await keepWhatIsThere(db, origin.origin)
      await db.schema.dropTable('actions').execute()
      for (const table of ['trail_origin', 'trail', 'kept', 'checkpoints', 'checkpoint_places']) {
        await neverChanged(db, table)
      }
      await refuseChanges(db)
    },
  }
}

async function createTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('trail_origin')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('origin', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('trail')
    .addColumn('seq', 'integer', (c) => c.primaryKey())
    .addColumn('raw', 'blob', (c) => c.notNull())
    .addColumn('head', 'blob', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('act', 'text', (c) => c.notNull())
    .addColumn('object', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('about', 'bigint')
    .execute()
  for (const column of ['account', 'act', 'object', 'about']) {
    await db.schema.createIndex(`trail_by_${column}`).on('trail').columns([column, 'seq']).execute()
  }
  await db.schema.createIndex('trail_by_time').on('trail').columns(['at']).execute()
  await db.schema
    .createTable('kept')
    .addColumn('seq', 'integer', (c) => c.primaryKey())
    .addColumn('raw', 'blob', (c) => c.notNull())
    .addColumn('head', 'blob', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('checkpoints')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('head', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('kept', 'bigint', (c) => c.notNull())
    .addColumn('kept_head', 'text', (c) => c.notNull())
    .addColumn('journals', 'bigint', (c) => c.notNull())
    .addColumn('journals_root', 'text', (c) => c.notNull())
    .addColumn('signature', 'text', (c) => c.notNull())
    .addColumn('cause', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('checkpoint_places')
    .addColumn('checkpoint', 'bigint', (c) => c.notNull())
    .addColumn('journal', 'bigint', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('head', 'blob', (c) => c.notNull())
    .addPrimaryKeyConstraint('checkpoint_places_once', ['checkpoint', 'journal'])
    .execute()
}

const batch = 500

async function takeActions(db: Kysely<unknown>, origin: string): Promise<void> {
  let head: Uint8Array = TRAIL_CHAIN.genesis(origin)
  let seq = 0
  for (let after = 0; ; ) {
    const { rows } = await sql<EarlierAction>`
      select id, at, account, action, object, detail, address from actions where id > ${after} order by id limit ${batch}`.execute(
      db,
    )
    if (rows.length === 0) return
    for (const row of rows) {
      seq += 1
      const isRefused = row.action === 'refused' || row.action.endsWith('-refused')
      const act = row.action === 'refused' ? row.action : row.action.replace(/-refused$/, '')
      const raw = encodeTrailEntry({
        v: 1,
        seq,
        atMs: Number(row.at),
        account: row.account,
        role: null,
        act,
        object: row.object,
        detail: row.detail,
        outcome: isRefused ? { kind: 'refused', code: row.detail } : { kind: 'done' },
        address: row.address,
        isEarlier: true,
      })
      head = TRAIL_CHAIN.after(head, seq, raw)
      await sql`insert into trail (seq, raw, head, at, account, act, object, outcome, about)
        values (${seq}, ${raw}, ${head}, ${Number(row.at)}, ${row.account}, ${act}, ${row.object}, ${isRefused ? 'refused' : 'done'}, null)`.execute(
        db,
      )
      after = Number(row.id)
    }
  }
}

interface EarlierAction {
  readonly id: number
  readonly at: number
  readonly account: string
  readonly action: string
  readonly object: string
  readonly detail: string
  readonly address: string
}

/** Violations, gaps and policies from before the chain: from here on they can't be changed unseen. */
async function keepWhatIsThere(db: Kysely<unknown>, origin: string): Promise<void> {
  let head: Uint8Array = EVIDENCE_CHAIN.genesis(origin)
  let seq = 0
  const keep = async (raw: Buffer): Promise<void> => {
    seq += 1
    head = EVIDENCE_CHAIN.after(head, seq, raw)
    await sql`insert into kept (seq, raw, head) values (${seq}, ${raw}, ${head})`.execute(db)
  }
  const policies = await sql<Parameters<typeof keptPolicy>[0]>`
    select agent, version, created_at "createdAt", created_by "createdBy", reason, envelope, settings from policies order by rowid`.execute(
    db,
  )
  for (const row of policies.rows) await keep(keptPolicy(row, PRODUCT_VERSION))
  for (let after = 0; ; ) {
    const { rows } = await sql<Parameters<typeof keptViolation>[0]>`
      select id, agent, key, type, severity, level, policy_version "policyVersion", evidence, epoch, seq,
        occurred_at "occurredAt", received_at "receivedAt"
      from violations where id > ${after} order by id limit ${batch}`.execute(db)
    for (const row of rows) await keep(keptViolation(row, PRODUCT_VERSION))
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.id
  }
  const gaps = await sql<Parameters<typeof keptGap>[0] & { readonly state: string }>`
    select agent, epoch, first_seq "firstSeq", last_seq "lastSeq", noticed_at "noticedAt", declare_by_seq "declareBySeq",
      head_before "headBefore", state from gaps order by rowid`.execute(db)
  for (const row of gaps.rows) {
    await keep(keptGap(row, PRODUCT_VERSION))
    if (row.state !== 'pending') await keep(keptGapSettled(row, PRODUCT_VERSION))
  }
}

/** A violation may end, a gap may be settled; nothing else of either changes, and none goes. */
async function refuseChanges(db: Kysely<unknown>): Promise<void> {
  const refused = [
    [
      'violations_stay',
      "before delete on violations begin select raise(abort, 'violations are never removed'); end",
    ],
    [
      'violations_same',
      "before update of id, agent, key, type, severity, level, policy_version, evidence, epoch, seq, occurred_at, received_at on violations begin select raise(abort, 'violations are never changed'); end",
    ],
    ['gaps_stay', "before delete on gaps begin select raise(abort, 'gaps are never removed'); end"],
    [
      'gaps_same',
      "before update of agent, epoch, first_seq, last_seq, noticed_at, declare_by_seq, head_before on gaps begin select raise(abort, 'gaps are never changed'); end",
    ],
    [
      'journals_stay',
      "before delete on journals begin select raise(abort, 'journals are never removed'); end",
    ],
  ] as const
  for (const [name, text] of refused) await sql.raw(`create trigger ${name} ${text}`).execute(db)
}
