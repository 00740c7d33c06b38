/** What findings are found in, read lean: 20,000 media without their passports, the last sighting of each. On SQLite. */
import type { Level, Passport } from '@shoukou/protocol'
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import type { FindingsStore, PlacedSighting } from '../findings-ports.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import { sightingRow } from './sightings.ts'

type Part = Pick<
  FindingsStore,
  | 'computerStatesSince'
  | 'leanMedia'
  | 'seenNumbers'
  | 'seenUnregistered'
  | 'sightingsAfter'
  | 'sightingsSharing'
>

export function findingSourcesIn({ query }: OpenDatabase): Part {
  return {
    async computerStatesSince() {
      const rows = await query
        .selectFrom('ledger_entries')
        .leftJoin('ledger_events', (join) =>
          join
            .onRef('ledger_events.entry', '=', 'ledger_entries.id')
            .on('ledger_events.kind', '=', 'state-changed'),
        )
        .select((e) => [
          'ledger_entries.number',
          e.fn.coalesce(e.fn.max('ledger_events.at'), 'ledger_entries.created_at').as('at'),
        ])
        .where('ledger_entries.kind', '=', 'computers')
        .groupBy('ledger_entries.id')
        .execute()
      return rows.map(({ number, at }) => ({ number, at: Number(at) }))
    },
    async leanMedia(afterId, limit) {
      const rows = await query
        .selectFrom('media')
        .select([
          ...(['id', 'number', 'state', 'level', 'department', 'custodian'] as const),
          ...(['valid_until_ms', 'due_back_ms', 'registered_at', 'changed_at'] as const),
        ])
        .select((e) =>
          e
            .selectFrom('medium_events')
            .select((one) => one.fn.max('medium_events.at').as('at'))
            .whereRef('medium_events.number', '=', 'media.number')
            .where('medium_events.kind', '=', 'state-changed')
            .where('media.state', 'in', ['missing', 'retired', 'destroyed'])
            .as('state_since'),
        )
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        id: Number(row.id),
        number: row.number,
        state: row.state,
        level: row.level as Level,
        department: row.department,
        custodian: row.custodian,
        validUntilMs: row.valid_until_ms === null ? null : Number(row.valid_until_ms),
        dueBackMs: row.due_back_ms === null ? null : Number(row.due_back_ms),
        registeredAt: Number(row.registered_at),
        changedAt: Number(row.changed_at),
        stateSince: Number(row.state_since ?? row.changed_at),
      }))
    },
    async seenNumbers() {
      const rows = await query
        .selectFrom('media_sightings')
        .innerJoin('computers', 'computers.agent', 'media_sightings.agent')
        .select([
          'media_sightings.number',
          'media_sightings.received_at',
          'media_sightings.level',
          'media_sightings.seal_id',
          'computers.number as computer',
        ])
        .where('media_sightings.id', 'in', (e) =>
          e
            .selectFrom('media_sightings as last')
            .select((one) => one.fn.max('last.id').as('id'))
            .where('last.number', 'is not', null)
            .groupBy('last.number'),
        )
        .execute()
      return rows.map((row) => ({
        number: row.number ?? '',
        receivedAt: Number(row.received_at),
        computer: row.computer,
        sealLevel: row.seal_id === null ? null : (row.level as Level | null),
      }))
    },
    async seenUnregistered(since, limit) {
      // Passports of the newest stay alone are read: of an identity that comes every day there are hundreds.
      const rows = await query
        .selectFrom('media_sightings')
        .innerJoin('computers', 'computers.agent', 'media_sightings.agent')
        .select((e) => [
          'media_sightings.keys',
          'media_sightings.agent',
          'media_sightings.passport',
          'computers.number as computer',
          'computers.department',
          e.fn.min('media_sightings.received_at').as('first_at'),
          e.fn.max('media_sightings.received_at').as('last_at'),
        ])
        .where('media_sightings.number', 'is', null)
        .where('media_sightings.is_examined', '=', 1)
        .where('media_sightings.received_at', '>=', since)
        .where('media_sightings.keys', '<>', '[]')
        // What was registered since is no longer unregistered, whatever it was when it came.
        .where((e) =>
          e.not(
            e.exists(
              e
                .selectFrom('media_sighting_keys')
                .innerJoin('medium_keys', 'medium_keys.key', 'media_sighting_keys.key')
                .select('media_sighting_keys.key')
                .whereRef('media_sighting_keys.sighting', '=', 'media_sightings.id'),
            ),
          ),
        )
        .groupBy('media_sightings.keys')
        .orderBy(sql`max(media_sightings.received_at)`, 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        key: (JSON.parse(row.keys) as string[])[0] ?? '',
        agent: row.agent,
        computer: row.computer,
        department: row.department,
        firstAt: Number(row.first_at),
        lastAt: Number(row.last_at),
        name: nameOf(row.passport === null ? null : (JSON.parse(row.passport) as Passport)),
      }))
    },
    async sightingsAfter(id, limit) {
      const rows = await selectPlaced(query)
        .where('media_sightings.id', '>', id)
        .orderBy('media_sightings.id')
        .limit(limit)
        .execute()
      return rows.map(placedRow)
    },
    async sightingsSharing({ id, keys, number }, limit) {
      if (keys.length === 0 && number === null) return []
      const rows = await selectPlaced(query)
        .where('media_sightings.id', 'in', (outer) =>
          withPolicyThen(outer.selectFrom('media_sightings'))
            .select((e) => e.fn.max('media_sightings.id').as('id'))
            .where('media_sightings.is_examined', '=', 1)
            .where('media_sightings.id', '<', id)
            .where((e) =>
              e.or([
                e('media_sightings.id', 'in', (inner) =>
                  inner
                    .selectFrom('media_sighting_keys')
                    .select('sighting')
                    .where('key', 'in', [...keys]),
                ),
                ...(number === null ? [] : [e('media_sightings.number', '=', number)]),
              ]),
            )
            .groupBy(['media_sightings.agent', levelThen]),
        )
        .orderBy('media_sightings.id')
        .limit(limit)
        .execute()
      return rows.map(placedRow)
    },
  }
}

/** The policy that the record of a stay was made under; where the record was archived, the newest that was made by then. */
const policyThen = sql<number>`coalesce(
  (select records.policy_version from records join journals on journals.id = records.journal
   where journals.agent = media_sightings.agent and journals.epoch = media_sightings.epoch and records.seq = media_sightings.seq),
  (select max(made.version) from policies as made
   where made.agent = media_sightings.agent and made.created_at <= media_sightings.received_at))`
const levelThen = sql<string | null>`json_extract(worked_under.settings, '$.level')`

function withPolicyThen<Output>(stays: SelectQueryBuilder<Tables, 'media_sightings', Output>) {
  return stays.leftJoin('policies as worked_under', (join) =>
    join
      .onRef('worked_under.agent', '=', 'media_sightings.agent')
      .on('worked_under.version', '=', policyThen),
  )
}

function selectPlaced(query: Kysely<Tables>) {
  return withPolicyThen(query.selectFrom('media_sightings'))
    .innerJoin('computers', 'computers.agent', 'media_sightings.agent')
    .selectAll('media_sightings')
    .select([
      'computers.number as computer',
      'computers.level as level_now',
      'computers.policy_version as policy_now',
      'worked_under.version as policy_then',
    ])
    .select(levelThen.as('level_then'))
}

function placedRow(
  row: Parameters<typeof sightingRow>[0] & {
    readonly level_now: string
    readonly level_then: string | null
    readonly policy_now: number
    readonly policy_then: number | null
  },
): PlacedSighting {
  return {
    ...sightingRow(row),
    hostLevel: (row.level_then ?? row.level_now) as Level,
    policyVersion: Number(row.policy_then ?? row.policy_now),
  }
}

/** What a person finds it by: maker's words and serial as the device has them; nothing is decided by it. */
function nameOf(passport: Passport | null): string {
  if (passport === null) return '?'
  const { usb } = passport
  if (usb === null) return typeof passport.diskSerial === 'string' ? passport.diskSerial : passport.bus
  const texts = [usb.product, usb.serial].map((text) => (typeof text === 'string' ? text : ''))
  return [`${usb.vendorId}:${usb.productId}`, ...texts.filter((text) => text !== '')].join(' ').slice(0, 100)
}
