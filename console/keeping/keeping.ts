/** Backups by themselves and when asked, and what is kept until when. */
import { isAbsolute } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { RETENTION_YEARS_MIN } from '../store/keeping-defaults.ts'
import type { BackupRow, KeepingSettings } from '../store/keeping-ports.ts'
import type { Store } from '../store/ports.ts'
import { bookYearOf, keptUntil, nextDaily } from './book-years.ts'
import { joinHalves } from './halves.ts'
import { makeBackup, pruneBackups } from './make-backup.ts'
import { fingerprintOf, type Manifest, publicKeyOf, signingKey } from './manifest.ts'
import type { BackupView, Keeping, KeepingState } from './ports.ts'
import { makeSealing, type Sealing } from './seal-keys.ts'
import { readStaged } from './staged-restore.ts'

export interface KeepingOptions {
  readonly store: Store
  readonly dataDir: string
  readonly database: string
  /** 32 bytes: of the key that signs manifests. */
  readonly seed: Uint8Array
  readonly unit: string
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
  readonly now: () => number
  /** For tests: how often the clock is looked at, ms. */
  readonly everyMs?: number
}

export interface RunningKeeping extends Keeping {
  close(): Promise<void>
}

const shownMax = 60
const everyMsDefault = 30_000
const hourMs = 3_600_000
/** Who, in rows and in the log, where no person asked. */
const byItself = 'console'

/** Starts to look at the clock. */
export function startKeeping(options: KeepingOptions): RunningKeeping {
  const { store, now, log } = options
  let running: Promise<void> | null = null
  let isClosed = false

  let isBeginning = false
  const isBusy = (): boolean => running !== null || isBeginning
  const begin = async (by: string): Promise<void> => {
    if (isBusy()) throw new ShoukouError('edit-conflict', 'A backup is being made already; wait for it.')
    // Taken before anything is waited for: of two who begin at one moment, one does.
    isBeginning = true
    try {
      const settings = await store.keepingSettings()
      const { folder, sealing } = ready(settings)
      if (isClosed) throw new ShoukouError('console-stopping')
      running = make({ ...options, by, folder, sealing, keep: settings.daily?.keep ?? null }).finally(() => {
        running = null
      })
    } finally {
      isBeginning = false
    }
  }
  let isLooking = false
  const look = async (): Promise<void> => {
    // While one is made its row is not there yet: it would be made once more.
    if (isLooking || isBusy() || isClosed) return
    isLooking = true
    try {
      const settings = await store.keepingSettings()
      if (settings.daily === null || settings.folder === null || settings.sealing === null) return
      const [newest] = await store.backups(1)
      const last = newest?.startedAt ?? 0
      // Missed while the console was off: made as soon as it is back.
      if (nextDaily(settings.daily.minuteOfDay, last) <= now() && !isBusy()) await begin(byItself)
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(() => {
    look().catch((error: unknown) =>
      log.warn({ err: error }, 'the time of the next backup could not be looked up'),
    )
  }, options.everyMs ?? everyMsDefault)
  timer.unref()

  const save = async (settings: KeepingSettings): Promise<KeepingState> => {
    if (!(await store.setKeepingSettings(settings)))
      throw new ShoukouError('edit-conflict', 'Somebody else changed this; open it anew.')
    return state()
  }
  const state = async (): Promise<KeepingState> => {
    const [settings, backups, good, kept, staged] = await Promise.all([
      store.keepingSettings(),
      store.backups(shownMax),
      store.lastGoodBackup(),
      store.oldestKept(),
      readStaged(options.dataDir),
    ])
    const oldest = [kept.record, kept.action].filter((one) => one !== null)
    const bookYear = oldest.length === 0 ? null : bookYearOf(Math.min(...oldest))
    return {
      version: settings.version,
      daily: settings.daily,
      folder: settings.folder,
      ageHoursMax: settings.ageHoursMax,
      retentionYears: settings.retentionYears,
      hasPassphrase: settings.sealing !== null,
      fingerprint: fingerprintOf(publicKeyOf(signingKey(options.seed))),
      isRunning: running !== null,
      backups: backups.map(viewOf),
      lastGoodAt: good?.endedAt ?? null,
      isLate: good === null || now() - good.endedAt > settings.ageHoursMax * hourMs,
      nextAt: settings.daily === null ? null : nextDaily(settings.daily.minuteOfDay, now()),
      kept: {
        oldestRecord: kept.record,
        oldestAction: kept.action,
        bookYear,
        keptUntil: bookYear === null ? null : keptUntil(bookYear, settings.retentionYears),
      },
      staged,
    }
  }
  return {
    state,
    change: async (version, change) => {
      const stored = await store.keepingSettings()
      if (change.folder !== null && !isAbsolute(change.folder))
        throw new ShoukouError('invalid-request', 'Name the folder by its whole path, beginning with /.')
      if (change.retentionYears < Math.max(RETENTION_YEARS_MIN, stored.retentionYears))
        throw new ShoukouError(
          'invalid-request',
          `Logs and year books are kept ${stored.retentionYears} years; this may become longer, never shorter.`,
        )
      if (stored.version !== version)
        throw new ShoukouError('edit-conflict', 'Somebody else changed this; open it anew.')
      return save({ ...stored, ...change, version: version + 1 })
    },
    setPassphrase: async (version, halves) => {
      const passphrase = joinHalves(halves)
      const stored = await store.keepingSettings()
      if (stored.version !== version)
        throw new ShoukouError('edit-conflict', 'Somebody else changed this; open it anew.')
      return save({ ...stored, sealing: JSON.stringify(await makeSealing(passphrase)), version: version + 1 })
    },
    begin: async (by) => {
      if (isClosed) throw new ShoukouError('console-stopping')
      return begin(by)
    },
    close: async () => {
      isClosed = true
      clearInterval(timer)
      await running
    },
  }
}

function ready({ folder, sealing }: KeepingSettings): { folder: string; sealing: Sealing } {
  if (folder === null) throw new ShoukouError('invalid-request', 'Name the folder for backups first.')
  if (sealing === null)
    throw new ShoukouError(
      'invalid-request',
      'Set the passphrase for backups first: their keys are sealed with it.',
    )
  return { folder, sealing: JSON.parse(sealing) as Sealing }
}

interface Making extends KeepingOptions {
  readonly by: string
  readonly folder: string
  readonly sealing: Sealing
  readonly keep: number | null
}

/** Never throws: what came of it is a row, and the log says it. */
async function make({ store, folder, keep, by, now, log, ...parts }: Making): Promise<void> {
  const startedAt = now()
  try {
    const { place, bytes, manifest } = await makeBackup({ ...parts, to: folder, by, now })
    await store.addBackup({
      startedAt,
      endedAt: now(),
      by,
      place,
      bytes,
      failure: null,
      manifest: JSON.stringify(manifest),
    })
    await store.addAction(
      entry({
        at: now(),
        by,
        action: 'backup-made',
        object: place,
        detail: `${bytes} bytes, log ${manifest.trail.seq} ${manifest.trail.head}`,
      }),
    )
    log.info({ place, bytes }, 'backup made and verified')
    const gone = keep === null ? [] : await pruneBackups(folder, keep)
    for (const name of gone)
      await store.addAction(
        entry({
          at: now(),
          by,
          action: 'backup-removed',
          object: name,
          detail: 'older than those that are kept',
        }),
      )
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    log.warn({ err: error, folder }, 'no backup was made')
    try {
      await store.addBackup({
        startedAt,
        endedAt: now(),
        by,
        place: folder,
        bytes: 0,
        failure,
        manifest: null,
      })
      await store.addAction(
        entry({ at: now(), by, action: 'backup-failed', object: folder, detail: failure.slice(0, 500) }),
      )
    } catch (cause) {
      log.warn({ err: cause }, 'what came of the backup could not be noted')
    }
  }
}

function entry({
  at,
  by,
  ...rest
}: {
  at: number
  by: string
  action: string
  object: string
  detail: string
}) {
  return { ...rest, at, account: by === byItself ? '' : by, address: '' }
}

function viewOf({ manifest, ...row }: BackupRow): BackupView {
  return { ...row, manifest: manifest === null ? null : (JSON.parse(manifest) as Manifest) }
}
