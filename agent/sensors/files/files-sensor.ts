/**
 * File activity on media: one inotify instance for each mounted file system that is on one.
 *
 * Names, sizes and times are told, never contents. inotify names no process, so none is guessed.
 */
import { rawTextOf, showRawText } from '@shoukou/protocol'
import { watchMounts } from '../../base/mounts-linux.ts'
import type { MountInfo } from '../../base/parse-mountinfo.ts'
import type { LazyPoller } from '../../base/poll-linux.ts'
import { OverflowWatch } from '../overflow-watch.ts'
import { MediumMounts, mountIdentity, type Roots } from '../read-medium-mounts-linux.ts'
import type { Sensor, SensorContext } from '../sensor.ts'
import { SensorRun } from '../sensor-run.ts'
import { entriesToldMax, type FirstLook } from './first-look.ts'
import { Inotify } from './inotify-linux.ts'
import { WatchedTree } from './watched-tree.ts'

export interface FilesSensorOptions {
  readonly poller: LazyPoller
  readonly sys?: string
  readonly proc?: string
  /** How often the mount table is read without a hint, ms. */
  readonly sweepMs?: number
  /** How often a tree without watches is compared, ms. */
  readonly compareMs?: number
  readonly foldersMax?: number
}

/** Returns the sensor; it runs once at a time. */
export function createFilesSensor(options: FilesSensorOptions): Sensor {
  let current: FilesRun | undefined
  return {
    name: 'files',
    async run(context) {
      current = new FilesRun(options, context)
      try {
        await current.run()
      } finally {
        current = undefined
      }
    },
    async rescan() {
      await current?.rescan()
    },
  }
}

interface Watched {
  readonly tree: WatchedTree
  readonly inotify: Inotify | null
  readonly overflows: OverflowWatch
  /** Why only comparisons are whole for this tree; null where the kernel tells everything. */
  limit: { readonly reason: string; readonly remedy: string } | null
  isRescanning: boolean
  /** Null until it has ended. */
  firstLook: FirstLook | null
}

const tickMs = 100
const remedyInotify = 'raise fs.inotify.max_user_instances; needs a koffi build for this processor'

class FilesRun {
  readonly #options: FilesSensorOptions
  readonly #context: SensorContext
  readonly #run: SensorRun
  readonly #roots: Roots
  readonly #mounts: MediumMounts
  readonly #watched = new Map<string, Watched>()
  /** Trees that the kernel has said are unmounted: the same medium in the same place again is another mount. */
  readonly #ended = new Set<string>()
  /** First looks that are under way. */
  readonly #looking = new Set<Promise<void>>()
  #isStarting = true
  #mountHintRefusal: string | null = null
  #blind: string | null = null

  constructor(options: FilesSensorOptions, context: SensorContext) {
    this.#options = options
    this.#context = context
    this.#roots = { sys: options.sys ?? '/sys', proc: options.proc ?? '/proc' }
    this.#mounts = new MediumMounts(this.#roots, context.baseline)
    this.#run = new SensorRun(context, () => this.#look())
  }

  async run(): Promise<void> {
    const { poller, sweepMs = 2_000, compareMs = 10_000 } = this.#options
    let unwatch: (() => void) | undefined
    try {
      unwatch = await watchMounts(this.#roots.proc, poller, () => void this.#run.task.request())
    } catch (error) {
      this.#mountHintRefusal = `the mount table cannot be watched: ${messageOf(error)}`
    }
    try {
      await this.#run.task.request()
      this.#isStarting = false
      void Promise.all(this.#looking).then(() => this.#context.ready())
      this.#run.sweepEvery(sweepMs, () => void this.#run.task.request())
      this.#run.sweepEvery(compareMs, () => this.#compareLimited())
      this.#run.sweepEvery(tickMs, () => this.#tick())
      await this.#run.untilEnd()
    } finally {
      unwatch?.()
      await Promise.all([...this.#watched.keys()].map((key) => this.#end(key)))
    }
  }

  async rescan(): Promise<void> {
    await this.#run.task.request()
    await Promise.all(this.#looking)
    await Promise.all([...this.#watched.values()].map(({ tree }) => tree.rescan()))
  }

  async #look(): Promise<void> {
    let mounts: readonly MountInfo[]
    try {
      mounts = await this.#mounts.read()
      this.#blind = null
    } catch (error) {
      this.#blind = `the mount table cannot be read: ${messageOf(error)}`
      this.#cover()
      return
    }
    const wanted = new Map(mounts.map((mount) => [mountIdentity(mount), mount]))
    const ended = [...this.#watched.keys()].filter((key) => !wanted.has(key) || this.#ended.has(key))
    this.#ended.clear()
    await Promise.all(ended.map((key) => this.#end(key)))
    for (const [key, mount] of wanted) {
      if (!this.#watched.has(key)) await this.#begin(key, mount)
    }
    this.#cover()
  }

  async #begin(key: string, mount: MountInfo): Promise<void> {
    let watched: Watched | undefined
    let inotify: Inotify | null = null
    let limit: Watched['limit'] = null
    try {
      inotify = await Inotify.open(this.#options.poller, (events) => watched?.tree.push(events))
    } catch (error) {
      limit = { reason: `inotify cannot be used: ${messageOf(error)}`, remedy: remedyInotify }
    }
    const overflows = new OverflowWatch()
    const { foldersMax } = this.#options
    const tree = new WatchedTree({
      root: mount.target,
      watcher: inotify,
      emit: (fact) => this.#context.emit(fact),
      onOverflow: (noticedMs) => overflows.noticed('inotify', noticedMs),
      onLimit: (reason, remedy) => this.#limit(key, { reason, remedy }),
      onUnmount: () => {
        this.#ended.add(key)
        void this.#run.task.request()
      },
      onFailure: (error) => this.#run.fail(error),
      ...(foldersMax === undefined ? {} : { foldersMax }),
    })
    watched = { tree, inotify, overflows, limit, isRescanning: false, firstLook: null }
    this.#watched.set(key, watched)
    const origin = this.#isStarting ? this.#context.originAtStart(key) : 'appeared'
    // Not waited for: a large medium must not hold up the next one, nor the end of this one.
    const looking = this.#lookFirst(watched, mount, entriesToldMax(origin)).finally(() =>
      this.#looking.delete(looking),
    )
    this.#looking.add(looking)
  }

  async #lookFirst(watched: Watched, mount: MountInfo, toldMax: number): Promise<void> {
    const { tree } = watched
    const firstLook = await tree.start(toldMax)
    watched.firstLook = firstLook
    const root = showRawText(rawTextOf(mount.target))
    this.#context.log.info(
      { root, folders: tree.folderCount, ...firstLook },
      'file system on a medium is watched',
    )
    this.#remember()
    this.#cover()
  }

  /** A mount counts as told of only when its first look has ended. */
  #remember(): void {
    const told = [...this.#watched].filter(([, { firstLook }]) => firstLook !== null)
    this.#context.remember(new Set(told.map(([key]) => key)))
  }

  async #end(key: string): Promise<void> {
    const watched = this.#watched.get(key)
    if (watched === undefined) return
    this.#watched.delete(key)
    // The mount table may show the end before the last events were read.
    watched.inotify?.drain()
    await watched.tree.close()
    watched.inotify?.close()
    if (!this.#context.signal.aborted) this.#remember()
  }

  #limit(key: string, limit: NonNullable<Watched['limit']>): void {
    const watched = this.#watched.get(key)
    if (watched === undefined || watched.limit !== null) return
    watched.limit = limit
    this.#cover()
  }

  #tick(): void {
    for (const watched of this.#watched.values()) {
      watched.tree.tick()
      if (watched.overflows.waitMs(performance.now()) === 0 && !watched.isRescanning)
        void this.#makeGood(watched)
    }
  }

  /** Compares a tree whose events were lost, then says so. */
  async #makeGood(watched: Watched): Promise<void> {
    watched.isRescanning = true
    const due = watched.overflows.take(performance.now())
    const changesFound = await watched.tree.rescan()
    for (const { queue, noticedMs } of due) {
      const rescanMs = Math.max(0, Math.round(performance.now() - noticedMs))
      this.#context.emit({ kind: 'sensor.overflow', sensor: 'files', queue, rescanMs, changesFound })
    }
    watched.isRescanning = false
  }

  #compareLimited(): void {
    for (const watched of this.#watched.values()) {
      if (watched.limit === null || watched.isRescanning) continue
      watched.isRescanning = true
      void watched.tree.rescan().finally(() => {
        watched.isRescanning = false
      })
    }
  }

  #cover(): void {
    const limit = [...this.#watched.values()].find((watched) => watched.limit !== null)?.limit ?? null
    if (this.#blind !== null) {
      this.#run.cover({
        state: 'not-watched',
        method: 'none',
        reason: this.#blind,
        remedy: 'mount procfs and sysfs',
      })
    } else if (limit !== null) {
      this.#run.cover({ state: 'fallback', method: 'tree-comparison', ...limit })
    } else if (this.#mountHintRefusal !== null) {
      const remedy = 'needs a koffi build for this processor'
      this.#run.cover({ state: 'fallback', method: 'mount-sweep', reason: this.#mountHintRefusal, remedy })
    } else {
      this.#run.cover({ state: 'watching', method: 'inotify', reason: this.#untold(), remedy: null })
    }
  }

  /** Says of how much on the media only the newest was told; null where all of it was. */
  #untold(): string | null {
    let found = 0
    let told = 0
    for (const { firstLook } of this.#watched.values()) {
      found += firstLook?.found ?? 0
      told += firstLook?.told ?? 0
    }
    if (found === told) return null
    return `${found} entries were found on media at the first look: the newest ${told} were told, ${found - told} were not`
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
