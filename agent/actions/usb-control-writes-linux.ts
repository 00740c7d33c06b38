/**
 * Writes to sysfs that may hang: each in a thread of the pool, each with a deadline, one act at a time for each device.
 *
 * A device that does not answer SET_CONFIGURATION holds a write to `authorized` for 5 s in the kernel. Nobody waits for
 * that longer than the deadline, nothing else is written to that device meanwhile, and so few threads may be held that
 * the journal's syncs and the other ports go on.
 */
import { closeSync, constants, openSync, write } from 'node:fs'
import type { ActionStep } from '@shoukou/protocol'

/** Of the pool's 16 threads; the rest belong to the journal and to what waits for the kernel. */
const writesInFlightMax = 6
/** Acts that may wait for one device. A re-plugging device must not build a queue. */
const actsWaitingMax = 8

export interface SysfsWrite {
  /** Names the step in the record. */
  readonly step: string
  readonly path: string
  readonly text: string
  /** Looked at between opening and writing: the descriptor is bound to this one stay of the device. */
  readonly mayWrite?: () => string | null
}

/** What one act on one device writes. It ends for the caller at the deadline, for the next act when the kernel is done. */
export interface Lane {
  write(what: SysfsWrite): Promise<ActionStep>
}

export class SysfsWriter {
  readonly #deadlineMs: number
  readonly #lanes = new Map<string, { readonly idle: Promise<void>; readonly acts: number }>()
  readonly #waitingForSlot: (() => void)[] = []
  #inFlight = 0

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs
  }

  /**
   * Runs an act when the ones before it on the same key are over, and returns what it returned; null where its turn did
   * not come in time. An act that `mustRun` runs then all the same, later.
   */
  async inLane<T>(key: string, mustRun: boolean, act: (lane: Lane) => Promise<T>): Promise<T | null> {
    const before = this.#lanes.get(key)
    if (before !== undefined && before.acts >= actsWaitingMax) return null
    const unanswered: Promise<unknown>[] = []
    const lane: Lane = { write: (what) => this.#write(what, unanswered) }
    let isCancelled = false
    const acted = before === undefined ? act(lane) : before.idle.then(() => (isCancelled ? null : act(lane)))
    this.#occupy(key, (before?.acts ?? 0) + 1, async () => {
      await acted
      await Promise.all(unanswered)
    })
    // An act's own writes are bounded; what is bounded here is the wait for those before it.
    if (before !== undefined && (await inTime(before.idle, this.#deadlineMs)) === tooLate) {
      isCancelled = !mustRun
      return null
    }
    return await acted
  }

  /** Writes outside any device: the switches of the bus. */
  write(what: SysfsWrite): Promise<ActionStep> {
    return this.#write(what, [])
  }

  #occupy(key: string, acts: number, until: () => Promise<void>): void {
    const entry = { idle: until(), acts }
    this.#lanes.set(key, entry)
    void entry.idle.then(() => {
      if (this.#lanes.get(key) === entry) this.#lanes.delete(key)
    })
  }

  async #write(what: SysfsWrite, unanswered: Promise<unknown>[]): Promise<ActionStep> {
    const { step } = what
    if (this.#inFlight >= writesInFlightMax && !(await this.#slot()))
      return failed(step, 'too many devices do not answer')
    this.#inFlight += 1
    const opened = open(what.path)
    if (typeof opened === 'string') return this.#ended(failed(step, opened))
    const why = what.mayWrite?.() ?? null
    if (why !== null) {
      closeSync(opened)
      return this.#ended(failed(step, why))
    }
    const written = new Promise<string | null>((resolve) => {
      write(opened, `${what.text}\n`, null, 'latin1', (fault) => {
        closeSync(opened)
        resolve(fault === null ? null : codeOf(fault))
      })
    }).finally(() => this.#freeSlot())
    const outcome = await inTime(written, this.#deadlineMs)
    if (outcome === tooLate) {
      unanswered.push(written)
      return failed(step, `no answer within ${this.#deadlineMs} ms`)
    }
    return outcome === null ? { step, result: 'done', detail: null } : failed(step, outcome)
  }

  #ended(step: ActionStep): ActionStep {
    this.#freeSlot()
    return step
  }

  #freeSlot(): void {
    this.#inFlight -= 1
    this.#waitingForSlot.shift()?.()
  }

  /** Waits for a thread; false where none came free in time. */
  async #slot(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waitingForSlot.push(resolve)
    if ((await inTime(promise, this.#deadlineMs)) !== tooLate) return true
    const at = this.#waitingForSlot.indexOf(resolve)
    if (at >= 0) this.#waitingForSlot.splice(at, 1)
    return false
  }
}

const tooLate = Symbol('too late')

async function inTime<T>(what: Promise<T>, deadlineMs: number): Promise<T | typeof tooLate> {
  const { promise: late, resolve } = Promise.withResolvers<typeof tooLate>()
  const timer = setTimeout(() => resolve(tooLate), deadlineMs)
  try {
    return await Promise.race([what, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Returns the descriptor, or the name of the error. */
function open(path: string): number | string {
  try {
    return openSync(path, constants.O_WRONLY)
  } catch (fault) {
    return codeOf(fault)
  }
}

function codeOf(fault: unknown): string {
  if (fault instanceof Error && 'code' in fault) return String(fault.code)
  throw fault
}

function failed(step: string, detail: string): ActionStep {
  return { step, result: 'failed', detail }
}
