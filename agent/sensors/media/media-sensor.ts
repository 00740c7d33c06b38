/**
 * The media sensor: disks (uevents as hints, <sys>/block as truth) and mounts (the mount table, watched), a sweep behind
 * both. Observes and never writes.
 */
import { rawTextOf } from '@shoukou/protocol'
import { readMounts, watchMounts } from '../../base/mounts-linux.ts'
import type { MountInfo } from '../../base/parse-mountinfo.ts'
import type { LazyPoller } from '../../base/poll-linux.ts'
import type { HintState, UeventSource } from '../../base/uevents-linux.ts'
import type { BlockEntry } from '../block-entry.ts'
import { CoalescedTask } from '../coalesced-task.ts'
import { isOnMedium } from '../medium.ts'
import { PlugWatch } from '../plug-watch.ts'
import type { BlockListing } from '../read-block-linux.ts'
import { readDisksOfMounts } from '../read-disks-of-mounts-linux.ts'
import type { Sensor, SensorContext } from '../sensor.ts'
import { BlockSubject } from './block-subject.ts'
import { diffMounts, mountKey } from './diff-mounts.ts'

export interface MediaSensorOptions {
  readonly uevents: UeventSource
  readonly poller: LazyPoller
  readonly sys?: string
  readonly proc?: string
  readonly sweepMs?: number
}

/** Returns the sensor; it runs once at a time. */
export function createMediaSensor(options: MediaSensorOptions): Sensor {
  let current: MediaRun | undefined
  return {
    name: 'media',
    async run(context) {
      current = new MediaRun(options, context)
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

class MediaRun {
  readonly #options: MediaSensorOptions
  readonly #context: SensorContext
  readonly #disks: PlugWatch<BlockEntry>
  readonly #mountsTask: CoalescedTask
  #mounts: ReadonlyMap<string, MountInfo> = new Map()
  #diskKeys: ReadonlySet<string> = new Set()
  #diskState: { listing: BlockListing; hints: HintState } | undefined
  #mountHints: HintState = { isListening: true, method: 'mountinfo-poll' }
  #mountsUnreadable: string | null = null
  #isStarting = true

  constructor(options: MediaSensorOptions, context: SensorContext) {
    this.#options = options
    this.#context = context
    const subject = new BlockSubject({
      sys: options.sys ?? '/sys',
      context,
      onCover: (listing, hints) => {
        this.#diskState = { listing, hints }
        this.#cover()
      },
      onKnown: (keys) => {
        this.#diskKeys = keys
        if (!this.#isStarting) this.#remember()
      },
    })
    this.#disks = new PlugWatch(
      subject,
      {
        uevents: options.uevents,
        sweepMs: options.sweepMs ?? 2_000,
        beforeReady: () => this.#startMounts(),
      },
      context,
    )
    this.#mountsTask = new CoalescedTask(
      () => this.#lookAtMounts(),
      (error) => this.#disks.sensorRun.fail(error),
    )
  }

  async run(): Promise<void> {
    let unwatch: (() => void) | undefined
    try {
      unwatch = await watchMounts(this.#proc, this.#options.poller, () => void this.#mountsTask.request())
    } catch (error) {
      const reason = `the mount table cannot be watched: ${error instanceof Error ? error.message : String(error)}`
      this.#mountHints = { isListening: false, reason, remedy: 'needs a koffi build for this processor' }
    }
    const timer = setInterval(() => void this.#mountsTask.request(), this.#options.sweepMs ?? 2_000)
    try {
      await this.#disks.run()
    } finally {
      clearInterval(timer)
      unwatch?.()
      await this.#mountsTask.stop()
    }
  }

  async rescan(): Promise<void> {
    await Promise.all([this.#disks.rescan(), this.#mountsTask.request()])
  }

  get #proc(): string {
    return this.#options.proc ?? '/proc'
  }

  async #startMounts(): Promise<void> {
    await this.#mountsTask.request()
    this.#isStarting = false
    this.#remember()
  }

  async #lookAtMounts(): Promise<void> {
    const table = await this.#readTable()
    if (table === null) return
    const { added, removed } = diffMounts(this.#mounts, table)
    if (added.length === 0 && removed.length === 0) return
    // Read anew: the disk may be younger than the last look at disks.
    const disks = await readDisksOfMounts(this.#options.sys ?? '/sys', added)
    const before = this.#mounts
    this.#mounts = table
    for (const mount of removed)
      this.#context.emit({ kind: 'mount.removed', mount: this.#told(mount, disks) })
    for (const mount of added) {
      const origin =
        this.#isStarting && before.size === 0 ? this.#context.originAtStart(mountKey(mount)) : 'appeared'
      this.#context.emit({ kind: 'mount.added', origin, mount: this.#told(mount, disks) })
    }
    if (!this.#isStarting) this.#remember()
  }

  async #readTable(): Promise<Map<string, MountInfo> | null> {
    try {
      const { mounts, faults } = await readMounts(this.#proc)
      if (faults > 0) this.#context.log.warn({ faults }, 'lines of the mount table made no sense')
      this.#mountsUnreadable = null
      this.#cover()
      return new Map(mounts.map((mount) => [mountKey(mount), mount]))
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      this.#mountsUnreadable = `${this.#proc}/self/mountinfo cannot be read (${code})`
      this.#cover()
      return null
    }
  }

  readonly #onMedium = new Map<string, boolean>()

  /** A mount that ends keeps what it was: its disk may be gone already. */
  #told(mount: MountInfo, disks: ReadonlyMap<string, BlockEntry>) {
    const key = mountKey(mount)
    const isMedium = this.#onMedium.get(key) ?? isOnMedium(mount, disks, this.#context.baseline)
    if (this.#mounts.has(key)) this.#onMedium.set(key, isMedium)
    else this.#onMedium.delete(key)
    return {
      source: rawTextOf(mount.source),
      target: rawTextOf(mount.target),
      fileSystem: rawTextOf(mount.fileSystem),
      options: rawTextOf(mount.options),
      number: mount.number,
      isOnMedium: isMedium,
    }
  }

  #remember(): void {
    this.#context.remember(new Set([...this.#diskKeys, ...this.#mounts.keys()]))
  }

  #cover(): void {
    if (this.#diskState === undefined) return
    const { listing, hints } = this.#diskState
    const run = this.#disks.sensorRun
    const blind = listing.kind === 'unreadable' ? listing.reason : this.#mountsUnreadable
    const slow = hints.isListening ? this.#mountHints : hints
    if (blind !== null) {
      run.cover({ state: 'not-watched', method: 'none', reason: blind, remedy: 'mount sysfs and procfs' })
    } else if (hints.isListening && slow.isListening) {
      run.cover({ state: 'watching', method: hints.method, reason: null, remedy: null })
    } else if (!slow.isListening) {
      run.cover({ state: 'fallback', method: 'sysfs-sweep', reason: slow.reason, remedy: slow.remedy })
    }
  }
}
