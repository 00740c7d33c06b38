/** Media that were seen: written within an ingest's transaction, read by everyone. On SQLite, in the thread that opened it. */
import type { DatabaseSync } from 'node:sqlite'
import type { Level, MediumRight, Passport } from '@shoukou/protocol'
import type { Kysely, Selectable } from 'kysely'
import type { Tables } from '../schema.ts'
import type { SightingRow, SightingStore, StayRow } from '../sighting-ports.ts'
import type { OpenDatabase } from './database.ts'

export function sightingsIn({ query, connection }: OpenDatabase): SightingStore {
  const mark = connection.prepare('select count(*) as n, coalesce(sum(version), 0) as v from media')
  return {
    async openStays(agent: string): Promise<readonly StayRow[]> {
      const rows = await query
        .selectFrom('media_sightings')
        .selectAll()
        .where('agent', '=', agent)
        .where('ended_at', 'is', null)
        .orderBy('id')
        .execute()
      return rows.map(stayRow)
    },
    async presentMedia(agent: string): Promise<readonly SightingRow[]> {
      const rows = await selectSightings(query)
        .where('media_sightings.agent', '=', agent)
        .where('ended_at', 'is', null)
        .orderBy('media_sightings.id', 'desc')
        .execute()
      return rows.map(sightingRow)
    },
    async presentEverywhere(limit: number): Promise<readonly SightingRow[]> {
      const rows = await selectSightings(query)
        .where('ended_at', 'is', null)
        .where('is_examined', '=', 1)
        .orderBy('media_sightings.id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(sightingRow)
    },
    async mediumSightings(number: string, limit: number): Promise<readonly SightingRow[]> {
      const rows = await selectSightings(query)
        .where('media_sightings.number', '=', number)
        .orderBy('media_sightings.id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(sightingRow)
    },
    async lastSightings(numbers: readonly string[]): Promise<readonly SightingRow[]> {
      if (numbers.length === 0) return []
      const rows = await selectSightings(query)
        .where('media_sightings.id', 'in', (e) =>
          e
            .selectFrom('media_sightings as last')
            .select((one) => one.fn.max('last.id').as('id'))
            .where('last.number', 'in', [...numbers])
            .groupBy('last.number'),
        )
        .execute()
      return rows.map(sightingRow)
    },
    async sightingOfRecord(agent: string, epoch: string, seq: number): Promise<SightingRow | null> {
      const row = await selectSightings(query)
        .where('media_sightings.agent', '=', agent)
        .where((e) =>
          e.or([
            e.and([e('media_sightings.epoch', '=', epoch), e('media_sightings.seq', '=', seq)]),
            e('stay', '=', `${epoch}:${seq}`),
          ]),
        )
        .orderBy('media_sightings.id', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? null : sightingRow(row)
    },
    async sightingsOfViolation(id: number): Promise<readonly SightingRow[]> {
      const violation = await query
        .selectFrom('violations')
        .select(['agent', 'type', 'key'])
        .where('id', '=', id)
        .executeTakeFirst()
      const prefix = `${violation?.type ?? ''}:`
      if (violation === undefined || !violation.key.startsWith(prefix)) return []
      // `stay`, or `stay:with:agent:stay` where one identity is in two places.
      const [stay = '', other = ''] = violation.key.slice(prefix.length).split(':with:')
      const at = other.indexOf(':')
      const rows = await selectSightings(query)
        .where((e) =>
          e.or([
            e.and([e('media_sightings.agent', '=', violation.agent), e('stay', '=', stay)]),
            e.and([
              e('media_sightings.agent', '=', other.slice(0, Math.max(0, at))),
              e('stay', '=', other.slice(at + 1)),
            ]),
          ]),
        )
        .orderBy('media_sightings.id', 'desc')
        .execute()
      return rows.map(sightingRow)
    },
    async presentWith({ keys, number }, limit: number): Promise<readonly SightingRow[]> {
      if (keys.length === 0 && number === null) return []
      const rows = await selectSightings(query)
        .where('ended_at', 'is', null)
        .where('is_examined', '=', 1)
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
        .orderBy('media_sightings.id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(sightingRow)
    },
    async registerMark(): Promise<string> {
      const row = mark.get()
      return `${Number(row?.['n'])}/${Number(row?.['v'])}`
    },
    async registeredUsbPassports(): Promise<readonly Passport[]> {
      const rows = await query
        .selectFrom('media')
        .select('passport')
        .where('passport', 'is not', null)
        .execute()
      return rows
        .map((row) => JSON.parse(row.passport ?? 'null') as Passport)
        .filter((passport) => passport.usb !== null)
    },
  }
}

/** Returns what writes one stay of a computer as it stands now, within the caller's transaction. */
export function stayWriter(
  connection: DatabaseSync,
): (agent: string, stay: StayRow, receivedAt: number) => void {
  const fixed = 'agent, stay, boot_id, opened_by, at, received_at, opened_boot_ms'.split(', ')
  const moving =
    'instance, usb_path, disk, epoch, seq, is_examined, ended_at, number, level, keys, passport, seal_id, right, rule, is_confirmed, due_boot_ms, pending, mounts'.split(
      ', ',
    )
  const names = [...fixed, ...moving]
  const write = connection.prepare(
    `insert into media_sightings (${names.join(', ')}) values (${names.map(() => '?').join(', ')})
     on conflict (agent, stay) do update set ${moving.map((name) => `${name} = excluded.${name}`).join(', ')}
     returning id`,
  )
  const forgetKeys = connection.prepare('delete from media_sighting_keys where sighting = ?')
  const addKey = connection.prepare('insert or ignore into media_sighting_keys (key, sighting) values (?, ?)')
  return (agent, stay, receivedAt) => {
    const row = write.get(
      ...[agent, stay.id, stay.bootId, stay.by, stay.at, receivedAt, stay.openedBootMs],
      ...[
        stay.instance,
        stay.usbPath,
        stay.disk,
        stay.epoch,
        stay.seq,
        Number(stay.isExamined),
        stay.endedAt,
      ],
      ...[stay.number, stay.level, JSON.stringify(stay.keys), jsonOf(stay.passport), stay.sealId],
      ...[stay.right, stay.rule, Number(stay.isConfirmed), stay.dueBootMs, stay.pending],
      JSON.stringify(stay.mounts),
    )
    const id = Number(row?.['id'])
    forgetKeys.run(id)
    for (const key of stay.keys) addKey.run(key, id)
  }
}

type Columns = Selectable<Tables['media_sightings']>

export function selectSightings(query: Kysely<Tables>) {
  return query
    .selectFrom('media_sightings')
    .innerJoin('computers', 'computers.agent', 'media_sightings.agent')
    .selectAll('media_sightings')
    .select('computers.number as computer')
}

export function sightingRow(row: Columns & { readonly computer: string }): SightingRow {
  return {
    id: Number(row.id),
    agent: row.agent,
    computer: row.computer,
    stay: row.stay,
    // A disk that was never examined has no name of its own yet; this one no command will find.
    instance: row.instance ?? `disk:${row.disk ?? '?'}#?`,
    usbPath: row.usb_path,
    epoch: row.epoch,
    seq: Number(row.seq),
    isExamined: row.is_examined === 1,
    at: Number(row.at),
    endedAt: numberOrNull(row.ended_at),
    receivedAt: Number(row.received_at),
    number: row.number,
    level: row.level as Level | null,
    passport: passportOf(row),
    keys: JSON.parse(row.keys) as string[],
    sealId: row.seal_id,
    right: row.right as MediumRight,
    rule: row.rule,
    isConfirmed: row.is_confirmed === 1,
  }
}

function stayRow(row: Columns): StayRow {
  return {
    id: row.stay,
    bootId: row.boot_id,
    instance: row.instance,
    by: row.opened_by as StayRow['by'],
    usbPath: row.usb_path,
    disk: row.disk,
    epoch: row.epoch,
    seq: Number(row.seq),
    isExamined: row.is_examined === 1,
    at: Number(row.at),
    endedAt: numberOrNull(row.ended_at),
    openedBootMs: Number(row.opened_boot_ms),
    number: row.number,
    level: row.level as Level | null,
    keys: JSON.parse(row.keys) as string[],
    passport: passportOf(row),
    sealId: row.seal_id,
    right: row.right as MediumRight,
    rule: row.rule,
    isConfirmed: row.is_confirmed === 1,
    dueBootMs: numberOrNull(row.due_boot_ms),
    pending: row.pending,
    mounts: JSON.parse(row.mounts) as string[],
  }
}

function passportOf({ passport }: Columns): Passport | null {
  return passport === null ? null : (JSON.parse(passport) as Passport)
}

function jsonOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

function numberOrNull(value: number | null): number | null {
  return value === null ? null : Number(value)
}
