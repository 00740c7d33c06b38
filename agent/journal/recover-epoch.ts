/**
 * Opens an epoch's folder: scans each segment, carries out the recovery plan, and returns what stands.
 *
 * Gaps are written down before a file is touched, so that a crash in between repeats the work but forgets nothing.
 * Memory holds one segment at a time.
 */
import { open, readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainHash, chainHashOf, genesisHead } from '@shoukou/protocol'
import { syncFolder } from '../base/atomic-file.ts'
import { type Cursor, cursorFile, EMPTY_CURSOR } from './cursor.ts'
import { type Gap, gapsFile, newGaps } from './gaps.ts'
import { type FoundSegment, planRecovery, type RecoveryPlan, type SegmentAction } from './plan-recovery.ts'
import { readSegmentFile } from './read-segment-file.ts'
import { cutTail, finishSalvages, freeName, removeFile, salvageSegment } from './salvage.ts'
import { type Run, scanSegment } from './scan-segment.ts'
import { firstSeqOfName, segmentName } from './segment-header.ts'
import type { Segment } from './segments.ts'

export interface RecoveredEpoch {
  readonly epoch: string
  readonly folder: string
  readonly segments: Segment[]
  readonly gaps: Gap[]
  readonly cursor: Cursor
  readonly next: { readonly seq: number; readonly head: Buffer }
  readonly mayContinueLast: boolean
  /** Bytes of files set aside, and of an interrupted write cut off: for the log. */
  readonly notes: readonly string[]
}

/** Recovers an epoch. Throws only where the disk itself refuses. */
export async function recoverEpoch(
  agent: string,
  epoch: string,
  folder: string,
  onDamaged: (path: string) => void,
): Promise<RecoveredEpoch> {
  await finishSalvages(folder)
  const cursor = (await cursorFile.read(join(folder, 'cursor.json'), onDamaged)) ?? EMPTY_CURSOR
  const gaps = [...((await gapsFile.read(join(folder, 'gaps.json'), onDamaged))?.gaps ?? [])]
  const found = await scanFolder(folder, chainHashOf(epoch))
  const plan = planRecovery(found, cursor, genesisHead(agent, epoch))
  const aside = await nameAsides(folder, plan)
  const fresh = newGaps(
    plan.holes.map((hole) => ({
      ...hole,
      setAside: hole.setAside === null ? null : (aside.get(hole.setAside) ?? null),
    })),
    gaps,
  )
  if (fresh.length > 0) {
    gaps.push(...fresh)
    await gapsFile.write(join(folder, 'gaps.json'), { v: 1, gaps })
  }
  for (const action of plan.actions) await carryOut(action, { folder, agent, epoch, aside })
  await pruneTorn(folder)
  await syncFolder(folder)
  const segments = await Promise.all(plan.actions.flatMap((action) => segmentsOf(folder, action)))
  await syncLast(segments.at(-1))
  return {
    epoch,
    folder,
    segments,
    gaps,
    cursor,
    next: plan.next,
    mayContinueLast: plan.mayContinueLast,
    notes: [...aside.values()],
  }
}

/** Scans the segments of a folder, newest first, so that each knows which numbers a later one holds. */
export async function scanFolder(folder: string, hash: ChainHash): Promise<FoundSegment[]> {
  const names = (await readdir(folder)).filter((name) => firstSeqOfName(name) !== null).sort()
  const found: FoundSegment[] = []
  let supersededFrom = Number.POSITIVE_INFINITY
  for (const name of names.toReversed()) {
    const scan = scanSegment(await readSegmentFile(join(folder, name)), hash, supersededFrom)
    supersededFrom = Math.min(supersededFrom, scan.runs[0]?.firstSeq ?? supersededFrom)
    found.unshift({ name, scan })
  }
  return found
}

async function nameAsides(folder: string, plan: RecoveryPlan): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (const action of plan.actions) {
    if (action.kind === 'keep' || (action.kind === 'remove' && !action.isJunk)) continue
    names.set(
      action.name,
      await freeName(folder, action.name, action.kind === 'salvage' ? 'damaged' : 'torn'),
    )
  }
  return names
}

/** Ends of interrupted writes are kept to be looked at, not for ever: an agent may be killed often. */
const tornKeptMax = 16

async function pruneTorn(folder: string): Promise<void> {
  const torn = (await readdir(folder)).filter((name) => name.includes('.torn-'))
  if (torn.length <= tornKeptMax) return
  const aged = await Promise.all(
    torn.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
  )
  const old = aged.toSorted((a, b) => b.at - a.at).slice(tornKeptMax)
  for (const { path } of old) await removeFile(path)
}

interface Place {
  readonly folder: string
  readonly agent: string
  readonly epoch: string
  readonly aside: ReadonlyMap<string, string>
}

async function carryOut(action: SegmentAction, place: Place): Promise<void> {
  const path = join(place.folder, action.name)
  const asideName = place.aside.get(action.name) ?? `${action.name}.torn-1`
  switch (action.kind) {
    case 'keep':
      return
    case 'cut':
      return await cutTail(
        place.folder,
        action.name,
        { from: action.run.to, bytes: await readSegmentFile(path) },
        asideName,
      )
    case 'remove':
      return action.isJunk ? await rename(path, join(place.folder, asideName)) : await removeFile(path)
    case 'salvage':
      return await salvageSegment(
        { ...place, name: action.name, bytes: await readSegmentFile(path), runs: action.runs },
        asideName,
      )
  }
}

function segmentsOf(folder: string, action: SegmentAction): Promise<Segment>[] {
  switch (action.kind) {
    case 'keep':
    case 'cut':
      return [segmentOf(folder, action.name, action.run)]
    case 'remove':
      return []
    case 'salvage':
      return action.runs.map((run) => segmentOf(folder, segmentName(run.firstSeq), run))
  }
}

/** Makes the segment of a run whose file holds it and nothing else. */
export async function segmentOf(folder: string, name: string, run: Run): Promise<Segment> {
  const path = join(folder, name)
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    return {
      path,
      firstSeq: run.firstSeq,
      lastSeq: run.lastSeq,
      bytes: size,
      headBefore: run.headBefore,
      headAfter: run.headAfter,
    }
  } finally {
    await handle.close()
  }
}

/** After a kill, whole entries may stand in the page cache alone: they must not be sent before they are on the disk. */
async function syncLast(segment: Segment | undefined): Promise<void> {
  if (segment === undefined) return
  const handle = await open(segment.path, 'r+')
  try {
    await handle.datasync()
  } finally {
    await handle.close()
  }
}
