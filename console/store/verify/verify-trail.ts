/** Verifies the administrators' log: its chain, what stands beside the entries, and every checkpoint. */
import {
  type Finding,
  ItemWalk,
  isCheckpointOf,
  journalsRoot,
  parseTrailEntry,
  type ReadCheckpoint,
  type SignedCheckpoint,
  TRAIL_CHAIN,
  type TrailEntry,
} from '@shoukou/protocol'
import type { ReadOnlyDatabase } from './read-only.ts'
import { stubEnds } from './read-stubs.ts'

export interface TrailResult {
  readonly origin: string
  readonly entries: number
  readonly head: string
  readonly firstAtMs: number | null
  readonly lastAtMs: number | null
  /** From before there was a chain. */
  readonly earlier: number
  /** Intentions of which nobody knows what came. */
  readonly unfinished: number
  /** Ed25519, SPKI PEM: keys that signed policies, as the log says of the console's starts. */
  readonly policyKeys: readonly string[]
}

/** Name of the act that a console writes when it starts, with its public keys. */
export const CONSOLE_START_ACT = 'console-start'
const checkpointAct = 'log-checkpoint'

export function verifyTrail(
  database: ReadOnlyDatabase,
  add: (finding: Finding) => void,
  walked: (entries: number) => void = () => {},
): TrailResult {
  const { connection } = database
  const { origin } = connection.prepare('select origin from trail_origin').get() as { origin: string }
  const walk = new ItemWalk({ rules: TRAIL_CHAIN, table: 'trail', origin, add })
  const checkpoint = connection.prepare(
    'select seq, head, kept, kept_head, journals_root from checkpoints where id = ?',
  )
  const keys = new Set<string>()
  let head = TRAIL_CHAIN.genesis(origin).toString('hex')
  let firstAtMs: number | null = null
  let lastAtMs: number | null = null
  let earlier = 0
  for (const one of connection
    .prepare('select seq, raw, head, at, account, act, object, outcome, about from trail order by seq')
    .iterate()) {
    const row = one as unknown as TrailColumns
    walk.take(row)
    head = Buffer.from(row.head).toString('hex')
    const entry = readEntry(row, add)
    walked(1)
    if (entry === null) continue
    firstAtMs ??= entry.atMs
    lastAtMs = entry.atMs
    if (entry.isEarlier === true) earlier += 1
    if (entry.act === CONSOLE_START_ACT) {
      const { policyKey } = (entry.after ?? {}) as { policyKey?: unknown }
      if (typeof policyKey === 'string') keys.add(policyKey)
    }
    if (entry.act === checkpointAct && !isCheckpointThere(entry, checkpoint.get(Number(entry.object))))
      add({
        kind: 'missing',
        table: 'checkpoints',
        seq: Number(entry.object),
        what: `the one of entry ${entry.seq}, as it was made`,
      })
  }
  const { unfinished } = connection
    .prepare(
      "select count(*) unfinished from trail t where outcome = 'intended' and not exists (select 1 from trail a where a.about = t.seq)",
    )
    .get() as { unfinished: number }
  return { origin, entries: walk.seq, head, firstAtMs, lastAtMs, earlier, unfinished, policyKeys: [...keys] }
}

interface TrailColumns {
  readonly seq: number
  readonly raw: Uint8Array
  readonly head: Uint8Array
  readonly at: number
  readonly account: string
  readonly act: string
  readonly object: string
  readonly outcome: string
  readonly about: number | null
}

function readEntry(row: TrailColumns, add: (finding: Finding) => void): TrailEntry | null {
  let entry: TrailEntry
  try {
    entry = parseTrailEntry(row.raw)
  } catch {
    add({ kind: 'unreadable', table: 'trail', seq: row.seq, what: 'raw' })
    return null
  }
  const { outcome } = entry
  const pairs = [
    ['seq', row.seq, entry.seq],
    ['at', row.at, entry.atMs],
    ['account', row.account, entry.account],
    ['act', row.act, entry.act],
    ['object', row.object, entry.object],
    ['outcome', row.outcome, outcome.kind],
    ['about', row.about, outcome.kind === 'intended' ? null : (outcome.of ?? null)],
  ] as const
  for (const [what, column, said] of pairs) {
    if (column !== said) add({ kind: 'column-altered', table: 'trail', seq: row.seq, what })
  }
  return entry
}

function isCheckpointThere(entry: TrailEntry, row: unknown): boolean {
  const stored = row as
    | { seq: number; head: string; kept: number; kept_head: string; journals_root: string }
    | undefined
  const said = (entry.after ?? {}) as Record<string, unknown>
  return (
    stored !== undefined &&
    stored.seq === said['seq'] &&
    stored.head === said['head'] &&
    stored.kept === said['kept'] &&
    stored.kept_head === said['keptHead'] &&
    stored.journals_root === said['journalsRoot']
  )
}

export interface CheckpointsResult {
  readonly checkpoints: number
  readonly places: number
  readonly lastAtMs: number | null
}

/** Verifies each stored checkpoint against the key, the log, the evidence chain, and where journals stood. */
export function verifyCheckpoints(
  database: ReadOnlyDatabase,
  logPublicKey: string | null,
  add: (finding: Finding) => void,
): CheckpointsResult {
  const { connection } = database
  const { origin } = connection.prepare('select origin from trail_origin').get() as { origin: string }
  let checkpoints = 0
  let lastAtMs: number | null = null
  for (const one of connection.prepare('select * from checkpoints order by id').iterate()) {
    const row = one as unknown as CheckpointColumns
    const found = (kind: Finding['kind'], what: string): void =>
      add({ kind, table: 'checkpoints', seq: row.id, what })
    const signed: SignedCheckpoint = {
      origin,
      seq: row.seq,
      head: row.head,
      atMs: row.at,
      kept: row.kept,
      keptHead: row.kept_head,
      journals: row.journals,
      journalsRoot: row.journals_root,
      signature: row.signature,
    }
    if (logPublicKey !== null && !isCheckpointOf(signed, logPublicKey))
      found('signature', 'the log key did not sign it')
    for (const what of againstDatabase(database, signed)) found('differs', what)
    const { root, journals } = rootOf(database, row.id)
    if (root !== row.journals_root || journals !== row.journals) found('differs', 'where the journals stood')
    checkpoints += 1
    lastAtMs = row.at
  }
  const { places } = connection.prepare('select count(*) places from checkpoint_places').get() as {
    places: number
  }
  const moved = connection.prepare(
    `select p.checkpoint, p.journal, p.seq, j.agent, j.epoch, r.head is null gone from checkpoint_places p
       left join journals j on j.id = p.journal left join records r on r.journal = p.journal and r.seq = p.seq
       where r.head is null or r.head <> p.head`,
  )
  const stubEnd = stubEnds(database)
  for (const one of moved.iterate()) {
    const row = one as {
      checkpoint: number
      journal: number
      seq: number
      agent: string | null
      epoch: string | null
      gone: number
    }
    // In an archive: the stub's own end is compared with its stub, the rest with the archive.
    if (row.gone === 1 && row.seq <= (stubEnd(row.journal)?.lastSeq ?? 0)) continue
    add({
      kind: row.gone === 1 ? 'missing' : 'differs',
      table: 'records',
      agent: row.agent ?? '?',
      epoch: row.epoch ?? '?',
      seq: row.seq,
      what: `checkpoint ${row.checkpoint} saw it with another head`,
    })
  }
  return { checkpoints, places, lastAtMs }
}

interface CheckpointColumns {
  readonly id: number
  readonly seq: number
  readonly head: string
  readonly at: number
  readonly kept: number
  readonly kept_head: string
  readonly journals: number
  readonly journals_root: string
  readonly signature: string
}

/** Compares a checkpoint, from the database or from paper, with the log; returns what differs. */
export function verifyPrinted(
  database: ReadOnlyDatabase,
  printed: ReadCheckpoint,
  logPublicKey: string | null,
  add: (finding: Finding) => void,
): void {
  const found = (kind: Finding['kind'], seq: number, what: string): void =>
    add({ kind, table: 'trail', seq, what })
  if (printed.kind === 'head') {
    const own = trailHead(database, printed.seq)
    if (own === null) found('missing', printed.seq, 'the log is shorter than the checkpoint on paper')
    else if (own !== printed.head) found('differs', printed.seq, 'the checkpoint on paper saw another head')
    return
  }
  const { checkpoint } = printed
  if (logPublicKey !== null && !isCheckpointOf(checkpoint, logPublicKey))
    found('signature', checkpoint.seq, 'the log key did not sign the checkpoint on paper')
  const { origin } = database.connection.prepare('select origin from trail_origin').get() as {
    origin: string
  }
  if (origin !== checkpoint.origin)
    return found('differs', checkpoint.seq, 'the checkpoint on paper is of another console')
  for (const what of againstDatabase(database, checkpoint)) found('differs', checkpoint.seq, what)
}

function againstDatabase(database: ReadOnlyDatabase, checkpoint: SignedCheckpoint): string[] {
  const log = trailHead(database, checkpoint.seq)
  const kept = keptHead(database, checkpoint)
  return [
    ...(log === checkpoint.head ? [] : [log === null ? 'the log is shorter' : 'the log had another head']),
    ...(kept === checkpoint.keptHead
      ? []
      : [kept === null ? 'less evidence was kept' : 'the evidence had another head']),
  ]
}

function trailHead({ connection }: ReadOnlyDatabase, seq: number): string | null {
  if (seq === 0) {
    const { origin } = connection.prepare('select origin from trail_origin').get() as { origin: string }
    return TRAIL_CHAIN.genesis(origin).toString('hex')
  }
  const row = connection.prepare('select head from trail where seq = ?').get(seq) as
    | { head: Uint8Array }
    | undefined
  return row === undefined ? null : Buffer.from(row.head).toString('hex')
}

function keptHead(
  { connection }: ReadOnlyDatabase,
  { kept, keptHead: own }: SignedCheckpoint,
): string | null {
  // With nothing kept there is nothing to compare: the chain itself begins from the console's name.
  if (kept === 0) return own
  const row = connection.prepare('select head from kept where seq = ?').get(kept) as
    | { head: Uint8Array }
    | undefined
  return row === undefined ? null : Buffer.from(row.head).toString('hex')
}

function rootOf({ connection }: ReadOnlyDatabase, checkpoint: number): { root: string; journals: number } {
  const maker = journalsRoot()
  let journals = 0
  for (const one of connection
    .prepare(
      'select j.agent, j.epoch, p.seq, p.head from checkpoint_places p left join journals j on j.id = p.journal where checkpoint = ? order by p.journal',
    )
    .iterate(checkpoint)) {
    const { agent, epoch, seq, head } = one as {
      agent: string | null
      epoch: string | null
      seq: number
      head: Uint8Array
    }
    maker.add({ agent: agent ?? '?', epoch: epoch ?? '?', seq, head })
    journals += 1
  }
  return { root: maker.root(), journals }
}
