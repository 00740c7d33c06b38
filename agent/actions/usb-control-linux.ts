/**
 * USB control over sysfs (Documentation/usb/authorization.rst of the kernel). What is asked of it is `usb-control.ts`.
 *
 * Reads are synchronous: an attribute that is only shown answers at once, and each trip through the thread pool would
 * stand between a keyboard and its owner. Writes are not: see `usb-control-writes-linux.ts`.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { ActionStep } from '@shoukou/protocol'
import {
  type BoundInterface,
  isInterfaceOf,
  isPortPath,
  isRootHub,
  type UsbActResult,
  type UsbControl,
} from './usb-control.ts'
import { countKeyboards } from './usb-control-keyboards-linux.ts'
import { denyUsb, readSwitches, restoreUsb } from './usb-control-switches-linux.ts'
import { type Lane, SysfsWriter } from './usb-control-writes-linux.ts'

export interface UsbControlOptions {
  /** Where sysfs is mounted. */
  readonly sys?: string
  /** How long one write may take, ms. SET_CONFIGURATION of a device that is well takes less than 100. */
  readonly deadlineMs?: number
}

/** Interfaces that one configuration may have (USB_MAXINTERFACES of the kernel). */
const interfacesMax = 32

/** Returns the control of this computer's USB bus. */
export function openUsbControl(options: UsbControlOptions = {}): UsbControl {
  return new SysfsUsbControl(options.sys ?? '/sys', options.deadlineMs ?? 2_000)
}

class SysfsUsbControl implements UsbControl {
  readonly #sys: string
  readonly #devices: string
  readonly #writer: SysfsWriter
  /** Devices let in, with the device number of that stay: only theirs are probed again by themselves. */
  readonly #admitted = new Map<string, string | null>()

  constructor(sys: string, deadlineMs: number) {
    this.#sys = sys
    this.#devices = `${sys}/bus/usb/devices`
    this.#writer = new SysfsWriter(deadlineMs)
  }

  readSwitches() {
    return Promise.resolve(readSwitches(this.#sys))
  }

  deny() {
    return denyUsb(this.#sys, this.#writer)
  }

  restore(saved: Parameters<UsbControl['restore']>[0]) {
    return restoreUsb(this.#sys, this.#writer, saved)
  }

  admit(path: string, stay: number | null = null): Promise<UsbActResult> {
    return this.#act(path, async (lane) => {
      const steps = [await this.#authorize(lane, path, stay)]
      if (isDone(steps)) {
        this.#admitted.set(path, this.#word(`${path}/devnum`))
        steps.push(...(await this.#probeAll(lane, path)))
      }
      return steps
    })
  }

  authorizeOnly(path: string, stay: number | null = null): Promise<UsbActResult> {
    this.#admitted.delete(path)
    return this.#act(path, async (lane) => {
      // With automatic probing on, authorising would bind the driver, and the disk would be there.
      if (readWord(`${this.#sys}/bus/usb/drivers_autoprobe`) !== '0')
        return [{ step: 'authorize', result: 'failed', detail: 'automatic probing is on' }]
      const steps = [await this.#authorize(lane, path, stay)]
      if (isDone(steps) && this.#interfaces(path).length === 0) steps.push(await this.#configure(lane, path))
      return steps
    })
  }

  probe(path: string, stay: number | null = null): Promise<UsbActResult> {
    return this.#act(path, async (lane) => {
      const why = this.#notTheSame(path, stay)
      if (why !== null) return [{ step: 'probe', result: 'failed', detail: why }]
      this.#admitted.set(path, this.#word(`${path}/devnum`))
      return await this.#probeAll(lane, path)
    })
  }

  remove(path: string, stay: number | null = null): Promise<UsbActResult> {
    this.#admitted.delete(path)
    return this.#act(
      path,
      async (lane) => {
        const step = await lane.write({
          step: 'deauthorize',
          path: `${this.#devices}/${path}/authorized`,
          text: '0',
          mayWrite: () => this.#notTheSame(path, stay),
        })
        // Gone is as good as removed.
        const isGone = step.detail === 'ENOENT' || step.detail === 'ENODEV' || step.detail === gone
        return [isGone ? { step: step.step, result: 'skipped', detail: gone } : step]
      },
      true,
    )
  }

  probeRootHub(name: string): Promise<UsbActResult> {
    if (!isRootHub(name)) return Promise.resolve(refusal(`${JSON.stringify(name)} is no root hub`))
    return this.#act(name, async (lane) => {
      const steps = [
        await lane.write({
          step: `authorized-default:${name}`,
          path: `${this.#devices}/${name}/authorized_default`,
          text: '0',
        }),
      ]
      // The hub itself is authorised always; without its driver nothing behind it would even be seen.
      this.#admitted.set(name, this.#word(`${name}/devnum`))
      return [...steps, ...(await this.#probeAll(lane, name))]
    })
  }

  unboundInterfaces() {
    const unbound: { path: string; interface: string }[] = []
    for (const [path, stay] of this.#admitted) {
      if (this.#word(`${path}/devnum`) !== stay) this.#admitted.delete(path)
      else
        for (const { name, driver } of this.#interfaces(path))
          if (driver === null) unbound.push({ path, interface: name })
    }
    return Promise.resolve(unbound)
  }

  workingKeyboards() {
    return Promise.resolve(countKeyboards(this.#sys))
  }

  /** Opens first, then asks who stands there: the descriptor is of one stay, and is dead when that one is over. */
  #authorize(lane: Lane, path: string, stay: number | null): Promise<ActionStep> {
    return lane.write({
      step: 'authorize',
      path: `${this.#devices}/${path}/authorized`,
      text: '1',
      mayWrite: () => this.#notTheSame(path, stay),
    })
  }

  /**
   * Since Linux 6.8 a device that has no driver itself gets no configuration when it is authorised, and with automatic
   * probing off it has none. Before, the interfaces are there by now and this is not needed.
   */
  #configure(lane: Lane, path: string): Promise<ActionStep> {
    return this.#probeOne(lane, path)
  }

  async #probeAll(lane: Lane, path: string): Promise<ActionStep[]> {
    const steps: ActionStep[] = []
    let interfaces = this.#interfaces(path)
    if (interfaces.length === 0) {
      steps.push(await this.#configure(lane, path))
      interfaces = this.#interfaces(path)
    }
    if (interfaces.length === 0)
      return [...steps, { step: 'probe', result: 'failed', detail: 'the device has no interfaces' }]
    for (const { name, driver } of interfaces.slice(0, stepsMax)) {
      if (driver === null) steps.push(await this.#probeOne(lane, name))
    }
    return steps
  }

  #probeOne(lane: Lane, name: string): Promise<ActionStep> {
    return lane.write({ step: `probe:${name}`, path: `${this.#sys}/bus/usb/drivers_probe`, text: name })
  }

  async #act(
    path: string,
    act: (lane: Lane) => Promise<ActionStep[]>,
    mustRun = false,
  ): Promise<UsbActResult> {
    if (!isPortPath(path) && !isRootHub(path)) return refusal(`${JSON.stringify(path)} is no port path`)
    const steps = await this.#writer.inLane(path, mustRun, act)
    if (steps === null) return refusal('an earlier act on this device has not ended')
    return { isDone: isDone(steps), steps, interfaces: this.#interfaces(path) }
  }

  #interfaces(path: string): BoundInterface[] {
    const names = list(`${this.#devices}/${path}`).filter((name) => isInterfaceOf(name, path))
    return names
      .sort()
      .slice(0, interfacesMax)
      .map((name) => ({ name, driver: linkName(`${this.#devices}/${path}/${name}/driver`) }))
  }

  /** Returns why the device at a port is not the one decided on; null where it is. */
  #notTheSame(path: string, stay: number | null): string | null {
    if (stay === null) return null
    const now = this.#word(`${path}/devnum`)
    if (now === null) return gone
    return now === String(stay) ? null : 'another device stands there by now'
  }

  #word(attribute: string): string | null {
    return readWord(`${this.#devices}/${attribute}`)
  }
}

const gone = 'the device is gone'
/** One record holds so many steps; beside the probes two may stand. */
const stepsMax = 28

function isDone(steps: readonly ActionStep[]): boolean {
  return steps.every(({ result }) => result !== 'failed')
}

function refusal(detail: string): UsbActResult {
  return { isDone: false, steps: [{ step: 'refused', result: 'failed', detail }], interfaces: [] }
}

function readWord(path: string): string | null {
  return ifThere(() => readFileSync(path, 'latin1').trim()) ?? null
}

function list(folder: string): string[] {
  return ifThere(() => readdirSync(folder)) ?? []
}

function linkName(path: string): string | null {
  return ifThere(() => readlinkSync(path).split('/').at(-1)) ?? null
}

/** Absent, unreadable and gone meanwhile are one to whoever asks: not known. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault) return undefined
    throw fault
  }
}
