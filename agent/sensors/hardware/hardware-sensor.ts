/**
 * The hardware sensor: radios, modems, cameras, microphones and speakers, wherever the kernel shows them. Uevents as hints,
 * <sys> as truth, a sweep behind both.
 *
 * Observes and never writes. A radio that is there and switched off is told as such; whether that is right is decided
 * elsewhere.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Hardware, Origin } from '@shoukou/protocol'
import type { Uevent } from '../../base/parse-uevent.ts'
import type { HintState, UeventSource } from '../../base/uevents-linux.ts'
import { originOfThing } from '../origin.ts'
import { OverflowWatch } from '../overflow-watch.ts'
import type { Sensor, SensorContext } from '../sensor.ts'
import { SensorRun } from '../sensor-run.ts'
import { diffHardware, type HardwareChange, type KnownPieces, piecesByInstance } from './diff-hardware.ts'
import { isHardwareHint, openedSwitches, passingPieces, wasOpenBetween } from './hardware-hints.ts'
import type { HardwarePiece } from './hardware-piece.ts'
import { joinHardware, PIECES_MAX } from './join-hardware.ts'
import { HardwareReader, type HardwareRoots } from './read-hardware-linux.ts'

export interface HardwareSensorOptions {
  readonly uevents: UeventSource
  readonly sys?: string
  readonly proc?: string
  /** Where device nodes stand, to ask a video node what it can do. */
  readonly dev?: string
  /** Where bluetoothd keeps what it is paired with. */
  readonly bluetoothState?: string
  readonly sweepMs?: number
}

const sweepMsDefault = 10_000
/** Between two looks: a storm of events is answered by a row of looks and not by one look each. */
const restMs = 25
/** Events kept between two looks; beyond, they count as lost and the next look makes it good. */
const pendingEventsMax = 20_000
const reasonLengthMax = 1_000

/** Returns the sensor; it runs once at a time. */
export function createHardwareSensor(options: HardwareSensorOptions): Sensor {
  let watch: HardwareWatch | undefined
  return {
    name: 'hardware',
    async run(context) {
      watch = new HardwareWatch(options, context)
      try {
        await watch.run()
      } finally {
        watch = undefined
      }
    },
    async rescan() {
      await watch?.rescan()
    },
  }
}

/** Reads all hardware of these kinds, as the sensor does at its start; empty where nothing can be read. */
export async function readAllHardware(roots: Partial<HardwareRoots> = {}): Promise<Hardware[]> {
  const look = await new HardwareReader(rootsOf(roots)).read()
  if (look.kind === 'unreadable') return []
  return joinHardware(look.view)
    .slice(0, PIECES_MAX)
    .map(({ hardware }) => hardware)
}

function rootsOf(roots: Partial<HardwareRoots>): HardwareRoots {
  const { sys = '/sys', proc = '/proc', dev = '/dev', bluetoothState = '/var/lib/bluetooth' } = roots
  return { sys, proc, dev, bluetoothState }
}

class HardwareWatch {
  readonly #uevents: UeventSource
  readonly #sweepMs: number
  readonly #context: SensorContext
  readonly #reader: HardwareReader
  readonly #run: SensorRun
  readonly #overflows = new OverflowWatch()
  readonly #origins = new Map<string, Origin>()
  #known: KnownPieces = new Map()
  #pending: Uevent[] = []
  #hints: HintState = { isListening: false, reason: 'not started', remedy: null }
  #isStarting = true
  #lookedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: HardwareSensorOptions, context: SensorContext) {
    this.#uevents = options.uevents
    this.#sweepMs = options.sweepMs ?? sweepMsDefault
    this.#context = context
    this.#reader = new HardwareReader(rootsOf(options))
    this.#run = new SensorRun(context, () => this.#look())
  }

  async run(): Promise<void> {
    const unsubscribe = this.#uevents.subscribe({
      onUevents: (events) => this.#onUevents(events),
      onOverflow: (queue) => this.#onOverflow(queue),
      onFailure: (reason) => {
        this.#hints = { isListening: false, reason, remedy: 'restart the agent' }
        void this.rescan()
      },
    })
    try {
      // Listening begins before the first look, so that nothing can slip in between.
      this.#hints = await this.#uevents.start()
      await this.#run.task.request()
      this.#context.ready()
      this.#run.sweepEvery(this.#sweepMs, () => void this.rescan())
      await this.#run.untilEnd()
    } finally {
      unsubscribe()
    }
  }

  rescan(): Promise<void> {
    return this.#run.task.request()
  }

  #onUevents(events: readonly Uevent[]): void {
    const ours = events.filter(isHardwareHint)
    if (ours.length === 0) return
    if (this.#pending.length + ours.length > pendingEventsMax) {
      this.#pending = []
      this.#onOverflow('pending-uevents')
      return
    }
    for (const event of ours) this.#pending.push(event)
    void this.#run.task.request()
  }

  #onOverflow(queue: string): void {
    this.#overflows.noticed(queue, performance.now())
    void this.rescan()
  }

  async #look(): Promise<void> {
    const earlyMs = this.#lookedAtMs + restMs - performance.now()
    if (earlyMs > 0) await delay(earlyMs)
    const overflows = this.#overflows.take(performance.now())
    const waitMs = this.#overflows.waitMs(performance.now())
    if (waitMs !== null) this.#run.lookAfter(waitMs, () => void this.rescan())
    const changesFound = await this.#lookOnce()
    this.#lookedAtMs = performance.now()
    for (const { queue, noticedMs } of overflows) {
      const rescanMs = Math.max(0, Math.round(performance.now() - noticedMs))
      this.#context.emit({ kind: 'sensor.overflow', sensor: 'hardware', queue, rescanMs, changesFound })
    }
  }

  /** Returns how many facts were told. */
  async #lookOnce(): Promise<number> {
    const events = this.#pending
    this.#pending = []
    const look = await this.#reader.read()
    if (look.kind === 'unreadable') {
      // Nothing can be concluded now; what the events told must not be lost over it.
      this.#pending = [...events, ...this.#pending].slice(-pendingEventsMax)
      const remedy = 'mount sysfs where the agent reads it'
      this.#run.cover({ state: 'not-watched', method: 'none', reason: look.reason, remedy })
      return 0
    }
    const pieces = joinHardware(look.view)
    const after = piecesByInstance(pieces.slice(0, PIECES_MAX))
    this.#cover(look.unread, Math.max(0, pieces.length - PIECES_MAX))
    const before = this.#known
    this.#known = after
    const changes = diffHardware(before, after)
    for (const change of changes) this.#tell(change)
    const passed = this.#isStarting ? 0 : this.#tellWhatPassed(events, before, after)
    if (changes.length > 0 || this.#isStarting) this.#context.remember(new Set(after.keys()))
    this.#isStarting = false
    return changes.length + passed
  }

  #tell(change: HardwareChange): void {
    if (change.kind === 'found') {
      const { after } = change
      const origin = this.#isStarting
        ? originOfThing(after, (key) => this.#context.originAtStart(key))
        : 'appeared'
      this.#origins.set(after.instance, origin)
      this.#emit('found', origin, null, after.hardware)
      return
    }
    const origin = this.#origins.get(change.before.instance) ?? 'appeared'
    if (change.kind === 'changed') {
      this.#emit('changed', origin, change.before.hardware, change.after.hardware)
      return
    }
    this.#origins.delete(change.before.instance)
    this.#emit('gone', origin, null, change.before.hardware)
  }

  #tellWhatPassed(events: readonly Uevent[], before: KnownPieces, after: KnownPieces): number {
    let told = 0
    for (const { hardware } of passingPieces(events, [before.values(), after.values()])) {
      this.#emit('found', 'appeared', null, hardware)
      this.#emit('gone', 'appeared', null, hardware)
      told += 2
    }
    const opened = openedSwitches(events)
    for (const [instance, piece] of opened.length === 0 ? [] : after) {
      if (!wasOpenBetween(before.get(instance), piece, opened)) continue
      told += this.#tellOpening(instance, piece)
    }
    return told
  }

  #tellOpening(instance: string, { hardware }: HardwarePiece): number {
    const origin = this.#origins.get(instance) ?? 'appeared'
    const open: Hardware = { ...hardware, state: 'on', detail: 'rfkill-event' }
    this.#emit('changed', origin, hardware, open)
    this.#emit('changed', origin, open, hardware)
    return 2
  }

  #emit(
    change: 'found' | 'changed' | 'gone',
    origin: Origin,
    before: Hardware | null,
    hardware: Hardware,
  ): void {
    this.#context.emit({ kind: 'network.hardware', origin, change, before, hardware })
  }

  #cover(unread: readonly string[], omitted: number): void {
    const faults = [
      ...(unread.length === 0 ? [] : [`not wholly read: ${unread.join(', ')}`]),
      ...(omitted === 0 ? [] : [`more than ${PIECES_MAX} devices: ${omitted} are left out`]),
    ]
    const fault = faults.length === 0 ? null : faults.join('; ').slice(0, reasonLengthMax)
    if (this.#hints.isListening) {
      const remedy = unread.length === 0 ? null : 'run the agent as root'
      this.#run.cover({ state: 'watching', method: this.#hints.method, reason: fault, remedy })
      return
    }
    const reason = [this.#hints.reason, ...faults].join('; ').slice(0, reasonLengthMax)
    this.#run.cover({ state: 'fallback', method: 'sysfs-sweep', reason, remedy: this.#hints.remedy })
  }
}
