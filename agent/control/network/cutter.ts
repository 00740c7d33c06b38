/**
 * Cuts one interface off: everything over it dropped by the packet net → the link set down → the USB device behind it no
 * longer authorised. Each step is tried whatever became of the one before, and each result is told.
 */
import { type ActionStep, type NetworkInterface, rawTextKey, showRawText } from '@shoukou/protocol'
import type { NetworkKernel } from './network-kernel.ts'

export interface CutterOptions {
  readonly kernel: Pick<NetworkKernel, 'setLinkDown' | 'unauthorise'>
  /** Has the packet net drop everything over all interfaces in `names`; says what came of it. */
  readonly dropAll: () => Promise<ActionStep>
  readonly onCut: (adapter: NetworkInterface, cause: string, steps: readonly ActionStep[]) => void
}

/** The link goes down without waiting longer for the packet net than this, ms: it may hang, the link must not stay. */
const dropWaitMs = 100
/** A step that hangs in the kernel is told as failed, ms. */
const stepMsMax = 5_000

interface Target {
  adapter: NetworkInterface
  cause: string
  isCutting: boolean
  isAgain: boolean
}

export class Cutter {
  readonly #options: CutterOptions
  readonly #targets = new Map<number, Target>()

  constructor(options: CutterOptions) {
    this.#options = options
  }

  /** What is to be dropped wholly, by the names that they bear now. */
  get targets(): readonly NetworkInterface[] {
    return [...this.#targets.values()].map(({ adapter }) => adapter)
  }

  isCut(index: number): boolean {
    return this.#targets.has(index)
  }

  isCutting(index: number): boolean {
    return this.#targets.get(index)?.isCutting === true
  }

  /** Begins to cut at once. One that is being cut is cut once more after that: it may have been set up meanwhile. */
  cut(adapter: NetworkInterface, cause: string): void {
    const known = this.#targets.get(adapter.index)
    const target = known ?? { adapter, cause, isCutting: false, isAgain: false }
    target.adapter = adapter
    target.cause = cause
    this.#targets.set(adapter.index, target)
    if (target.isCutting) target.isAgain = true
    else void this.#run(target)
  }

  /** Follows a change; returns whether the packet net must know of it. */
  changed(adapter: NetworkInterface): boolean {
    const target = this.#targets.get(adapter.index)
    if (target === undefined) return false
    const isRenamed = rawTextKey(target.adapter.name) !== rawTextKey(adapter.name)
    target.adapter = adapter
    return isRenamed
  }

  /** It went, or nothing asks for it any more; returns whether it was cut. */
  forget(index: number): boolean {
    return this.#targets.delete(index)
  }

  async #run(target: Target): Promise<void> {
    target.isCutting = true
    try {
      do {
        target.isAgain = false
        const { adapter, cause } = target
        const steps = await this.#steps(adapter)
        this.#options.onCut(adapter, cause, steps)
      } while (target.isAgain && this.#targets.get(target.adapter.index) === target)
    } finally {
      target.isCutting = false
    }
  }

  async #steps(adapter: NetworkInterface): Promise<ActionStep[]> {
    const { kernel, dropAll } = this.#options
    const dropping = inTime('packet-table', dropAll)
    await Promise.race([dropping, pause(dropWaitMs)])
    const down = await inTime('link-down', () => kernel.setLinkDown(adapter))
    const steps = [await dropping, down]
    const { usbPath } = adapter
    if (usbPath === null) return steps
    const unauthorise =
      typeof usbPath === 'string'
        ? await inTime('unauthorise', () => kernel.unauthorise(usbPath))
        : { step: 'unauthorise', result: 'failed' as const, detail: `no port path: ${showRawText(usbPath)}` }
    return [...steps, unauthorise]
  }
}

async function inTime(step: string, work: () => Promise<ActionStep>): Promise<ActionStep> {
  const { promise, resolve } = Promise.withResolvers<ActionStep>()
  const timer = setTimeout(
    () => resolve({ step, result: 'failed', detail: `no answer within ${stepMsMax} ms` }),
    stepMsMax,
  )
  try {
    return await Promise.race([work(), promise])
  } catch (fault) {
    return { step, result: 'failed', detail: String(fault).slice(0, 1_000) }
  } finally {
    clearTimeout(timer)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
