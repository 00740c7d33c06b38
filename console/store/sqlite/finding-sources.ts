/** What findings are found in, read lean: 20,000 media without their passports, the last sighting of each. On SQLite. */
import type { Level, Passport } from '@shoukou/protocol'
import { sql } from 'kysely'
import type { FindingsStore } from '../findings-ports.ts'
import type { OpenDatabase } from './database.ts'
import { selectSightings, sightingRow } from './sightings.ts'

type Part = Pick<
  FindingsStore,
  'leanMedia' | 'seenNumbers' | 'seenUnregistered' | 'sightingsAfter' | 'sightingsSharing'
>

export function findingSourcesIn({ query }: OpenDatabase): Part {
  return {
    async leanMedia(afterId, limit) {
      const rows = await query
        .selectFrom('media')
        .select([
          ...(['id', 'number', 'state', 'level', 'department', 'custodian'] as const),
          ...(['valid_until_ms', 'registered_at', 'changed_at'] as const),
        ])
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
        registeredAt: Number(row.registered_at),
        changedAt: Number(row.changed_at),
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
      const rows = await selectSightings(query)
        .where('media_sightings.id', '>', id)
        .orderBy('media_sightings.id')
        .limit(limit)
        .execute()
      return rows.map(sightingRow)
    },
    async sightingsSharing({ id, keys, number }, limit) {
      if (keys.length === 0 && number === null) return []
      const rows = await selectSightings(query)
        .where('media_sightings.id', 'in', (outer) =>
          outer
            .selectFrom('media_sightings as same')
            .select((e) => e.fn.max('same.id').as('id'))
            .where('same.is_examined', '=', 1)
            .where('same.id', '<', id)
            .where((e) =>
              e.or([
                e('same.id', 'in', (inner) =>
                  inner
                    .selectFrom('media_sighting_keys')
                    .select('sighting')
                    .where('key', 'in', [...keys]),
                ),
                ...(number === null ? [] : [e('same.number', '=', number)]),
              ]),
            )
            .groupBy('same.agent'),
        )
        .orderBy('media_sightings.id')
        .limit(limit)
        .execute()
      return rows.map(sightingRow)
    },
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
