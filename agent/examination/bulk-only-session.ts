/**
 * Speaks Bulk-Only Transport over a pipe: one command at a time, stalls cleared, a device that is out of step reset once.
 * Pure over the pipe; the pipe to a kernel is `usbfs-linux.ts`.
 */
import { ShoukouError } from '@shoukou/protocol'
import { encodeCommandWrapper, parseStatusWrapper, STATUS_WRAPPER_BYTES, type Status } from './bulk-only.ts'

export type Transfer =
  | { readonly kind: 'moved'; readonly bytes: Buffer }
  /** The device refused on this endpoint: cleared with `clearHalt`. */
  | { readonly kind: 'stalled' }
  | { readonly kind: 'failed'; readonly reason: string; readonly isGone: boolean }

export interface BulkPipe {
  send(bytes: Uint8Array): Promise<Transfer>
  receive(length: number): Promise<Transfer>
  clearHalt(direction: 'in' | 'out'): Promise<boolean>
  /** Bulk-Only Mass Storage Reset (§3.1). */
  reset(): Promise<boolean>
}

export interface Command {
  /** For errors: `inquiry`, `read` … */
  readonly step: string
  readonly unit?: number
  readonly command: Uint8Array
  /** Bytes expected from the device, or sent to it. */
  readonly data: number | Uint8Array
}

export interface Outcome {
  readonly isPassed: boolean
  /** What the device gave: at most as much as was asked for, often less. */
  readonly bytes: Buffer
}

export interface BulkOnlySession {
  /** Runs one command. @throws ShoukouError `medium-unreadable` where the device is gone or stays out of step. */
  run(command: Command): Promise<Outcome>
  /** Resolves when no command is under way. */
  settled(): Promise<void>
}

/** Recoveries in one session: a device that needs more is not one that can be read. */
const recoveriesMax = 4

export function createBulkOnlySession(pipe: BulkPipe): BulkOnlySession {
  let tag = 1
  let recoveries = 0

  /** §5.3.4: reset, then both endpoints. */
  async function recover(step: string, reason: string): Promise<never> {
    recoveries += 1
    const isRecovered =
      recoveries <= recoveriesMax &&
      (await pipe.reset()) &&
      (await pipe.clearHalt('in')) &&
      (await pipe.clearHalt('out'))
    throw unreadable(step, `The device answered with ${reason}.`, { recovered: isRecovered })
  }

  async function failed(step: string, transfer: Exclude<Transfer, { kind: 'moved' }>): Promise<never> {
    if (transfer.kind === 'stalled') return await recover(step, 'a refusal of the command itself')
    if (transfer.isGone) throw unreadable(step, `The device is gone (${transfer.reason}).`, { gone: true })
    return await recover(step, `nothing (${transfer.reason})`)
  }

  async function moveData(step: string, data: number | Uint8Array): Promise<Buffer> {
    const isIn = typeof data === 'number'
    const length = isIn ? data : data.length
    if (length === 0) return Buffer.alloc(0)
    const transfer = isIn ? await pipe.receive(data) : await pipe.send(data)
    if (transfer.kind === 'moved') return transfer.bytes
    if (transfer.kind !== 'stalled') return await failed(step, transfer)
    // §6.7.2, §6.7.3: less data, or none; the status follows.
    if (!(await pipe.clearHalt(isIn ? 'in' : 'out'))) return await recover(step, 'a stall that stays')
    return Buffer.alloc(0)
  }

  async function readStatus(step: string, expected: { tag: number; dataBytes: number }): Promise<Status> {
    let transfer = await pipe.receive(STATUS_WRAPPER_BYTES)
    if (transfer.kind === 'stalled' && (await pipe.clearHalt('in'))) {
      // §5.3.3, figure 2: once more after a stall, and no more.
      transfer = await pipe.receive(STATUS_WRAPPER_BYTES)
    } else if (transfer.kind === 'moved' && transfer.bytes.length === 0) {
      // A packet of no bytes ends the data of some devices, and the status follows.
      transfer = await pipe.receive(STATUS_WRAPPER_BYTES)
    }
    if (transfer.kind !== 'moved') return await failed(step, transfer)
    return parseStatusWrapper(transfer.bytes, expected)
  }

  async function runOne({ step, unit = 0, command, data }: Command): Promise<Outcome> {
    const own = tag
    tag = tag === 0xffff_ffff ? 1 : tag + 1
    const isIn = typeof data === 'number'
    const dataBytes = isIn ? data : data.length
    const sent = await pipe.send(encodeCommandWrapper({ tag: own, unit, dataBytes, isIn, command }))
    if (sent.kind !== 'moved') return await failed(step, sent)
    const bytes = await moveData(step, data)
    const status = await readStatus(step, { tag: own, dataBytes })
    if (status.kind === 'lost') return await recover(step, status.reason)
    return { isPassed: status.kind === 'passed', bytes }
  }

  // One at a time: two commands at once would take each other's data.
  let last: Promise<unknown> = Promise.resolve()
  return {
    run(command) {
      const outcome = last.then(() => runOne(command))
      last = outcome.catch(() => undefined) // the caller is told; the next command is not kept from its turn
      return outcome
    },
    settled: async () => {
      await last
    },
  }
}

/** Returns the error of one step of an examination. */
export function unreadable(
  step: string,
  message: string,
  more: Readonly<Record<string, string | number | boolean | null>> = {},
): ShoukouError {
  return new ShoukouError('medium-unreadable', message, { context: { step, ...more } })
}
