/** Bundles: slips, senders, packages for the way home. On SQLite. */
import type { Selectable } from 'kysely'
import type {
  BundleStore,
  NewSlip,
  ReturnPackageRow,
  SenderRow,
  SlipFilter,
  SlipRow,
} from '../bundles-ports.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

export function bundlesIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): BundleStore {
  const statements = {
    addSlip: connection.prepare(
      'insert into bundle_slips (slip, verdict, agent, bundle, number, taken_at, content) values (?, ?, ?, ?, ?, ?, ?) returning id',
    ),
    putSender: connection.prepare(
      'insert into bundle_senders (agent, last_number, last_bundle, last_taken_at, last_created_wall_ms, epoch, renewal, ceiling_version, package_number) values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (agent) do update set last_number = excluded.last_number, last_bundle = excluded.last_bundle, last_taken_at = excluded.last_taken_at, last_created_wall_ms = excluded.last_created_wall_ms, epoch = excluded.epoch, renewal = excluded.renewal, ceiling_version = excluded.ceiling_version, package_number = excluded.package_number',
    ),
    nextPackage: connection.prepare(
      'select max(coalesce(max(number), 0), ?) + 1 as next from return_packages where agent = ?',
    ),
    addPackage: connection.prepare(
      'insert into return_packages (agent, number, package, made_at, made_by, bundle_number, stored_seq, policy_version) values (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
  }
  const slipsOf = (agent: string) => query.selectFrom('bundle_slips').selectAll().where('agent', '=', agent)
  return {
    async addSlip(slip: NewSlip, sender: SenderRow | null): Promise<SlipRow> {
      return ingest.transaction(() => {
        const { verdict, agent, bundle, number, takenAt } = slip
        const row = statements.addSlip.get(
          slip.slip,
          verdict,
          agent,
          bundle,
          number,
          takenAt,
          JSON.stringify(slip),
        )
        if (sender !== null) {
          statements.putSender.run(
            sender.agent,
            sender.lastNumber,
            sender.lastBundle,
            sender.lastTakenAt,
            sender.lastCreatedWallMs,
            sender.epoch,
            sender.renewal,
            sender.ceilingVersion,
            sender.packageNumber,
          )
        }
        return { ...slip, id: Number(row?.['id']) }
      })
    },
    async slip(slip: string): Promise<SlipRow | null> {
      const row = await query
        .selectFrom('bundle_slips')
        .selectAll()
        .where('slip', '=', slip)
        .executeTakeFirst()
      return row === undefined ? null : slipRow(row)
    },
    async slips({ agent, beforeId, limit }: SlipFilter): Promise<readonly SlipRow[]> {
      let selected = query.selectFrom('bundle_slips').selectAll()
      if (agent !== undefined) selected = selected.where('agent', '=', agent)
      if (beforeId !== undefined) selected = selected.where('id', '<', beforeId)
      return (await selected.orderBy('id', 'desc').limit(limit).execute()).map(slipRow)
    },
    async takenBundle(agent: string, bundle: string): Promise<SlipRow | null> {
      const row = await slipsOf(agent)
        .where('bundle', '=', bundle)
        .where('verdict', 'in', ['taken', 'nothing-new'])
        .orderBy('id')
        .executeTakeFirst()
      return row === undefined ? null : slipRow(row)
    },
    async bundleOfNumber(agent: string, number: number): Promise<SlipRow | null> {
      const row = await slipsOf(agent)
        .where('number', '=', number)
        .where('verdict', 'in', ['taken', 'nothing-new', 'held'])
        .orderBy('id')
        .executeTakeFirst()
      return row === undefined ? null : slipRow(row)
    },
    async heldSlips(agent: string): Promise<readonly SlipRow[]> {
      const rows = await slipsOf(agent).where('verdict', '!=', 'refused').orderBy('id').execute()
      const over = new Set(rows.filter(({ verdict }) => verdict !== 'held').map(({ bundle }) => bundle))
      const held = new Map(
        rows
          .filter(({ verdict, bundle }) => verdict === 'held' && !over.has(bundle))
          .map((row) => [row.bundle, row]),
      )
      return [...held.values()].map(slipRow)
    },
    async sender(agent: string): Promise<SenderRow | null> {
      const row = await query
        .selectFrom('bundle_senders')
        .selectAll()
        .where('agent', '=', agent)
        .executeTakeFirst()
      return row === undefined ? null : senderRow(row)
    },
    async senders(): Promise<readonly SenderRow[]> {
      return (await query.selectFrom('bundle_senders').selectAll().execute()).map(senderRow)
    },
    async addReturnPackage(
      made: Omit<ReturnPackageRow, 'number'>,
      numberMin: number,
    ): Promise<ReturnPackageRow> {
      return ingest.transaction(() => {
        const number = Number(statements.nextPackage.get(numberMin, made.agent)?.['next'])
        statements.addPackage.run(
          made.agent,
          number,
          made.package,
          made.madeAt,
          made.madeBy,
          made.bundleNumber,
          made.storedSeq,
          made.policyVersion,
        )
        return { ...made, number }
      })
    },
    async newestPackages(): Promise<readonly ReturnPackageRow[]> {
      const rows = await query
        .selectFrom('return_packages')
        .selectAll()
        .where((build) =>
          build(
            'number',
            '=',
            build
              .selectFrom('return_packages as other')
              .select(({ fn }) => fn.max('other.number').as('newest'))
              .whereRef('other.agent', '=', 'return_packages.agent'),
          ),
        )
        .execute()
      return rows.map(packageRow)
    },
  }
}

function slipRow(row: Selectable<Tables['bundle_slips']>): SlipRow {
  return { ...(JSON.parse(row.content) as NewSlip), id: row.id }
}

function senderRow(row: Selectable<Tables['bundle_senders']>): SenderRow {
  return {
    agent: row.agent,
    lastNumber: row.last_number,
    lastBundle: row.last_bundle,
    lastTakenAt: row.last_taken_at,
    lastCreatedWallMs: row.last_created_wall_ms,
    epoch: row.epoch,
    renewal: row.renewal,
    ceilingVersion: row.ceiling_version,
    packageNumber: row.package_number,
  }
}

function packageRow(row: Selectable<Tables['return_packages']>): ReturnPackageRow {
  return {
    agent: row.agent,
    number: row.number,
    package: row.package,
    madeAt: row.made_at,
    madeBy: row.made_by,
    bundleNumber: row.bundle_number,
    storedSeq: row.stored_seq,
    policyVersion: row.policy_version,
  }
}
