/**
 * Lets in and keeps out USB devices that are no media, and tells the stories of a port. In enforce mode a refused device
 * was born unauthorised, so that keeping it out is mostly doing nothing; letting one in is an act, and is recorded.
 */
import {
  type ActionStep,
  type Decision,
  type Fact,
  type FactNamed,
  type Position,
  type UsbDevice,
  usbInstanceOf,
} from '@shoukou/protocol'
import type { Log } from '../base/log.ts'
import { NO_PLUG_STORMS, type PlugStorms, type StormEvent, stepPlugStorm } from '../policy/plug-storm.ts'
import { NO_PORT_STORIES, type PortStories, stepPortStories } from '../policy/port-stories.ts'
import type { MediaKernel } from './kernel-port.ts'

export interface UsbKeeperOptions {
  readonly kernel: MediaKernel
  readonly isEnforcing: () => boolean
  readonly tell: (fact: Fact, decision: Decision | null) => Promise<Position | null>
  readonly bootMs: () => number
  readonly wallMs: () => number
  readonly log: Log
}

export class UsbKeeper {
  readonly #options: UsbKeeperOptions
  #stories: PortStories = NO_PORT_STORIES
  #storms: PlugStorms = NO_PLUG_STORMS
  #keyboards = 0
  #counting: Promise<void> | null = null

  constructor(options: UsbKeeperOptions) {
    this.#options = options
  }

  /** Keyboards that worked when last counted. */
  get keyboards(): number {
    return this.#keyboards
  }

  /** Takes an attachment in; returns whether its port storms: then the device is neither let in nor examined. */
  attached(device: UsbDevice): boolean {
    const { bootMs, wallMs } = this.#options
    this.#tellStory({ kind: 'attached', device, atMs: bootMs() })
    return this.#stepStorm({ kind: 'attached', port: portOf(device), atMs: bootMs(), wallMs: wallMs() })
  }

  detached(device: UsbDevice): void {
    this.#tellStory({ kind: 'detached', device, atMs: this.#options.bootMs() })
    void this.countKeyboards()
  }

  /** Lets time pass for what counts by it. */
  tick(): void {
    const { bootMs, wallMs } = this.#options
    this.#stepStorm({ kind: 'tick', atMs: bootMs(), wallMs: wallMs() })
  }

  /** Does what was decided about a device that is no medium. */
  async act(device: UsbDevice, decision: Decision): Promise<void> {
    if (!this.#options.isEnforcing()) return
    const { kernel } = this.#options
    if (decision.outcome === 'allowed') {
      this.#tellAct(device, 'admitted', decision.rule, await kernel.admit(device))
    } else if (decision.outcome === 'detected') this.#tellAct(device, 'spared', decision.rule, [])
    else if (device.authorized !== false) {
      this.#tellAct(device, 'removed', decision.rule, await kernel.remove(device))
    }
    await this.countKeyboards()
  }

  async countKeyboards(): Promise<void> {
    this.#counting ??= this.#options.kernel
      .countKeyboards()
      .then((count) => {
        this.#keyboards = count
      })
      .catch((fault: unknown) => {
        // Counting none is the careful side: then the next keyboard is let in, and told of.
        this.#options.log.warn({ fault: String(fault) }, 'keyboards not counted')
        this.#keyboards = 0
      })
      .finally(() => {
        this.#counting = null
      })
    await this.#counting
  }

  #tellAct(
    device: UsbDevice,
    act: FactNamed<'usb.acted'>['act'],
    cause: string,
    steps: readonly ActionStep[],
  ): void {
    const { vendorId, productId } = device
    const place = { usbPath: device.path, disk: null, instance: usbInstanceOf(device) }
    void this.#options.tell(
      { kind: 'usb.acted', place, vendorId, productId, act, cause, steps: steps.slice(0, 32) },
      null,
    )
  }

  #tellStory(event: Parameters<typeof stepPortStories>[1]): void {
    const { state, facts } = stepPortStories(this.#stories, event)
    this.#stories = state
    for (const fact of facts) void this.#options.tell(fact, null)
  }

  #stepStorm(event: StormEvent): boolean {
    const { state, facts, isStorming } = stepPlugStorm(this.#storms, event)
    this.#storms = state
    for (const fact of facts) void this.#options.tell(fact, null)
    return isStorming
  }
}

function portOf(device: UsbDevice): string {
  return typeof device.path === 'string' ? device.path : '?'
}
