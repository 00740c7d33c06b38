/**
 * Reads what may be archived and removed: the leading stretches of journals that are out of their period, up to the
 * first record that must stay. Read-only, and long on a large database: for a thread of its own.
 */
import { DatabaseSync } from 'node:sqlite'
import { genesisHead, isCheckpointOf, ShoukouError } from '@shoukou/protocol'
import { RETENTION_YEARS_MIN } from '../keeping-defaults.ts'
import { ARCHIVE_LIMITS, type Stretch } from './archive-manifest.ts'
import { type Boundary, boundaryOf, judgeClocks } from './kept-time.ts'

/** Why nothing may go. */
export type NothingBecause = 'all-within-period' | 'clocks-differ' | 'no-computer-heard' | 'held-back'

export interface ArchivePlan {
  readonly boundary: Boundary | null
  /** Null: something may go. */
  readonly nothing: NothingBecause | null
  readonly retentionYears: number
  readonly records: number
  readonly bytes: number
  readonly computers: number
  readonly journals: number
  readonly firstReceivedAt: number | null
  readonly lastReceivedAt: number | null
  /** Journals whose stretch ends early, by what must stay. */
  readonly heldBack: { readonly violation: number; readonly standing: number }
  /** Not all of what might go: the rest waits for the next archive. */
  readonly isPart: boolean
  readonly stretches: readonly Stretch[]
}

export interface PlanOptions {
  readonly path: string
  readonly now: number
  /** SPKI PEM: every checkpoint that proves time must be signed by it. */
  readonly logPublicKey: string
  /** For tests: other than the limit. */
  readonly stretchRecordsMax?: number
  readonly stretchesMax?: number
}

/** @throws ShoukouError `log-altered` where a checkpoint that would prove the time is not signed by the log key. */
export function planArchive(options: PlanOptions): ArchivePlan {
  const { path, now, logPublicKey, stretchRecordsMax, stretchesMax } = options
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 })
  try {
    database.exec('begin')
    const settings = database.prepare('select max(retention_years) years from keeping_settings').get()
    const retentionYears = Math.max(RETENTION_YEARS_MIN, Number(settings?.['years'] ?? 0))
    const checkpoints = database.prepare('select id, at from checkpoints order by id').all() as unknown as {
      id: number
      at: number
    }[]
    const boundary = boundaryOf(checkpoints, retentionYears, now)
    const none = (nothing: NothingBecause): ArchivePlan => ({ ...empty, boundary, nothing, retentionYears })
    if (boundary === null) return none('all-within-period')
    const clocks = database
      .prepare(
        'select last_seen_at "lastSeenAt", clock_skew_ms "skewMs" from computers where retired_at is null',
      )
      .all() as unknown as Parameters<typeof judgeClocks>[0]
    const verdict = judgeClocks(clocks, now)
    if (verdict !== 'agree') return none(verdict === 'differ' ? 'clocks-differ' : 'no-computer-heard')
    assertSigned(database, boundary.checkpoint, logPublicKey)
    return {
      ...planned(database, boundary, {
        stretchRecordsMax: stretchRecordsMax ?? ARCHIVE_LIMITS.stretchRecordsMax,
        stretchesMax: stretchesMax ?? ARCHIVE_LIMITS.stretchesMax,
      }),
      boundary,
      retentionYears,
    }
  } finally {
    database.close()
  }
}

const empty: ArchivePlan = {
  boundary: null,
  nothing: null,
  retentionYears: RETENTION_YEARS_MIN,
  records: 0,
  bytes: 0,
  computers: 0,
  journals: 0,
  firstReceivedAt: null,
  lastReceivedAt: null,
  heldBack: { violation: 0, standing: 0 },
  isPart: false,
  stretches: [],
}

function assertSigned(database: DatabaseSync, from: number, logPublicKey: string): void {
  const { origin } = database.prepare('select origin from trail_origin').get() as { origin: string }
  const rows = database
    .prepare(
      `select id, seq, head, at "atMs", kept, kept_head "keptHead", journals, journals_root "journalsRoot", signature
         from checkpoints where id >= ? order by id`,
    )
    .iterate(from)
  for (const row of rows) {
    const one = row as unknown as { id: number } & Omit<Parameters<typeof isCheckpointOf>[0], 'origin'>
    if (!isCheckpointOf({ ...one, origin }, logPublicKey))
      throw new ShoukouError(
        'log-altered',
        `Checkpoint ${one.id} is not signed by the log key, so it proves no time: verify the log first.`,
      )
  }
}

interface Leading {
  readonly id: number
  readonly agent: string
  readonly epoch: string
  readonly first: number
  readonly headBefore: string
  readonly last: number
}

function planned(
  database: DatabaseSync,
  boundary: Boundary,
  { stretchRecordsMax, stretchesMax }: { readonly stretchRecordsMax: number; readonly stretchesMax: number },
): Omit<ArchivePlan, 'boundary' | 'retentionYears'> {
  const heldBack = { violation: 0, standing: 0 }
  const stretches: Stretch[] = []
  const computers = new Set<string>()
  let [records, bytes, journals, isPart] = [0, 0, 0, false]
  let [first, last]: [number | null, number | null] = [null, null]
  const sums = database.prepare(
    `select sum(length(raw)) bytes, min(received_at) first, max(received_at) last from records
       where journal = ? and seq >= ? and seq <= ?`,
  )
  const isFull = (): boolean => records >= ARCHIVE_LIMITS.recordsMax || stretches.length >= stretchesMax
  for (const one of leadingOf(database, boundary, heldBack)) {
    if (isFull()) isPart = true
    if (isPart) break
    journals += 1
    computers.add(one.agent)
    for (const stretch of cut(database, one, stretchRecordsMax)) {
      const told = sums.get(one.id, stretch.firstSeq, stretch.lastSeq) as unknown as {
        bytes: number
        first: number
        last: number
      }
      stretches.push(stretch)
      records += stretch.count
      bytes += told.bytes
      first = Math.min(first ?? told.first, told.first)
      last = Math.max(last ?? told.last, told.last)
      if (!isFull()) continue
      isPart = stretch.lastSeq < one.last
      break
    }
  }
  const isHeld = heldBack.violation + heldBack.standing > 0
  const nothing = records > 0 ? null : isHeld ? 'held-back' : 'all-within-period'
  return {
    ...{ nothing, records, bytes, computers: computers.size, journals, heldBack, isPart, stretches },
    firstReceivedAt: first,
    lastReceivedAt: last,
  }
}

/** Yields of each journal what may go: from where it begins to before the first record that must stay. */
function* leadingOf(
  database: DatabaseSync,
  { beforeMs, checkpoint }: Boundary,
  heldBack: { violation: number; standing: number },
): Generator<Leading> {
  const stub = database.prepare(
    'select last_seq, head from stubs where journal = ? order by last_seq desc limit 1',
  )
  const younger = database.prepare('select min(seq) seq from records where journal = ? and received_at >= ?')
  const end = database.prepare('select max(seq) seq from records where journal = ? and seq >= ? and seq <= ?')
  const evidence = database.prepare(evidenceThatStays)
  const standing = database.prepare(standingThatStays)
  const places = database
    .prepare(
      `select j.id, j.agent, j.epoch, p.seq from checkpoint_places p join journals j on j.id = p.journal
         where p.checkpoint = ? order by j.id`,
    )
    .all(checkpoint) as unknown as { id: number; agent: string; epoch: string; seq: number }[]
  for (const { id, agent, epoch, seq } of places) {
    const before = stub.get(id) as { last_seq: number; head: Uint8Array } | undefined
    const first = (before?.last_seq ?? 0) + 1
    const least = (row: unknown): number => (row as { seq: number | null }).seq ?? Number.MAX_SAFE_INTEGER
    const old = Math.min(seq, least(younger.get(id, beforeMs)) - 1)
    if (old < first) continue
    const evident = least(
      evidence.get({ ':agent': agent, ':epoch': epoch, ':first': first, ':before': beforeMs }),
    )
    const stands = least(standing.get({ ':agent': agent, ':epoch': epoch, ':first': first }))
    if (evident <= old && evident <= stands) heldBack.violation += 1
    else if (stands <= old) heldBack.standing += 1
    const { seq: last } = end.get(id, first, Math.min(old, evident - 1, stands - 1)) as { seq: number | null }
    if (last === null) continue
    const headBefore =
      before === undefined
        ? genesisHead(agent, epoch).toString('hex')
        : Buffer.from(before.head).toString('hex')
    yield { id, agent, epoch, first, headBefore, last }
  }
}

/** A violation's record stays until the violation is closed, and nobody has done anything about it for the whole period. */
const evidenceThatStays = `select min(v.seq) seq from violations v
  where v.agent = :agent and v.epoch = :epoch and v.seq >= :first
    and (v.received_at >= :before or coalesce(v.ended_at, 0) >= :before or (v.lasting is not null and v.ended_at is null)
      or not exists (select 1 from violation_handling e where e.violation = v.id and e.kind in ('close', 'false-positive')
           and not exists (select 1 from violation_handling r where r.violation = v.id and r.id > e.id and r.kind = 'reopen'))
      or exists (select 1 from violation_handling h where h.violation = v.id and h.at >= :before))`

/** What is judged by to this day: a medium that is still there, the network's picture, a gap that waits for its reason. */
const standingThatStays = `select min(seq) seq from (
  select min(seq) seq from media_sightings where agent = :agent and epoch = :epoch and seq >= :first and ended_at is null
  union all select min(seq) from network_facts
    where agent = :agent and epoch = :epoch and seq >= :first and kind in ('picture', 'traces')
  union all select min(first_seq) from gaps
    where agent = :agent and epoch = :epoch and first_seq >= :first and state = 'pending')`

function* cut(
  database: DatabaseSync,
  { id, agent, epoch, ...leading }: Leading,
  stretchRecordsMax: number,
): Generator<Stretch> {
  const upTo = database.prepare(
    `select count(*) count, max(seq) last from
       (select seq from records where journal = ? and seq >= ? and seq <= ? order by seq limit ?)`,
  )
  const headAt = database.prepare('select head from records where journal = ? and seq = ?')
  let { headBefore } = leading
  for (let firstSeq = leading.first; firstSeq <= leading.last; ) {
    const { count, last } = upTo.get(id, firstSeq, leading.last, stretchRecordsMax) as unknown as {
      count: number
      last: number
    }
    const head = Buffer.from((headAt.get(id, last) as { head: Uint8Array }).head).toString('hex')
    yield { agent, epoch, firstSeq, lastSeq: last, count, headBefore, head }
    headBefore = head
    firstSeq = last + 1
  }
}
