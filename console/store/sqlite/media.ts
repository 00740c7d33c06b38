/** The media register: its media, their history, and the policies that are due. On SQLite, in the thread that opened it. */
import type { DatabaseSync } from 'node:sqlite'
import { ShoukouError } from '@shoukou/protocol'
import { type ExpressionBuilder, sql } from 'kysely'
import type {
  DueRow,
  MediaPolicyDue,
  MediaStore,
  MediumEventRow,
  MediumFilter,
  MediumRow,
  MediumWrite,
  UsableMedia,
} from '../media-ports.ts'
import { dueRow, EVERY_COMPUTER, mediumEventRow, mediumRow } from '../rows.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

export function mediaIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): MediaStore {
  const write = mediumWriter(connection)
  const addDue = connection.prepare('insert into media_due (computer, account, reason) values (?, ?, ?)')
  const noteDue = ({ computers, account, reason }: MediaPolicyDue): void => {
    for (const computer of computers ?? [EVERY_COMPUTER]) addDue.run(computer, account, reason)
  }
  return {
    async writeMedia(writes: readonly MediumWrite[], due: MediaPolicyDue | null): Promise<void> {
      ingest.transaction(() => {
        for (const one of writes) write(one)
        if (due !== null) noteDue(due)
      })
    },
    async medium(number: string): Promise<MediumRow | null> {
      const row = await query.selectFrom('media').selectAll().where('number', '=', number).executeTakeFirst()
      return row === undefined ? null : mediumRow(row)
    },
    async media(filter: MediumFilter): Promise<readonly MediumRow[]> {
      let selected = query.selectFrom('media').selectAll().where(filterMedia(filter))
      const { beforeId, limit } = filter
      if (filter.sort === 'number') {
        const isDescending = filter.isDescending === true
        // Numbers are unique and never change: the place in the order is the number of the last row.
        if (beforeId !== undefined)
          selected = selected.where('media.number', isDescending ? '<' : '>', (e) =>
            e.selectFrom('media as last').select('last.number').where('last.id', '=', beforeId),
          )
        selected = selected.orderBy('media.number', isDescending ? 'desc' : 'asc')
      } else {
        if (beforeId !== undefined) selected = selected.where('id', '<', beforeId)
        selected = selected.orderBy('id', 'desc')
      }
      return (await selected.limit(limit).execute()).map(mediumRow)
    },
    async countMedia(filter: Omit<MediumFilter, 'beforeId' | 'limit'>): Promise<number> {
      const row = await query
        .selectFrom('media')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where(filterMedia(filter))
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },
    async mediumHistory(number: string, limit: number): Promise<readonly MediumEventRow[]> {
      const rows = await query
        .selectFrom('medium_events')
        .selectAll()
        .where('number', '=', number)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(mediumEventRow)
    },
    async mediaWithKeys(keys: readonly string[], limit: number): Promise<readonly MediumRow[]> {
      if (keys.length === 0) return []
      const rows = await query
        .selectFrom('media')
        .selectAll()
        .where('number', 'in', (e) =>
          e
            .selectFrom('medium_keys')
            .select('number')
            .where('key', 'in', [...keys]),
        )
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(mediumRow)
    },
    async takenMediumNumbers(numbers: readonly string[]): Promise<readonly string[]> {
      const find = connection.prepare('select number from media where lower(number) = lower(?)')
      return numbers.flatMap((number) => {
        const found = find.get(number)
        return found === undefined ? [] : [String(found['number'])]
      })
    },
    async nextMediumCount(count: number, name: string): Promise<number> {
      // The counter that was the only one before units had patterns of their own goes on.
      const counter = name === 'ym-\u{0}' ? 'medium-number' : `medium-number:${name}`
      if (count === 0) {
        const last = connection.prepare('select value from counters where name = ?').get(counter)
        return Number(last?.['value'] ?? 0) + 1
      }
      const row = connection
        .prepare(
          'insert into counters (name, value) values (?, ?) on conflict (name) do update set value = value + excluded.value returning value',
        )
        .get(counter, count)
      return Number(row?.['value']) - count + 1
    },
    async usableMedia(computer: string, limit: number): Promise<UsableMedia> {
      const isUsable = (e: ExpressionBuilder<Tables, 'media'>) =>
        e.and([
          e('media.seal', 'is not', null),
          e('media.state', 'in', ['issued', 'lent', 'carried-out']),
          e('media.number', 'in', numbersFor(e, computer)),
        ])
      const [rows, total] = await Promise.all([
        query
          .selectFrom('media')
          .selectAll()
          .where(isUsable)
          .orderBy(sql`computers is null`)
          .orderBy(sql`seal_written_at is not null`)
          .orderBy('changed_at', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute(),
        query
          .selectFrom('media')
          .select((e) => e.fn.countAll<number>().as('count'))
          .where(isUsable)
          .executeTakeFirstOrThrow(),
      ])
      return { media: rows.map(mediumRow), total: Number(total.count) }
    },
    async revokedMedia(limit: number): Promise<{ media: readonly MediumRow[]; total: number }> {
      const isRevoked = (e: ExpressionBuilder<Tables, 'media'>) =>
        e.or([
          e('state', 'in', ['suspended', 'missing', 'retired', 'destroyed']),
          e('seals_void_before_ms', 'is not', null),
        ])
      const [rows, total] = await Promise.all([
        query
          .selectFrom('media')
          .selectAll()
          .where(isRevoked)
          // One that never had a seal is refused without being named. What was lost or halted may turn up any day.
          .orderBy(sql`seal is null`)
          .orderBy(
            sql`case state when 'missing' then 0 when 'suspended' then 1 when 'retired' then 2 when 'destroyed' then 4 else 3 end`,
          )
          .orderBy('changed_at', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute(),
        query
          .selectFrom('media')
          .select((e) => e.fn.countAll<number>().as('count'))
          .where(isRevoked)
          .executeTakeFirstOrThrow(),
      ])
      return { media: rows.map(mediumRow), total: Number(total.count) }
    },
    async addMediaPolicyDue(due: MediaPolicyDue): Promise<void> {
      ingest.transaction(() => noteDue(due))
    },
    async mediaPolicyDue(limit: number): Promise<readonly DueRow[]> {
      const rows = await query.selectFrom('media_due').selectAll().orderBy('id').limit(limit).execute()
      return rows.map(dueRow)
    },
    async settleMediaPolicyDue(ids: readonly number[]): Promise<void> {
      const settle = connection.prepare('delete from media_due where id = ?')
      ingest.transaction(() => {
        for (const id of ids) settle.run(id)
      })
    },
  }
}

/** Returns what writes one medium within the caller's transaction. */
function mediumWriter(connection: DatabaseSync): (write: MediumWrite) => void {
  const columns =
    'number, level, kind, custodian, department, computers, users, right, valid_from_ms, valid_until_ms, note, state, version, registered_at, registered_by, changed_at, passport, seal, seals_void_before_ms, seal_written_at, due_back_ms'
  const names = columns.split(', ')
  const taken = connection.prepare('select number from media where lower(number) = lower(?)')
  const add = connection.prepare(`insert into media (${columns}) values (${names.map(() => '?').join(', ')})`)
  const change = connection.prepare(
    `update media set ${names.map((name) => `${name} = ?`).join(', ')} where number = ? and version = ?`,
  )
  const addEvent = connection.prepare(
    'insert into medium_events (number, at, account, kind, changes, reason) values (?, ?, ?, ?, ?, ?)',
  )
  const forget = {
    keys: connection.prepare('delete from medium_keys where number = ?'),
    computers: connection.prepare('delete from medium_computers where number = ?'),
  }
  const note = {
    key: connection.prepare('insert or ignore into medium_keys (key, number) values (?, ?)'),
    computer: connection.prepare('insert or ignore into medium_computers (computer, number) values (?, ?)'),
  }
  return ({ medium, baseVersion, keys, events }) => {
    const { number } = medium
    if (baseVersion === null) {
      const found = taken.get(number)
      if (found !== undefined) {
        throw new ShoukouError(
          'invalid-request',
          `The number ${String(found['number'])} is taken; choose another.`,
        )
      }
      add.run(...valuesOf(medium))
    } else if (Number(change.run(...valuesOf(medium), number, baseVersion).changes) !== 1) {
      throw new ShoukouError(
        'edit-conflict',
        `${number} was changed meanwhile; load it, and make the change again.`,
      )
    }
    forget.computers.run(number)
    for (const computer of medium.computers ?? [EVERY_COMPUTER]) note.computer.run(computer, number)
    if (keys !== null) {
      forget.keys.run(number)
      for (const key of keys) note.key.run(key, number)
    }
    for (const { at, account, kind, changes, reason } of events) {
      addEvent.run(number, at, account, kind, changes, reason)
    }
  }
}

/** In the order of the writer's columns. */
function valuesOf(medium: MediumWrite['medium']): (string | number | null)[] {
  return [
    medium.number,
    medium.level,
    medium.kind,
    medium.custodian,
    medium.department,
    jsonOf(medium.computers),
    jsonOf(medium.users),
    medium.right,
    medium.validFromMs,
    medium.validUntilMs,
    medium.note,
    medium.state,
    medium.version,
    medium.registeredAt,
    medium.registeredBy,
    medium.changedAt,
    jsonOf(medium.passport),
    jsonOf(medium.seal),
    medium.sealsVoidBeforeMs,
    medium.sealWrittenAt,
    medium.dueBackMs,
  ]
}

function jsonOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

function filterMedia(filter: Omit<MediumFilter, 'beforeId' | 'limit'>) {
  return (e: ExpressionBuilder<Tables, 'media'>) => {
    // What a person typed is text: its % and _ stand for themselves.
    const part = `%${(filter.search ?? '').replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    const contains = (column: 'number' | 'custodian' | 'department' | 'note') =>
      sql<boolean>`${sql.ref(column)} like ${part} escape '\\'`
    return e.and([
      ...(filter.states === undefined ? [] : [e('state', 'in', [...filter.states])]),
      ...(filter.levels === undefined ? [] : [e('level', 'in', [...filter.levels])]),
      ...(filter.computer === undefined ? [] : [e('media.number', 'in', numbersFor(e, filter.computer))]),
      ...(filter.department === undefined ? [] : [e('department', '=', filter.department)]),
      ...(filter.search === undefined
        ? []
        : [
            e.or([
              contains('number'),
              contains('custodian'),
              contains('department'),
              contains('note'),
              // A serial stands in the keys; shorter parts would find their prefixes.
              ...(filter.search.length < 4 ? [] : [e('media.number', 'in', numbersWithKey(e, part))]),
            ]),
          ]),
    ])
  }
}

function numbersWithKey(e: ExpressionBuilder<Tables, 'media'>, part: string) {
  return e
    .selectFrom('medium_keys')
    .select('medium_keys.number')
    .where(sql<boolean>`${sql.ref('medium_keys.key')} like ${part} escape '\\'`)
}

function numbersFor(e: ExpressionBuilder<Tables, 'media'>, computer: string) {
  return e
    .selectFrom('medium_computers')
    .select('medium_computers.number')
    .where('medium_computers.computer', 'in', [computer, EVERY_COMPUTER])
}
