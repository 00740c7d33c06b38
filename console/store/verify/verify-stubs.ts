/**
 * Verifies what stands in the place of archived records: each stub is a stretch of an archive that the log key signed,
 * follows from the one before it, and is in the log with who wanted it.
 */
import { type Finding, parseTrailEntry } from '@shoukou/protocol'
import {
  type ArchiveManifest,
  isArchiveOf,
  readArchiveManifest,
  type Stretch,
} from '../archive/archive-manifest.ts'
import { REMOVE_ACT } from '../archive-schema.ts'
import type { ReadOnlyDatabase } from './read-only.ts'
import { hasArchives } from './read-stubs.ts'

export interface KnownArchive {
  readonly name: string
  readonly digest: string
  readonly manifest: ArchiveManifest
  readonly isSigned: boolean
}

export interface ArchivedIn {
  readonly name: string
  readonly digest: string
  readonly records: number
  readonly journals: number
  readonly firstReceivedAt: number | null
  readonly lastReceivedAt: number | null
  readonly removedAt: number
  readonly askedBy: string
  readonly agreedBy: string
}

export interface StubsResult {
  /** Archives whose records are no longer here, in the order in which they went. */
  readonly archives: readonly ArchivedIn[]
  readonly records: number
  /** Violations whose record is in an archive, and places that checkpoints saw there. */
  readonly violations: number
  readonly places: number
}

export function verifyStubs(
  database: ReadOnlyDatabase,
  logPublicKey: string | null,
  add: (finding: Finding) => void,
): StubsResult {
  if (!hasArchives(database)) return { archives: [], records: 0, violations: 0, places: 0 }
  const known = readArchives(database, logPublicKey, add)
  const told = new Map<string, ArchivedIn>()
  const entry = database.connection.prepare('select raw from trail where seq = ?')
  const rows = database.connection
    .prepare(
      `select s.*, j.agent "ownAgent", j.epoch "ownEpoch" from stubs s left join journals j on j.id = s.journal
         order by s.journal, s.first_seq`,
    )
    .iterate()
  let before: StubColumns | null = null
  for (const row of rows) {
    const stub = row as unknown as StubColumns
    const previous: StubColumns | null = before?.journal === stub.journal ? before : null
    const where = placeOf(stub)
    const archive = known.get(stub.archive)
    for (const [kind, what] of [
      ...againstArchive(stub, previous, archive),
      ...againstLog(stub, entry.get(stub.trail) as { raw: Uint8Array } | undefined),
    ])
      add({ kind, table: 'stubs', ...where, what })
    const sum = told.get(stub.name)
    told.set(stub.name, {
      name: stub.name,
      digest: archive?.digest ?? stub.digest,
      records: (sum?.records ?? 0) + stub.count,
      journals: (sum?.journals ?? 0) + (previous?.name === stub.name ? 0 : 1),
      firstReceivedAt: archive?.manifest.firstReceivedAt ?? null,
      lastReceivedAt: archive?.manifest.lastReceivedAt ?? null,
      removedAt: Math.max(sum?.removedAt ?? 0, stub.at),
      askedBy: stub.asked_by,
      agreedBy: stub.agreed_by,
    })
    before = stub
  }
  verifyStanding(database, add)
  const archives = [...told.values()].toSorted((a, b) => a.removedAt - b.removedAt)
  return {
    archives,
    records: archives.reduce((sum, one) => sum + one.records, 0),
    ...placesBehind(database, add),
  }
}

interface StubColumns {
  readonly journal: number
  readonly agent: string
  readonly epoch: string
  readonly ownAgent: string | null
  readonly ownEpoch: string | null
  readonly first_seq: number
  readonly last_seq: number
  readonly count: number
  readonly head: Uint8Array
  readonly archive: number
  readonly name: string
  readonly digest: string
  readonly before_ms: number
  readonly at: number
  readonly asked_by: string
  readonly agreed_by: string
  readonly reason: string
  readonly trail: number
}

type Fault = readonly [kind: Finding['kind'], what: string]

function placeOf({ agent, epoch, first_seq, last_seq }: StubColumns) {
  return { agent, epoch, seq: first_seq, lastSeq: last_seq }
}

function readArchives(
  { connection }: ReadOnlyDatabase,
  logPublicKey: string | null,
  add: (finding: Finding) => void,
): ReadonlyMap<number, KnownArchive> {
  const known = new Map<number, KnownArchive>()
  const { origin } = connection.prepare('select origin from trail_origin').get() as { origin: string }
  for (const row of connection
    .prepare('select id, name, digest, records, before_ms, made_at, manifest, signature from archives')
    .iterate()) {
    const stored = row as unknown as ArchiveColumns
    const found = (kind: Finding['kind'], what: string): void =>
      add({ kind, table: 'archives', seq: stored.id, what })
    const manifest = readArchiveManifest(stored.manifest)
    if (manifest === null) {
      found('unreadable', 'manifest')
      continue
    }
    const isSigned = isArchiveOf(stored.manifest, stored.signature, logPublicKey ?? manifest.logKey)
    if (!isSigned) found('signature', `the log key did not sign what ${stored.name} holds`)
    if (manifest.origin !== origin) found('differs', 'it is the archive of another console')
    const pairs = [
      ['records', stored.records, manifest.records],
      ['before_ms', stored.before_ms, manifest.beforeMs],
      ['made_at', stored.made_at, manifest.madeAt],
    ] as const
    for (const [what, column, said] of pairs) if (column !== said) found('column-altered', what)
    known.set(stored.id, { name: stored.name, digest: stored.digest, manifest, isSigned })
  }
  return known
}

interface ArchiveColumns {
  readonly id: number
  readonly name: string
  readonly digest: string
  readonly records: number
  readonly before_ms: number
  readonly made_at: number
  readonly manifest: string
  readonly signature: string
}

function againstArchive(
  stub: StubColumns,
  previous: StubColumns | null,
  archive: KnownArchive | undefined,
): Fault[] {
  if (stub.ownAgent !== stub.agent || stub.ownEpoch !== stub.epoch)
    return [['column-altered', 'the stub names another journal']]
  const faults: Fault[] = []
  if (stub.first_seq !== (previous?.last_seq ?? 0) + 1)
    faults.push(['missing', `no stub for the numbers before ${stub.first_seq}`])
  if (archive === undefined) return [...faults, ['missing', 'the archive that the stub names']]
  if (stub.name !== archive.name || stub.digest !== archive.digest)
    faults.push(['differs', 'name or digest of the archive'])
  const said = stretchOf(archive.manifest, stub)
  if (said === undefined) return [...faults, ['differs', 'the signed archive has no such stretch']]
  const head = Buffer.from(stub.head).toString('hex')
  if (said.head !== head) faults.push(['head-altered', 'the signed archive ends with another head'])
  if (said.count !== stub.count) faults.push(['differs', 'the signed archive has another count'])
  if (previous !== null && said.headBefore !== Buffer.from(previous.head).toString('hex'))
    faults.push(['differs', 'the signed archive goes on from another head'])
  return faults
}

const stretches = new WeakMap<ArchiveManifest, Map<string, Stretch>>()

function stretchOf(manifest: ArchiveManifest, stub: StubColumns): Stretch | undefined {
  let byName = stretches.get(manifest)
  if (byName === undefined) {
    byName = new Map(
      manifest.stretches.map((one) => [
        JSON.stringify([one.agent, one.epoch, one.firstSeq, one.lastSeq]),
        one,
      ]),
    )
    stretches.set(manifest, byName)
  }
  return byName.get(JSON.stringify([stub.agent, stub.epoch, stub.first_seq, stub.last_seq]))
}

function againstLog(stub: StubColumns, row: { raw: Uint8Array } | undefined): Fault[] {
  const unsaid: Fault = ['added', `the log does not say in entry ${stub.trail} that anybody wanted it`]
  if (row === undefined) return [unsaid]
  try {
    const entry = parseTrailEntry(row.raw)
    if (entry.act !== REMOVE_ACT || entry.object !== stub.name) return [unsaid]
    const said = (entry.after ?? {}) as Record<string, unknown>
    if (said['digest'] !== stub.digest) return [['differs', 'the log names another digest of the archive']]
    const isSame =
      said['askedBy'] === stub.asked_by && said['agreedBy'] === stub.agreed_by && entry.reason === stub.reason
    if (!isSame) return [['column-altered', 'who wanted it, or why']]
    return stub.asked_by === stub.agreed_by ? [['differs', 'one account asked for it and agreed to it']] : []
  } catch {
    // That the entry can't be read is told where the log is verified.
    return [unsaid]
  }
}

/** Records that tell how something stands are kept beside the stubs: none that no archive holds. */
function verifyStanding({ connection }: ReadOnlyDatabase, add: (finding: Finding) => void): void {
  const rows = connection
    .prepare(
      `select agent, epoch, seq from standing_records r where not exists
         (select 1 from stubs s where s.agent = r.agent and s.epoch = r.epoch and s.first_seq <= r.seq and s.last_seq >= r.seq)`,
    )
    .all() as unknown as { agent: string; epoch: string; seq: number }[]
  for (const row of rows)
    add({ kind: 'added', table: 'standing_records', ...row, what: 'no archive holds it' })
}

/** What checkpoints saw at the very end of a stub is provable without its archive. */
function placesBehind(
  { connection }: ReadOnlyDatabase,
  add: (finding: Finding) => void,
): { readonly violations: number; readonly places: number } {
  const moved = connection
    .prepare(
      `select p.checkpoint, p.seq, s.agent, s.epoch from checkpoint_places p
         join stubs s on s.journal = p.journal and s.last_seq = p.seq where s.head <> p.head`,
    )
    .all() as unknown as { checkpoint: number; seq: number; agent: string; epoch: string }[]
  for (const { checkpoint, ...where } of moved)
    add({ kind: 'differs', table: 'stubs', ...where, what: `checkpoint ${checkpoint} saw another head` })
  return connection
    .prepare(
      `select
         (select count(*) from violations v where v.seq is not null and exists (select 1 from stubs s
            where s.agent = v.agent and s.epoch = v.epoch and s.first_seq <= v.seq and s.last_seq >= v.seq)) violations,
         (select count(*) from checkpoint_places p where p.seq <
            (select max(last_seq) from stubs s where s.journal = p.journal)) places`,
    )
    .get() as { violations: number; places: number }
}
