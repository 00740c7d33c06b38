/** Reads where a medium was, by which of its stays it was out of place, and what was done to files on it. */
import { type FactNamed, mayReach, parseRecord, rawTextKey, type ViewScope } from '@shoukou/protocol'
import type { MediumPlaceRow } from '../store/coverage-ports.ts'
import type { ComputerRow, Store } from '../store/ports.ts'
import type { MediumFiles, MediumStay, MediumTimeline } from './contract-timeline.ts'

export interface WatchedMedium {
  readonly number: string
  readonly level: string
  /** Null: every computer. */
  readonly computers: readonly string[] | null
}

const staysMax = 500
const filesMax = 300
const filesPerStayMax = 300

/** Returns the stays of a medium that whoever asks may see, newest first. */
export async function readMediumTimeline(
  store: Store,
  medium: WatchedMedium,
  scope: ViewScope,
): Promise<MediumTimeline> {
  const rows = await store.mediumSightings(medium.number, staysMax)
  const computers = new Map<string, ComputerRow | null>()
  for (const agent of new Set(rows.map((row) => row.agent))) computers.set(agent, await store.computer(agent))
  const seen = rows.filter(({ agent }) => mayReach(scope, computers.get(agent)?.department ?? null))
  const modes = new Set(seen.map(({ agent }) => computers.get(agent)?.networkMode))
  const stays = seen.map((row): MediumStay => {
    const computer = computers.get(row.agent) ?? null
    const crossings: MediumStay['crossings'] = []
    if (computer !== null && computer.level !== medium.level) crossings.push('level')
    // A medium that goes to and fro between a network and computers without one carries what neither may have.
    if (modes.size > 1) crossings.push('network-mode')
    if (medium.computers !== null && computer !== null && !medium.computers.includes(computer.number))
      crossings.push('not-assigned')
    return {
      agent: row.agent,
      computer: row.computer,
      computerLevel: computer?.level ?? null,
      fromMs: row.at,
      toMs: row.endedAt,
      right: row.right,
      epoch: row.epoch,
      seq: row.seq,
      crossings,
    }
  })
  return { stays, isCut: rows.length === staysMax }
}

/** Returns activity on files of a medium's last stays, newest first. */
export async function readMediumFiles(
  store: Store,
  number: string,
  stays: number,
  { scope, now }: { readonly scope: ViewScope; readonly now: number },
): Promise<MediumFiles> {
  const files: MediumFiles['files'] = []
  let isCut = false
  for (const place of await store.mediumPlaces(number, stays)) {
    const computer = await store.computer(place.agent)
    if (!mayReach(scope, computer?.department ?? null)) continue
    const found = await filesOf(store, place, now)
    files.push(...found.files)
    isCut ||= found.isCut
    if (files.length >= filesMax) break
  }
  return { files: files.slice(0, filesMax), isCut: isCut || files.length > filesMax }
}

async function filesOf(
  store: Store,
  { agent, computer, fromMs, toMs, disk, others }: MediumPlaceRow,
  now: number,
): Promise<MediumFiles> {
  const rows = await store.fileRecords(agent, fromMs, (toMs ?? now) + 1, filesPerStayMax)
  const told = rows.map(({ epoch, seq, wallMs, raw }) => ({
    epoch,
    seq,
    wallMs,
    fact: parseRecord(raw).fact,
  }))
  const roots = new Set(
    told.flatMap(({ fact }) =>
      fact.kind === 'mount.added' && disk !== null && isPartOf(rawTextKey(fact.mount.source), disk)
        ? [rawTextKey(fact.mount.target)]
        : [],
    ),
  )
  // Alone in the computer, it is the one that was written to; among several, only its mount tells.
  const isIts = (fact: FactNamed<'file.activity'>): boolean =>
    roots.size > 0 ? roots.has(rawTextKey(fact.root)) : fact.isOnMedium && others === 0
  return {
    files: told.flatMap(({ epoch, seq, wallMs, fact }) => {
      if (fact.kind !== 'file.activity' || !isIts(fact)) return []
      const { operation, path, renamedFrom, sizeBytes } = fact
      return [{ agent, computer, atMs: wallMs, operation, path, renamedFrom, sizeBytes, epoch, seq }]
    }),
    isCut: rows.length === filesPerStayMax,
  }
}

/** `/dev/sdb1` is part of `sdb`; both as keys of raw text. */
function isPartOf(source: string, disk: string): boolean {
  const name = `/dev/${disk.slice(2)}`
  const path = source.slice(2)
  return path === name || (path.startsWith(name) && /^p?\d+$/.test(path.slice(name.length)))
}
