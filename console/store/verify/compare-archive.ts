/**
 * Compares an archive with the database that its records were taken out of: what checkpoints saw, what violations rest on,
 * and what was kept standing are there, and the same.
 */
import type { Finding } from '@shoukou/protocol'
import { openReadOnly, type ReadOnlyDatabase } from './read-only.ts'
import { hasArchives } from './read-stubs.ts'

/** Returns the name under which a database knows an archive, by the digest of its file; null where it knows none such. */
export function archiveNameOf(database: ReadOnlyDatabase, digest: string): string | null {
  if (!hasArchives(database)) return null
  const row = database.connection.prepare('select name from archives where digest = ?').get(digest) as
    | { name: string }
    | undefined
  return row?.name ?? null
}

/** Compares what a database still knows of records that went with an archive that holds them. */
export function compareArchive(
  { connection }: ReadOnlyDatabase,
  path: string,
  add: (finding: Finding) => void,
): { readonly places: number; readonly violations: number } {
  const archive = openReadOnly(path)
  try {
    const record = archive.connection.prepare(
      'select raw, head from records where journal = (select id from journals where agent = ? and epoch = ?) and seq = ?',
    )
    const counts = { places: 0, violations: 0 }
    const stretches = archive.connection.prepare(
      'select j.agent, j.epoch, min(r.seq) first, max(r.seq) last from records r join journals j on j.id = r.journal group by r.journal',
    )
    for (const row of stretches.all() as unknown as Span[]) {
      const names = { ':agent': row.agent, ':epoch': row.epoch, ':first': row.first, ':last': row.last }
      for (const one of connection.prepare(placesOf).iterate(names)) {
        const place = one as unknown as { checkpoint: number; seq: number; head: Uint8Array }
        const there = record.get(row.agent, row.epoch, place.seq) as { head: Uint8Array } | undefined
        counts.places += 1
        if (there === undefined || Buffer.compare(there.head, place.head) !== 0)
          add({
            ...{ kind: 'differs', table: 'archives', agent: row.agent, epoch: row.epoch, seq: place.seq },
            what: `checkpoint ${place.checkpoint} saw it with another head`,
          })
      }
      for (const one of connection.prepare(violationsOf).iterate(names)) {
        const { id, seq } = one as unknown as { id: number; seq: number }
        counts.violations += 1
        if (record.get(row.agent, row.epoch, seq) === undefined)
          add({
            ...{ kind: 'missing', table: 'archives', agent: row.agent, epoch: row.epoch, seq },
            what: `the record of violation ${id}`,
          })
      }
      for (const one of connection.prepare(standingOf).iterate(names)) {
        const { seq, raw } = one as unknown as { seq: number; raw: Uint8Array }
        const there = record.get(row.agent, row.epoch, seq) as { raw: Uint8Array } | undefined
        if (there === undefined || Buffer.compare(there.raw, raw) !== 0)
          add({
            ...{ kind: 'altered', table: 'standing_records', agent: row.agent, epoch: row.epoch, seq },
            what: 'the archive holds other bytes',
          })
      }
    }
    return counts
  } finally {
    archive.close()
  }
}

interface Span {
  readonly agent: string
  readonly epoch: string
  readonly first: number
  readonly last: number
}

const placesOf = `select p.checkpoint, p.seq, p.head from checkpoint_places p join journals j on j.id = p.journal
  where j.agent = :agent and j.epoch = :epoch and p.seq >= :first and p.seq <= :last`
const violationsOf = `select id, seq from violations
  where agent = :agent and epoch = :epoch and seq >= :first and seq <= :last`
const standingOf = `select seq, raw from standing_records
  where agent = :agent and epoch = :epoch and seq >= :first and seq <= :last`
