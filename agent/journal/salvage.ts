/**
 * Setting a damaged segment aside, and putting its whole runs back as segments of their own.
 *
 * Crash-safe by order: the runs are written and synced under names that no reader takes, then the damaged file is
 * renamed, then the runs are. `finishSalvages` completes or undoes what a crash interrupted.
 */
import { open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isErrno, syncFolder } from '../base/atomic-file.ts'
import type { Run } from './scan-segment.ts'
import { encodeSegmentHeader, segmentName } from './segment-header.ts'

export interface SalvageTask {
  readonly folder: string
  readonly name: string
  readonly bytes: Buffer
  readonly runs: readonly Run[]
  readonly agent: string
  readonly epoch: string
}

/** Sets a segment aside as `asideName` and writes its runs as segments. */
export async function salvageSegment(task: SalvageTask, asideName: string): Promise<void> {
  const { folder } = task
  const written: { readonly beside: string; readonly path: string }[] = []
  for (const run of task.runs) {
    const path = join(folder, segmentName(run.firstSeq))
    const beside = `${path}.from-${asideName}`
    const header = {
      v: 1 as const,
      agent: task.agent,
      epoch: task.epoch,
      firstSeq: run.firstSeq,
      head: run.headBefore.toString('hex'),
    }
    await rm(beside, { force: true })
    await writeSyncedFile(beside, [encodeSegmentHeader(header), task.bytes.subarray(run.from, run.to)])
    written.push({ beside, path })
  }
  await syncFolder(folder)
  await rename(join(folder, task.name), join(folder, asideName))
  for (const { beside, path } of written) await rename(beside, path)
  await syncFolder(folder)
}

/** Returns a name in the folder that nothing has yet: `<name>.<suffix>-<n>`. */
export async function freeName(folder: string, name: string, suffix: 'damaged' | 'torn'): Promise<string> {
  const taken = new Set(await readdir(folder))
  let n = 1
  while (taken.has(`${name}.${suffix}-${n}`)) n += 1
  return `${name}.${suffix}-${n}`
}

/** Completes each salvage whose damaged file was already renamed, and removes the beginnings of the others. */
export async function finishSalvages(folder: string): Promise<void> {
  const names = new Set(await readdir(folder))
  let changed = false
  for (const name of names) {
    const match = /^(\d{16}\.seg)\.from-(.+)$/.exec(name)
    if (match?.[1] === undefined || match[2] === undefined) continue
    changed = true
    if (names.has(match[2])) await rename(join(folder, name), join(folder, match[1]))
    else await rm(join(folder, name))
  }
  if (changed) await syncFolder(folder)
}

/** Moves the bytes from an offset on into a file of their own (`asideName`), then cuts them off. */
export async function cutTail(
  folder: string,
  name: string,
  tail: { readonly from: number; readonly bytes: Buffer },
  asideName: string,
): Promise<void> {
  if (tail.bytes.length > tail.from) {
    await rm(join(folder, asideName), { force: true })
    await writeSyncedFile(join(folder, asideName), [tail.bytes.subarray(tail.from)])
    await syncFolder(folder)
  }
  const handle = await open(join(folder, name), 'r+')
  try {
    await handle.truncate(tail.from)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes a file; absent is as good. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path)
  } catch (fault) {
    if (!isErrno(fault, 'ENOENT')) throw fault
  }
}

async function writeSyncedFile(path: string, parts: readonly Buffer[]): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    for (const part of parts) await handle.writeFile(part)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
