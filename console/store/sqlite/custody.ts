/** Media that are missing, and media handed in at the end of the year. On SQLite, in the thread that opened it. */
import type { Level } from '@shoukou/protocol'
import { type ClockStore, type HandInFilter, type HandInMedium, OF_REGISTERS } from '../clock-ports.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'
import { violationOf } from './violations.ts'

type Part = Pick<
  ClockStore,
  'missingMediaUntold' | 'endCustody' | 'mediaFound' | 'handIns' | 'countHandIns' | 'addHandIns'
>

/** State secrets: the terms of the law, and the unit's rule on hand-in, are about these. */
const secretLevels = "('confidential', 'secret', 'top-secret')"
/** In somebody's hands. */
const inUse = "('issued', 'lent', 'carried-out', 'suspended')"
const toHandIn = `m.level in ${secretLevels} and m.state in ${inUse} and m.registered_at <= ?2 and (?3 is null or m.department = ?3)`

export function custodyIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  const statements = {
    // The newest time that it was reported missing; one that was told of has a violation that lasts.
    missing: connection.prepare(
      `select m.number, m.level, m.custodian, coalesce(e.at, m.changed_at) as at, coalesce(e.account, '') as account
       from media m left join medium_events e on e.id = (select max(id) from medium_events x where x.number = m.number
         and x.kind = 'state-changed' and json_extract(x.changes, '$.state[1]') = 'missing')
       where m.state = 'missing' and m.level in ${secretLevels} and not exists (select 1 from violations v
         where v.agent = '${OF_REGISTERS}' and v.type = 'media-missing' and v.lasting = 'missing:' || m.number and v.ended_at is null)
       order by m.id limit ?`,
    ),
    found: connection.prepare(
      `select m.number, coalesce((select at from medium_events x where x.number = m.number and x.kind = 'state-changed' order by id desc limit 1), m.changed_at) as at
       from violations v join media m on v.lasting = 'missing:' || m.number
       where v.agent = '${OF_REGISTERS}' and v.type = 'media-missing' and v.ended_at is null and m.state <> 'missing'`,
    ),
    end: connection.prepare(
      `update violations set ended_at = ? where agent = '${OF_REGISTERS}' and lasting = ? and ended_at is null returning id`,
    ),
    handIns: connection.prepare(
      `select m.number, m.level, m.custodian, m.department, m.state, h.at, h.account from media m
       left join media_hand_ins h on h.year = ?1 and h.medium = m.number
       where ${toHandIn} and (?4 is null or (h.id is not null) = ?4) and (?5 = 0 or not exists (select 1 from violations v where v.agent = '${OF_REGISTERS}' and v.key = 'media-year-end-overdue:' || ?1 || ':' || m.number)) order by m.department, m.number limit ?6`,
    ),
    count: connection.prepare(
      `select count(*) as total, count(h.id) as handed from media m
       left join media_hand_ins h on h.year = ?1 and h.medium = m.number where ${toHandIn}`,
    ),
    add: connection.prepare(
      'insert into media_hand_ins (year, medium, at, account, note) select ?, number, ?, ?, ? from media where number = ? on conflict do nothing returning medium',
    ),
  }
  const bound = ({
    year,
    registeredBy,
    department,
  }: Pick<HandInFilter, 'year' | 'registeredBy' | 'department'>) =>
    [year, registeredBy, department ?? null] as const
  return {
    async missingMediaUntold(limit) {
      return statements.missing.all(limit).map((row) => ({
        number: String(row['number']),
        level: row['level'] as Level,
        custodian: String(row['custodian']),
        at: Number(row['at']),
        account: String(row['account']),
      }))
    },
    async mediaFound() {
      return statements.found.all().map((row) => ({ number: String(row['number']), at: Number(row['at']) }))
    },
    async endCustody(lasting, at) {
      const ended = ingest.transaction(() => statements.end.all(at, lasting))
      const rows = await Promise.all(ended.map((row) => violationOf(query, Number(row['id']))))
      return rows.filter((row) => row !== null)
    },
    async handIns({ isHandedIn, isUntold = false, limit, ...filter }): Promise<readonly HandInMedium[]> {
      const wanted = isHandedIn === undefined ? null : isHandedIn ? 1 : 0
      return statements.handIns.all(...bound(filter), wanted, isUntold ? 1 : 0, limit).map((row) => ({
        number: String(row['number']),
        level: row['level'] as Level,
        custodian: String(row['custodian']),
        department: String(row['department']),
        state: String(row['state']),
        handedIn: row['at'] === null ? null : { at: Number(row['at']), account: String(row['account']) },
      }))
    },
    async countHandIns(filter) {
      const row = statements.count.get(...bound(filter))
      return { total: Number(row?.['total'] ?? 0), handedIn: Number(row?.['handed'] ?? 0) }
    },
    async addHandIns(rows) {
      return ingest.transaction(() =>
        rows.flatMap(({ year, medium, at, account, note }) => {
          const added = statements.add.get(year, at, account, note, medium)
          return added === undefined ? [] : [String(added['medium'])]
        }),
      )
    },
  }
}
