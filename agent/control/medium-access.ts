/**
 * Brings the kernel into the state that a medium's right asks for, and out of it again. What fails leaves it shut.
 *
 * The order matters in every line: first nobody else may open the disk, then it is made what it may be, then it is opened.
 */
import {
  type ActionStep,
  type Decision,
  type Fact,
  type MediumRight,
  type Position,
  ShoukouError,
  type UsbDevice,
} from '@shoukou/protocol'
import type { Log } from '../base/log.ts'
import { failedOf } from './examine-stay.ts'
import type { DiskNumbers, MediaKernel } from './kernel-port.ts'
import type { Stay } from './stay.ts'

export interface MediumAccessOptions {
  readonly kernel: MediaKernel
  readonly isEnforcing: () => boolean
  readonly tell: (fact: Fact, decision: Decision | null) => Promise<Position | null>
  readonly bootMs: () => number
  readonly log: Log
  readonly onKeptOut: (stay: Stay) => void
  readonly onChange: () => void
  /** How long a driver may take to bring the disk. */
  readonly diskMsMax: number
}

export class MediumAccess {
  readonly #options: MediumAccessOptions

  constructor(options: MediumAccessOptions) {
    this.#options = options
  }

  /** Not in turn: what waits for the medium may wait long, and its numbers may be another's the next moment. */
  forget(stay: Stay, device: UsbDevice | null): void {
    this.#closeView(stay)
    if (!this.#options.isEnforcing()) return
    const { numbers } = stay
    stay.numbers = null
    this.#options.kernel.forget(device, numbers).catch((fault: unknown) => {
      const { instance } = stay
      this.#options.log.error({ instance, fault: String(fault) }, 'rights of a medium not ended')
    })
  }

  async letIn(stay: Stay, right: 'read-only' | 'read-write'): Promise<void> {
    const { kernel } = this.#options
    const steps: ActionStep[] = []
    if (stay.disk === null && stay.usb !== null) steps.push(...(await kernel.probe(stay.usb)))
    const name = stay.disk ?? (await stay.untilDisk(this.#options.diskMsMax))
    if (kernel.canGuard && name !== null) {
      // The kernel itself could not read the partition table of a disk that nobody may open.
      const shut = await kernel.readDisk(name)
      if (shut !== null) steps.push(...(await kernel.setAccess(shut, { kind: 'agent-alone' })))
      const mayHaveTable = stay.examined?.passport?.partitionTable?.kind !== 'none'
      if (shut !== null && stay.inForce === 'none' && mayHaveTable) await kernel.readPartitions(shut)
    }
    const disk = name === null ? null : await kernel.readDisk(name)
    if (disk === null) {
      steps.push({ step: 'disk', result: 'failed', detail: 'no disk appeared' })
      return this.#tellAccess(stay, 'none', 'no-disk', steps, 0)
    }
    const failed = await this.#setReadOnly(stay, disk, right, steps)
    if (failed !== null) return await this.keepOut(stay, failed, steps)
    await this.lease(stay, disk, right, steps)
    stay.inForce = right
    stay.numbers = disk
    // Told before it is announced: what is pulled at this moment was open all the same.
    this.#tellAccess(stay, right, stay.judged?.rule ?? 'registered-medium', steps, 0)
    await kernel.watchMedium(disk)
    const shown = stay.view === null ? disk : await kernel.readDisk(stay.view.name)
    if (shown !== null) await kernel.announce(shown)
  }

  /** Makes the disk what its right says; returns why it could not. Shut for everybody else meanwhile. */
  async #setReadOnly(
    stay: Stay,
    disk: DiskNumbers,
    right: 'read-only' | 'read-write',
    steps: ActionStep[],
  ): Promise<string | null> {
    const { kernel } = this.#options
    if (right === 'read-write' && stay.inForce !== 'read-only') return null
    if (kernel.canGuard) await kernel.setAccess(disk, { kind: 'agent-alone' })
    this.#closeView(stay)
    const made = await kernel.setReadOnly(disk, right === 'read-only')
    steps.push(...made)
    if (failedOf(made) !== null) return 'not-made-read-only'
    if (right === 'read-write' || !kernel.canGuard) return null
    try {
      stay.view = await kernel.openView(disk)
      steps.push({ step: 'read-only-view', result: 'done', detail: stay.view.name })
      return null
    } catch (fault) {
      if (!(fault instanceof ShoukouError)) throw fault
      steps.push({ step: 'read-only-view', result: 'failed', detail: fault.message.slice(0, 1_000) })
      return 'no-read-only-view'
    }
  }

  /** Opens what may be opened, for a while: the disk itself, or the view of one that may only be read. */
  async lease(
    stay: Stay,
    disk: DiskNumbers,
    right: 'read-only' | 'read-write',
    steps: ActionStep[] = [],
  ): Promise<void> {
    const { kernel } = this.#options
    if (!kernel.canGuard) return
    const open = stay.view === null ? disk : await kernel.readDisk(stay.view.name)
    if (open !== null) steps.push(...(await kernel.setAccess(open, { kind: 'lease', right })))
  }

  /** Nobody else may open it, nor its view, until it is known to be the medium that was allowed. */
  async shut(stay: Stay, disk: DiskNumbers): Promise<void> {
    const { kernel } = this.#options
    const view = stay.view === null ? null : await kernel.readDisk(stay.view.name)
    if (view !== null) await kernel.setAccess(view, { kind: 'agent-alone' })
    await kernel.setAccess(disk, { kind: 'agent-alone' })
  }

  /** Another medium is in its place: nothing that was allowed is left. */
  end(stay: Stay): void {
    stay.inForce = 'none'
    this.#closeView(stay)
  }

  #closeView(stay: Stay): void {
    stay.view?.close()
    stay.view = null
  }

  async keepOut(stay: Stay, cause: string, before: readonly ActionStep[] = []): Promise<void> {
    const { kernel, bootMs } = this.#options
    const steps: ActionStep[] = [...before]
    if (stay.inForce !== 'none') await kernel.flush()
    this.#closeView(stay)
    const disk = stay.disk === null ? null : await kernel.readDisk(stay.disk)
    if (disk !== null && kernel.canGuard) steps.push(...(await kernel.setAccess(disk, { kind: 'nobody' })))
    // A reader stays bound, shut: its next card has to be seen.
    if (stay.isUsb && stay.usb !== null) steps.push(...(await kernel.remove(stay.usb)))
    else if (disk !== null && !kernel.canGuard) steps.push(...(await kernel.cut(disk.name)))
    stay.inForce = 'none'
    this.#tellAccess(stay, 'none', cause, steps, this.#exposedMs(stay, disk, bootMs()))
    this.#options.onKeptOut(stay)
  }

  /** What stood open only because this kernel can guard nothing: from the disk's first sight until it was cut. */
  #exposedMs(stay: Stay, disk: DiskNumbers | null, nowMs: number): number {
    if (disk === null || this.#options.kernel.canGuard || stay.diskAtMs === null) return 0
    return Math.max(0, Math.round(nowMs - stay.diskAtMs))
  }

  #tellAccess(
    stay: Stay,
    right: MediumRight,
    cause: string,
    steps: readonly ActionStep[],
    exposedMs: number,
  ): void {
    const number = stay.judged?.number ?? null
    const fact = {
      kind: 'media.access',
      place: stay.place,
      number,
      right,
      cause,
      steps: steps.slice(0, 32),
      exposedMs,
    } as const
    void this.#options.tell({ ...fact, steps: [...fact.steps] }, null)
    this.#options.onChange()
  }
}
