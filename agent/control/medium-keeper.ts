/**
 * Keeps each medium where its right says: examines it, has it judged, and brings the kernel into that state.
 *
 * In enforce mode a medium is nowhere readable until its examination has been judged and the record of it is on the
 * disk; whatever fails on the way leaves it shut. In observe mode nothing is done to the kernel: the medium is read as
 * everybody else may read it, and judged.
 */
import {
  type ActionStep,
  type BlockDevice,
  type Decision,
  diskInstanceOf,
  type Fact,
  type Origin,
  type Position,
  type RawText,
  rawTextKey,
  type SignedSeal,
  type UsbDevice,
} from '@shoukou/protocol'
import type { Log } from '../base/log.ts'
import type { BlockSource, ExaminationMethod } from '../examination/block-source.ts'
import { examineStay, failedOf, isSameMedium, notExamined } from './examine-stay.ts'
import { Gate } from './gate.ts'
import type { MediumJudge } from './judge-medium.ts'
import type { MediaKernel } from './kernel-port.ts'
import { MediumAccess } from './medium-access.ts'
import { passportOfDevice, passportOfKnown } from './passport-of-known.ts'
import { writeOneSeal } from './seal-medium.ts'
import { type Examined, Stay } from './stay.ts'

export interface MediumKeeperOptions {
  readonly kernel: MediaKernel
  readonly judge: MediumJudge
  readonly isEnforcing: () => boolean
  /** Tells a fact; resolves once its record is synced, null where there was no room for it. */
  readonly tell: (fact: Fact, decision: Decision | null) => Promise<Position | null>
  /** CLOCK_BOOTTIME, ms. */
  readonly bootMs: () => number
  readonly log: Log
  /** A medium is kept out: whoever holds it may ask. */
  readonly onKeptOut: (stay: Stay) => void
  readonly onEnded: (instance: string) => void
  /** Something changed that a person at the computer may want to see. */
  readonly onChange: () => void
}

/** Media examined at a time. */
const examinationsMax = 4
/** From binding the driver to the disk: `usb-storage.delay_use` is 1 s, and old sticks spin up. */
const diskMsMax = 30_000
/** A device that was authorised before this run has its disk at once, or none. */
const standingDiskMsMax = 3_000
/** A disk of a stick that was pulled out is told at most this much after the stick's going. */
const lateDiskMsMax = 30_000
/** More ports no computer has. */
const portsMax = 1_024

export class MediumKeeper {
  readonly #options: MediumKeeperOptions
  readonly #stays = new Map<string, Stay>()
  /** USB media by port: where a disk's stay is its USB device's. */
  readonly #byPort = new Map<string, Stay>()
  readonly #byDisk = new Map<string, Stay>()
  /** ms of CLOCK_BOOTTIME when the medium that last stood at a port was pulled out: a disk may be told of after it. */
  readonly #leftPort = new Map<string, number>()
  /** Disks that are in use for the system and are not the computer's own: never touched. */
  #spared: ReadonlySet<string> = new Set()
  readonly #gate = new Gate(examinationsMax)

  readonly #access: MediumAccess

  constructor(options: MediumKeeperOptions) {
    this.#options = options
    this.#access = new MediumAccess({ ...options, diskMsMax })
  }

  get stays(): readonly Stay[] {
    return [...this.#stays.values()]
  }

  stayOf(instance: string): Stay | null {
    return this.#stays.get(instance) ?? null
  }

  spare(disks: ReadonlySet<string>): void {
    this.#spared = disks
  }

  /** A USB device that is a medium came. */
  usbCame(device: UsbDevice, origin: Origin): void {
    const stay = Stay.ofUsb(device, origin)
    this.#stays.set(stay.instance, stay)
    this.#byPort.set(rawTextKey(device.path), stay)
    this.#inTurn(stay, () => this.#settleUsb(stay, origin))
  }

  usbWent(device: UsbDevice): void {
    const stay = this.#byPort.get(rawTextKey(device.path))
    if (stay === undefined || stay.usb?.device !== device.device) return
    this.#byPort.delete(rawTextKey(device.path))
    this.#leave(rawTextKey(device.path))
    this.#access.forget(stay, device)
    this.#end(stay)
  }

  /** A disk came that is not the computer's own. `sequence` is the kernel's number of it. */
  diskCame(disk: BlockDevice, origin: Origin): void {
    const name = nameOf(disk.name)
    const carrier = disk.usbPath === null ? undefined : this.#byPort.get(rawTextKey(disk.usbPath))
    if (carrier !== undefined && !isCarrierOfSeveral(carrier)) {
      this.#byDisk.set(name, carrier)
      carrier.known = disk
      carrier.foundDisk(name, this.#options.bootMs())
      return
    }
    void this.#diskStay(disk, carrier?.usb ?? null, origin)
  }

  /** The kernel says that another medium may be in the drive now: what was allowed was allowed to the one before. */
  diskChanged(disk: BlockDevice): void {
    const stay = this.#byDisk.get(nameOf(disk.name))
    if (stay !== undefined && stay.isUsb && !isCarrierOfSeveral(stay)) {
      this.#inTurn(stay, () => this.#recheck(stay, disk))
      return
    }
    const carrier = disk.usbPath === null ? undefined : this.#byPort.get(rawTextKey(disk.usbPath))
    void this.#diskStay(disk, carrier?.usb ?? null, 'appeared')
  }

  diskWent(disk: BlockDevice): void {
    const name = nameOf(disk.name)
    const stay = this.#byDisk.get(name)
    if (stay === undefined) return
    this.#byDisk.delete(name)
    this.#access.forget(stay, null)
    stay.lostDisk()
    stay.inForce = 'none'
    if (!stay.isUsb) this.#end(stay)
  }

  /** Judges everything anew that is here, and does what follows: another policy, a grant, the end of a registration. */
  judgeAnew(only?: string): void {
    for (const stay of this.#stays.values()) {
      if (only !== undefined && stay.instance !== only) continue
      this.#inTurn(stay, () => this.#rejudge(stay))
    }
  }

  /** Puts everything that is here into its place after the mode changed. */
  settleAnew(): void {
    for (const stay of this.#stays.values()) {
      this.#inTurn(stay, () =>
        stay.isUsb ? this.#settleUsb(stay, 'policy-changed') : this.#settleDisk(stay, 'policy-changed'),
      )
    }
  }

  /** Renews the leases of what may be used; what has run out of its time is judged anew. */
  async renew(nowMs: number): Promise<void> {
    const { kernel } = this.#options
    if (!this.#options.isEnforcing()) return
    for (const stay of this.#stays.values()) {
      const { disk, inForce, judged } = stay
      if (inForce === 'none' || disk === null) continue
      if (judged?.untilMs !== null && judged !== null && judged.untilMs < nowMs) {
        this.#inTurn(stay, () => this.#rejudge(stay))
        continue
      }
      this.#inTurn(stay, async () => {
        if (stay.inForce === 'none' || stay.disk === null) return
        const numbers = await kernel.readDisk(stay.disk)
        if (numbers === null) return
        // A number may be another medium's by now: what was allowed is not its own.
        if (numbers.sequence !== stay.numbers?.sequence && stay.known !== null)
          return await this.#recheck(stay, stay.known)
        await this.#access.lease(stay, numbers, stay.inForce)
      })
    }
  }

  /** Writes a seal onto the medium of a stay; returns the outcome as a code. */
  async seal(instance: string, signed: SignedSeal): Promise<string> {
    const stay = this.#stays.get(instance)
    if (stay === undefined || stay.isGone) return 'no-such-medium'
    let outcome = 'failed'
    await stay.inTurn(async () => {
      const { kernel, tell } = this.#options
      const isEnforcing = this.#options.isEnforcing()
      outcome = await writeOneSeal({ stay, signed, kernel, isEnforcing, tell, judge: this.#options.judge })
      await (stay.isUsb ? this.#settleUsb(stay, 'policy-changed') : this.#settleDisk(stay, 'policy-changed'))
    })
    return outcome
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await Promise.all(this.stays.map((stay) => stay.inTurn(async () => undefined)))
  }

  #leave(port: string): void {
    this.#leftPort.delete(port)
    this.#leftPort.set(port, this.#options.bootMs())
    const [oldest] = this.#leftPort.keys()
    if (this.#leftPort.size > portsMax && oldest !== undefined) this.#leftPort.delete(oldest)
  }

  #hasJustLeft({ usbPath }: BlockDevice): boolean {
    const atMs = usbPath === null ? undefined : this.#leftPort.get(rawTextKey(usbPath))
    return atMs !== undefined && this.#options.bootMs() - atMs < lateDiskMsMax
  }

  #inTurn(stay: Stay, work: () => Promise<void>): void {
    stay.inTurn(work).catch((fault: unknown) => {
      // The medium stays as it is: shut, where it was not opened before.
      this.#options.log.error({ instance: stay.instance, fault: String(fault) }, 'medium not settled')
    })
  }

  #end(stay: Stay): void {
    stay.gone()
    this.#access.end(stay)
    this.#stays.delete(stay.instance)
    this.#options.onEnded(stay.instance)
    if (stay.disk !== null) this.#byDisk.delete(stay.disk)
    this.#options.onChange()
  }

  async #diskStay(disk: BlockDevice, carrier: UsbDevice | null, origin: Origin): Promise<void> {
    const name = nameOf(disk.name)
    if (this.#spared.has(name)) return
    const numbers = await this.#options.kernel.readDisk(name)
    // Told late, of a stick that is gone: its insertion has been told, and this would be a second one.
    if (numbers === null && carrier === null && this.#hasJustLeft(disk)) return
    const instance = diskInstanceOf(disk.name, numbers?.sequence ?? null)
    const before = this.#byDisk.get(name)
    if (
      before !== undefined &&
      before.instance === instance &&
      before.examined !== null &&
      !before.examined.isEmpty
    )
      return
    if (before !== undefined && before.instance !== instance) this.#end(before)
    const stay =
      before?.instance === instance ? before : new Stay({ instance, origin, usb: carrier, disk: name })
    stay.foundDisk(name, this.#options.bootMs())
    stay.bus = disk.bus
    stay.known = disk
    this.#stays.set(instance, stay)
    this.#byDisk.set(name, stay)
    this.#inTurn(stay, () => this.#settleDisk(stay, origin))
  }

  async #settleUsb(stay: Stay, origin: Origin): Promise<void> {
    const { kernel, isEnforcing } = this.#options
    const device = stay.usb
    if (device === null) return
    if (stay.isGone) return await this.#concludeGone(stay, origin)
    if (!isEnforcing()) return await this.#observe(stay, origin)
    const standing = device.authorized === true || stay.disk !== null
    if (standing && (await stay.untilDisk(standingDiskMsMax)) !== null)
      return await this.#settleDisk(stay, origin)
    if (!kernel.canAirlock(device)) return await this.#settleGuarded(stay, device, origin)
    const entered = await kernel.authorize(device)
    const examined = await this.#examine(stay, entered, () => kernel.openAirlock(device, false), 'airlock')
    if (examined.hasMoreUnits || examined.isEmpty) return await this.#bindReader(stay, examined, origin)
    await this.#conclude(stay, examined, origin)
  }

  /** Told all the same: a medium that was pulled at once was here. */
  async #concludeGone(stay: Stay, origin: Origin): Promise<void> {
    if (stay.examined === null)
      await this.#conclude(stay, notExamined(['gone before it could be examined']), origin)
  }

  /** No way in but a block device: it may exist, and nobody but the agent may open it. */
  async #settleGuarded(stay: Stay, device: UsbDevice, origin: Origin): Promise<void> {
    const { kernel, judge } = this.#options
    const isWorthIt = judge.mayKnow(device) || judge.granted(stay.instance)
    if (!kernel.canGuard || !isWorthIt) {
      const why = kernel.canGuard ? 'nothing registered is like it' : 'this kernel can guard none'
      const fault = `this device can only be examined through a block device, and ${why}`
      // What it says of itself is all that is known, and enough to register it by.
      return await this.#conclude(
        stay,
        { ...notExamined([fault]), passport: passportOfDevice(device) },
        origin,
      )
    }
    const entered = [...(await kernel.authorize(device)), ...(await kernel.probe(device))]
    if ((await stay.untilDisk(diskMsMax)) === null) {
      const fault = failedOf(entered) ?? 'no disk appeared'
      return await this.#conclude(stay, notExamined([fault]), origin)
    }
    await this.#settleDisk(stay, origin)
  }

  /** A reader, or a device with several units: its disks are media of their own, each shut until it is judged. */
  async #bindReader(stay: Stay, examined: Examined, origin: Origin): Promise<void> {
    const { kernel, tell } = this.#options
    stay.examined = examined
    if (!kernel.canGuard || stay.usb === null) return await this.#conclude(stay, examined, origin)
    const steps = await kernel.probe(stay.usb)
    const { vendorId, productId } = stay.usb
    const cause = examined.isEmpty ? 'empty-reader' : 'several-units'
    void tell(
      {
        kind: 'usb.acted',
        place: stay.place,
        vendorId,
        productId,
        act: 'admitted',
        cause,
        steps: [...steps],
      },
      null,
    )
  }

  async #settleDisk(stay: Stay, origin: Origin): Promise<void> {
    const { kernel, isEnforcing } = this.#options
    const name = stay.disk
    if (name === null || stay.isGone || this.#spared.has(name)) return
    if (!isEnforcing()) return await this.#observe(stay, origin)
    const numbers = await kernel.readDisk(name)
    if (numbers === null) return
    if (!kernel.canGuard) {
      const fault = 'this kernel can guard no block device: the disk is taken off its bus unexamined'
      return await this.#conclude(stay, notExamined([fault]), origin)
    }
    if (stay.inForce === 'none') await kernel.setAccess(numbers, { kind: 'agent-alone' })
    const open = () => kernel.openDisk(name, { method: 'guarded', forWriting: false })
    const examined = await this.#examine(stay, [], open, 'guarded')
    stay.examined = examined
    if (examined.isEmpty) return
    await this.#conclude(stay, examined, origin)
  }

  /** A device that looked like a stick may be a reader: another medium in it is another medium. */
  async #recheck(stay: Stay, disk: BlockDevice): Promise<void> {
    const { kernel, isEnforcing } = this.#options
    const numbers = stay.disk === null ? null : await kernel.readDisk(stay.disk)
    if (numbers === null || stay.examined === null) return
    if (numbers.sequence !== null && numbers.sequence === stay.numbers?.sequence) return
    const isGuarded = isEnforcing() && kernel.canGuard
    if (isGuarded) await this.#access.shut(stay, numbers)
    const method = isGuarded ? 'guarded' : 'open'
    const open = () => kernel.openDisk(numbers.name, { method, forWriting: false })
    const examined = await this.#examine(stay, [], open, method)
    if (!isSameMedium(stay.examined, examined)) {
      stay.isReader = true
      this.#access.end(stay)
      await this.#diskStay(disk, stay.usb, 'appeared')
      return
    }
    stay.numbers = numbers
    if (isGuarded && stay.inForce !== 'none') await this.#access.lease(stay, numbers, stay.inForce)
  }

  async #observe(stay: Stay, origin: Origin): Promise<void> {
    const name = stay.disk ?? (await stay.untilDisk(diskMsMax))
    if (name === null) {
      const why = stay.isGone ? 'gone before it could be examined' : 'no disk appeared'
      return await this.#conclude(stay, notExamined([why]), origin)
    }
    const open = () => this.#options.kernel.openDisk(name, { method: 'open', forWriting: false })
    const examined = await this.#examine(stay, [], open, 'open')
    stay.examined = examined
    if (examined.isEmpty) return
    // Without the right to read it, what the kernel tells of it is still something to know it by.
    const passport = examined.passport ?? (stay.known === null ? null : passportOfKnown(stay.known, stay.usb))
    await this.#conclude(stay, { ...examined, passport }, origin)
  }

  #examine(
    stay: Stay,
    entered: readonly ActionStep[],
    open: () => Promise<BlockSource>,
    method: ExaminationMethod,
  ): Promise<Examined> {
    const { bootMs } = this.#options
    return this.#gate.through(() => examineStay({ stay, entered, open, method, bootMs }))
  }

  /** The one place where a medium is told of and let in or kept out: first the record on the disk, then the kernel. */
  async #conclude(stay: Stay, examined: Examined, origin: Origin): Promise<void> {
    const { judge, tell, isEnforcing, onChange } = this.#options
    stay.examined = examined
    const { fact, decision, judged } = judge.judge(stay, examined, origin)
    stay.judged = judged
    const place = await tell(fact, decision)
    onChange()
    if (!isEnforcing() || stay.isGone) return
    if (judged.right === 'none' || place === null) {
      await this.#access.keepOut(stay, place === null ? 'not-recorded' : judged.rule)
    } else await this.#access.letIn(stay, judged.right)
  }

  async #rejudge(stay: Stay): Promise<void> {
    const { judge } = this.#options
    if (stay.isGone || stay.examined === null || stay.judged === null) return
    const { judged } = judge.judge(stay, stay.examined, 'policy-changed')
    if (judged.right === stay.judged.right && judged.rule === stay.judged.rule) {
      stay.judged = judged
      return
    }
    // A medium that was kept out is looked at again before it is let in: what was read of it is old.
    const isToEnter = this.#options.isEnforcing() && judged.right !== 'none' && stay.inForce === 'none'
    if (isToEnter && stay.isUsb) return await this.#settleUsb(stay, 'policy-changed')
    await this.#conclude(stay, stay.examined, 'policy-changed')
  }
}

function isCarrierOfSeveral(stay: Stay): boolean {
  return stay.isReader || (stay.examined !== null && (stay.examined.hasMoreUnits || stay.examined.isEmpty))
}

/** The kernel's own names are plain; a name that is not can't be a path in sysfs. */
function nameOf(name: RawText): string {
  return typeof name === 'string' ? name : ''
}
