/**
 * The loop that USB devices and disks share: uevents in, snapshot, replay, facts out. What a place is, how it is read
 * and how it is told is the subject's.
 */
import type { FactNamed } from '@shoukou/protocol'
import type { Uevent } from '../base/parse-uevent.ts'
import type { HintState, UeventSource } from '../base/uevents-linux.ts'
import { OverflowWatch } from './overflow-watch.ts'
import { type PlugChange, type PlugHint, replaySightings, type Seen } from './replay-sightings.ts'
import type { SensorContext } from './sensor.ts'
import { SensorRun } from './sensor-run.ts'

export interface TimedUevent {
  readonly event: Uevent
  readonly atMs: number
}

export interface ReadRequest<T> {
  /** Places that events named since the last look. */
  readonly touched: ReadonlySet<string>
  readonly known: ReadonlyMap<string, Seen<T>>
  /** Look at the known places too, though no event named them. */
  readonly isSweep: boolean
}

export interface PlugSubject<T> {
  readonly sensor: FactNamed<'sensor.overflow'>['sensor']
  readonly instancesAreUnique: boolean
  /** The place that an event speaks of; null where it is none of ours. */
  placeOf(event: Uevent): string | null
  hintsOf(events: readonly TimedUevent[]): PlugHint<T>[]
  /** Reads what is there now; null where that can't be known, and then nothing is concluded. */
  read(request: ReadRequest<T>): Promise<ReadonlyMap<string, Seen<T>> | null>
  tell(change: PlugChange<T>, isStart: boolean): void
  /** Tells a change of a thing that stayed; returns whether it was one. */
  tellChanged(before: Seen<T>, after: Seen<T>, events: readonly Uevent[]): boolean
  /** Says what can be vouched for after this look. */
  cover(run: SensorRun, hints: HintState): void
  /** Called after each look that changed anything, and after the first. */
  afterLook?(known: ReadonlyMap<string, Seen<T>>): void
}

export interface PlugWatchOptions {
  readonly uevents: UeventSource
  readonly sweepMs: number
  readonly nowMs?: () => number
  /** Tells what else belongs to the start, before `ready`. */
  readonly beforeReady?: () => Promise<void>
}

/** How long the rest of the events of a device that is gone already may take, ms. */
const graceMs = 150
/** Events kept between two looks; beyond, they count as lost and a full look makes it good. */
const pendingEventsMax = 100_000

export class PlugWatch<T> {
  readonly #subject: PlugSubject<T>
  readonly #options: PlugWatchOptions
  readonly #nowMs: () => number
  readonly #run: SensorRun
  readonly #overflows = new OverflowWatch()
  #pending: TimedUevent[] = []
  #known: ReadonlyMap<string, Seen<T>> = new Map()
  #ended: ReadonlyMap<string, number> = new Map()
  #isSweepDue = true
  #isStarting = true
  #hints: HintState = { isListening: false, reason: 'not started', remedy: null }

  constructor(subject: PlugSubject<T>, options: PlugWatchOptions, context: SensorContext) {
    this.#subject = subject
    this.#options = options
    this.#nowMs = options.nowMs ?? (() => performance.now())
    this.#run = new SensorRun(context, () => this.#look())
  }

  get sensorRun(): SensorRun {
    return this.#run
  }

  get known(): ReadonlyMap<string, Seen<T>> {
    return this.#known
  }

  /** Tells what is there, then what changes, until the signal aborts. */
  async run(): Promise<void> {
    const unsubscribe = this.#options.uevents.subscribe({
      onUevents: (events) => this.#onUevents(events),
      onOverflow: (queue) => this.#onOverflow(queue),
      onFailure: (reason) => {
        this.#hints = { isListening: false, reason, remedy: 'restart the agent' }
        void this.rescan()
      },
    })
    try {
      // Listening begins before the first snapshot, so that nothing can slip in between.
      this.#hints = await this.#options.uevents.start()
      await this.#run.task.request()
      await this.#options.beforeReady?.()
      this.#run.context.ready()
      this.#run.sweepEvery(this.#options.sweepMs, () => void this.rescan())
      await this.#run.untilEnd()
    } finally {
      unsubscribe()
    }
  }

  rescan(): Promise<void> {
    this.#isSweepDue = true
    return this.#run.task.request()
  }

  #onUevents(events: readonly Uevent[]): void {
    const atMs = this.#nowMs()
    const ours = events.filter((event) => this.#subject.placeOf(event) !== null)
    if (ours.length === 0) return
    if (this.#pending.length + ours.length > pendingEventsMax) {
      this.#pending = []
      this.#onOverflow('pending-uevents')
      return
    }
    for (const event of ours) this.#pending.push({ event, atMs })
    void this.#run.task.request()
  }

  #onOverflow(queue: string): void {
    this.#overflows.noticed(queue, this.#nowMs())
    void this.rescan()
  }

  async #look(): Promise<void> {
    const overflows = this.#overflows.take(this.#nowMs())
    const waitMs = this.#overflows.waitMs(this.#nowMs())
    if (waitMs !== null) this.#run.lookAfter(waitMs, () => void this.rescan())
    const events = this.#pending
    this.#pending = []
    const isSweep = this.#isSweepDue
    this.#isSweepDue = false
    const changesFound = await this.#lookOnce(events, isSweep)
    for (const overflow of overflows) {
      const rescanMs = Math.max(0, Math.round(this.#nowMs() - overflow.noticedMs))
      const { sensor } = this.#subject
      this.#run.context.emit({
        kind: 'sensor.overflow',
        sensor,
        queue: overflow.queue,
        rescanMs,
        changesFound,
      })
    }
  }

  /** Returns how many facts were told. */
  async #lookOnce(events: readonly TimedUevent[], isSweep: boolean): Promise<number> {
    const touched = new Set(events.map(({ event }) => this.#subject.placeOf(event) ?? ''))
    const present = await this.#subject.read({ touched, known: this.#known, isSweep })
    this.#subject.cover(this.#run, this.#hints)
    if (present === null) {
      // Nothing can be concluded now; what the events told must not be lost over it.
      this.#pending = [...events, ...this.#pending]
      return 0
    }
    const before = this.#known
    const result = replaySightings({
      known: before,
      hints: this.#subject.hintsOf(events),
      present,
      ended: this.#ended,
      instancesAreUnique: this.#subject.instancesAreUnique,
      isStarting: this.#isStarting,
      nowMs: this.#nowMs(),
      graceMs,
    })
    this.#known = result.known
    this.#ended = result.ended
    let told = 0
    for (const change of result.changes) {
      this.#subject.tell(change, this.#isStarting)
      told += 1
    }
    const replaced = new Set(result.changes.map((change) => change.seen.place))
    for (const [place, after] of result.known) {
      const earlier = before.get(place)
      if (earlier === undefined || replaced.has(place)) continue
      const about = events.filter(({ event }) => this.#subject.placeOf(event) === place)
      if (
        this.#subject.tellChanged(
          earlier,
          after,
          about.map(({ event }) => event),
        )
      )
        told += 1
    }
    this.#defer(events, result.deferred)
    if (told > 0 || this.#isStarting) this.#subject.afterLook?.(this.#known)
    this.#isStarting = false
    return told
  }

  #defer(events: readonly TimedUevent[], places: ReadonlySet<string>): void {
    if (places.size === 0) return
    const kept = events.filter(({ event }) => places.has(this.#subject.placeOf(event) ?? ''))
    this.#pending = [...kept, ...this.#pending]
    this.#run.lookAfter(graceMs / 3, () => void this.#run.task.request())
  }
}
