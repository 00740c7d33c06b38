/**
 * Archives of what is out of its period: written, signed, read back; and, once two people want it, the removal of what is
 * in them, a stretch at a time.
 *
 * What may go is decided by `store/archive/plan-archive.ts` and held to by the database itself. A removal that is cut off
 * leaves whole stretches gone with their stubs, and the others there; carried out again, it goes on.
 */
import { once } from 'node:events'
import { chmod, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type ErrorCode, PRODUCT_VERSION, ShoukouError } from '@shoukou/protocol'
import { type ArchiveManifest, readArchiveManifest } from '../store/archive/archive-manifest.ts'
import type { ArchivePlan, NothingBecause } from '../store/archive/plan-archive.ts'
import type { ArchiveListRow, ArchiveRow } from '../store/archive-ports.ts'
import { REMOVE_ACT } from '../store/archive-schema.ts'
import type { Store } from '../store/ports.ts'
import type { ArchiveReport } from '../trail/verify-archive.ts'
import { digestOf } from '../trail/verify-archive.ts'
import type { ArchiveAnswers, ArchiveWork } from './archive-thread.ts'

export interface ArchivesOptions {
  readonly store: Store
  readonly database: string
  /** PEM, both: of the log. */
  readonly logKey: { readonly privateKey: string; readonly publicKey: string }
  readonly now: () => number
  /** For tests: shorter stretches. */
  readonly stretchRecordsMax?: number
}

export interface RemovalWish {
  readonly proposal: number
  readonly askedBy: string
  readonly agreedBy: string
  readonly reason: string
}

export interface Archives {
  /** What would go if it were archived now. */
  preview(): Promise<ArchivePlan>
  /** Newest first. */
  list(): Promise<readonly ArchiveListRow[]>
  /**
   * Writes an archive into the folder for backups, and reads it back; nothing is removed.
   *
   * @throws ShoukouError `invalid-request` where nothing is out of its period or no folder is named, `log-altered`
   * where what was read back is not whole.
   */
  make(by: string): Promise<ArchiveRow>
  /**
   * Returns an archive from which nothing was removed yet, its file being the one that was made and its time being over.
   *
   * @throws ShoukouError `not-found`, `edit-conflict`, `log-altered`, `invalid-request`
   */
  removable(name: string): Promise<{
    readonly row: ArchiveRow
    readonly manifest: ArchiveManifest
    readonly plan: ArchivePlan
  }>
  /** Reads the archive back once more, then takes out what is in it. A second time changes nothing. */
  remove(name: string, wish: RemovalWish): Promise<{ readonly records: number; readonly stretches: number }>
}

const shownMax = 100
const partialName = /^shoukou-archive-\d{8}T\d{9}Z\.db\.partial(?:-journal)?$/

export function createArchives(options: ArchivesOptions): Archives {
  const { store, database, logKey, now } = options
  const plan = () =>
    inThread({
      kind: 'plan',
      plan: {
        ...{ path: database, now: now(), logPublicKey: logKey.publicKey },
        ...(options.stretchRecordsMax === undefined ? {} : { stretchRecordsMax: options.stretchRecordsMax }),
      },
    })
  let isBusy = false
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isBusy) throw new ShoukouError('edit-conflict', 'An archive is being worked on already; wait for it.')
    isBusy = true
    try {
      return await work()
    } finally {
      isBusy = false
    }
  }
  const make = async (by: string): Promise<ArchiveRow> => {
    const { folder } = await store.keepingSettings()
    if (folder === null)
      throw new ShoukouError('invalid-request', 'Name the folder for backups first: archives go there too.')
    const planned = await plan()
    const { boundary } = planned
    if (boundary === null || planned.nothing !== null)
      throw new ShoukouError('invalid-request', wordsOfNothing(planned.nothing ?? 'all-within-period'))
    await clearPartial(folder)
    const madeAt = now()
    const name = `shoukou-archive-${new Date(madeAt).toISOString().replaceAll(/[-:.]/g, '')}.db`
    const partial = join(folder, `${name}.partial`)
    await reserve(join(folder, name), partial)
    try {
      const written = await inThread({
        kind: 'write',
        logPrivateKey: logKey.privateKey,
        work: {
          source: database,
          to: partial,
          manifest: manifestOf(planned, boundary, { madeAt, logKey: logKey.publicKey }),
        },
      })
      const report = await inThread({ kind: 'verify', path: partial, logPublicKey: logKey.publicKey })
      assertWhole(report, written.manifest)
      await chmod(partial, 0o400)
      await rename(partial, join(folder, name))
      await syncFolder(folder)
      return await store.addArchive({
        ...{ name, folder, madeAt, madeBy: by, digest: report.digest, bytes: report.bytes },
        records: report.records.records,
        beforeMs: boundary.beforeMs,
        ...written,
      })
    } catch (error) {
      await rm(partial, { force: true })
      throw error
    }
  }
  return {
    preview: plan,
    list: () => store.archives(shownMax),
    make: (by) => alone(() => make(by)),
    removable: async (name) => {
      const { row, manifest } = await archiveOf(store, name)
      const [listed] = (await store.archives(shownMax)).filter((one) => one.name === name)
      if ((listed?.removed ?? 0) > 0)
        throw new ShoukouError('edit-conflict', 'What is in this archive was taken out already.')
      const { digest } = await digestOf(join(row.folder, name))
      if (digest !== row.digest) throw otherFile(row)
      const planned = await plan()
      const beforeMs = planned.boundary?.beforeMs ?? 0
      if (planned.nothing !== null || beforeMs < row.beforeMs)
        throw new ShoukouError('invalid-request', wordsOfNothing(planned.nothing ?? 'all-within-period'))
      return { row, manifest, plan: planned }
    },
    remove: (name, wish) =>
      alone(async () => {
        const { row, manifest } = await archiveOf(store, name)
        const path = join(row.folder, name)
        const report = await inThread({ kind: 'verify', path, logPublicKey: logKey.publicKey })
        if (report.digest !== row.digest) throw otherFile(row)
        assertWhole(report, row.manifest)
        return takeOut({ store, now, row, manifest, wish })
      }),
  }
}

async function takeOut(parts: {
  readonly store: Store
  readonly now: () => number
  readonly row: ArchiveRow
  readonly manifest: ArchiveManifest
  readonly wish: RemovalWish
}): Promise<{ readonly records: number; readonly stretches: number }> {
  const { store, now, row, manifest, wish } = parts
  const { reason, ...who } = wish
  const noted = { account: wish.agreedBy, object: row.name, address: '', reason }
  const trail = await store.addAction({
    ...{ ...noted, at: now(), action: REMOVE_ACT, isIntent: true },
    detail: `${manifest.records} records, ${manifest.stretches.length} stretches`,
    after: { digest: row.digest, beforeMs: row.beforeMs, ...who },
  })
  let [records, stretches] = [0, 0]
  try {
    for (const stretch of manifest.stretches) {
      const isGone = await store.removeStretch(stretch, {
        ...{ archive: row, checkpoint: manifest.checkpoint, at: now(), trail, reason },
        askedBy: wish.askedBy,
        agreedBy: wish.agreedBy,
      })
      if (!isGone) continue
      records += stretch.count
      stretches += 1
    }
  } catch (error) {
    const code = error instanceof ShoukouError ? error.code : 'internal-error'
    // What went before it stays gone: each stretch is whole, and stands in the log by its stub.
    await store.addAction({
      ...{ ...noted, at: now(), action: `${REMOVE_ACT}-refused`, detail: code, about: trail },
      after: { records, stretches },
    })
    throw error
  }
  await store.addAction({
    ...{ ...noted, at: now(), action: REMOVE_ACT, about: trail },
    detail: `${records} records, ${stretches} stretches`,
  })
  return { records, stretches }
}

/** Why nothing may go, in words that name the remedy. */
export function wordsOfNothing(nothing: NothingBecause): string {
  switch (nothing) {
    case 'all-within-period':
      return 'Nothing is out of its period as far as the signed checkpoints prove time; a clock that was set forward proves none.'
    case 'clocks-differ':
      return 'The computers’ clocks say another time than this console’s; set its clock right first.'
    case 'no-computer-heard':
      return 'No computer was heard for a month, so that nothing vouches for this console’s clock.'
    case 'held-back':
      return 'What is out of its period begins with evidence of a violation that is not closed, or that something rests on to this day.'
  }
}

async function archiveOf(
  store: Store,
  name: string,
): Promise<{ readonly row: ArchiveRow; readonly manifest: ArchiveManifest }> {
  const row = await store.archive(name)
  if (row === null) throw new ShoukouError('not-found', 'There is no such archive; see the list.')
  const manifest = readArchiveManifest(row.manifest)
  if (manifest === null)
    throw new ShoukouError('log-altered', `What ${name} holds can’t be read; verify the log.`)
  return { row, manifest }
}

function manifestOf(
  plan: ArchivePlan,
  boundary: NonNullable<ArchivePlan['boundary']>,
  { madeAt, logKey }: { readonly madeAt: number; readonly logKey: string },
): Omit<ArchiveManifest, 'content' | 'origin'> {
  return {
    format: 'shoukou.archive.v1',
    version: PRODUCT_VERSION,
    madeAt,
    logKey,
    beforeMs: boundary.beforeMs,
    checkpoint: boundary.checkpoint,
    retentionYears: plan.retentionYears,
    records: plan.records,
    bytes: plan.bytes,
    firstReceivedAt: plan.firstReceivedAt ?? 0,
    lastReceivedAt: plan.lastReceivedAt ?? 0,
    stretches: [...plan.stretches],
  }
}

function assertWhole(report: ArchiveReport, manifest: string): void {
  const isSame = JSON.stringify(report.manifest) === JSON.stringify(JSON.parse(manifest))
  if (report.isWhole && isSame) return
  const [first] = report.findings
  const where = first === undefined ? '' : ` (${first.table}, ${first.seq ?? ''}: ${first.what})`
  throw new ShoukouError(
    'log-altered',
    `The archive that was read back is not whole${where}; nothing was removed.`,
  )
}

function otherFile({ name, folder }: ArchiveRow): ShoukouError {
  return new ShoukouError(
    'log-altered',
    `${join(folder, name)} is not the file that was made: it was altered. Nothing was removed.`,
  )
}

/** The name is taken first: nothing that is there is ever written over. */
async function reserve(path: string, partial: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  if (isThere) throw new ShoukouError('edit-conflict', `${path} is there already.`)
  try {
    await (await open(partial, 'wx', 0o600)).close()
  } catch (cause) {
    throw new ShoukouError(
      'config-invalid',
      `Nothing can be written in ${dirname(path)}; mount it, or name another folder.`,
      { cause },
    )
  }
}

async function clearPartial(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((one) => partialName.test(one))) await rm(join(folder, name))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function inThread<Work extends ArchiveWork>(work: Work): Promise<ArchiveAnswers[Work['kind']]> {
  const worker = new Worker(new URL('./archive-thread.ts', import.meta.url), { workerData: work })
  try {
    const [answer] = (await once(worker, 'message')) as [
      | { readonly value: ArchiveAnswers[Work['kind']] }
      | { readonly code: ErrorCode; readonly message: string },
    ]
    if ('code' in answer) throw new ShoukouError(answer.code, answer.message)
    return answer.value
  } finally {
    await worker.terminate()
  }
}
