/**
 * Media control: what follows from decisions about USB devices and media, in the order in which the pipeline decided.
 *
 * It puts the denial into force before the sensors look, keeps devices and media where their rights say, follows each
 * change of policy, and carries out temporary grants. In observe mode it examines and tells, and writes nothing.
 */
import {
  type BlockDevice,
  type Command,
  type Decision,
  type Fact,
  isOwnDisk,
  type MediumRight,
  type Origin,
  type Passport,
  type Policy,
  type Position,
  rawTextKey,
  sameIdentity,
  type UsbDevice,
} from '@shoukou/protocol'
import { isStorageOnly, usbFunctionsOf } from '@shoukou/protocol/usb/functions.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { GrantDesk } from './grant-desk.ts'
import { createMediumJudge } from './judge-medium.ts'
import type { MediaKernel } from './kernel-port.ts'
import type { MediaCeiling } from './media-ceiling.ts'
import { MediumKeeper } from './medium-keeper.ts'
import { UsbKeeper } from './usb-keeper.ts'

export interface MediaControlOptions {
  readonly kernel: MediaKernel
  /** The policy that holds here: where the denial was released by hand, one that only observes. */
  readonly policy: () => Policy
  readonly policyKey: string
  /** The ceiling above the policy; left out: there is none. */
  readonly ceiling?: MediaCeiling | undefined
  readonly desk: GrantDesk
  readonly tell: (fact: Fact, decision: Decision | null) => Promise<Position | null>
  /** Decides about a device again, under the policy that holds now. */
  readonly decideUsb: (device: UsbDevice, origin: Origin) => Decision | null
  readonly user: () => string | null
  readonly clock: Clock
  readonly log: Log
  readonly onChange: () => void
  /** A medium was refused that nobody was told of yet. */
  readonly onRefused: (name: string) => void
}

/** A medium that is here, for whoever sits at the computer. */
export interface MediumNotice {
  readonly instance: string
  /** As the device calls itself: hostile text. */
  readonly name: string
  readonly right: MediumRight
  /** What to open or mount; null where it is refused. */
  readonly device: string | null
  readonly rule: string
  readonly number: string | null
  readonly challenge: string | null
}

/** A quarter of a lease: missed renewals do no harm. */
export const RENEW_EVERY_MS = 5_000
const lateMs = 30

interface SeenUsb {
  readonly device: UsbDevice
  decision: Decision
}

export class MediaControl {
  readonly #options: MediaControlOptions
  readonly #media: MediumKeeper
  readonly #prepare: () => void
  readonly #usb: UsbKeeper
  readonly #devices = new Map<string, SeenUsb>()
  readonly #disks = new Map<string, BlockDevice>()
  #isEnforcing = false
  #trouble: string | null = null
  #renewing: NodeJS.Timeout | null = null
  #late: NodeJS.Timeout | null = null
  #changing: Promise<void> = Promise.resolve()

  constructor(options: MediaControlOptions) {
    this.#options = options
    const { kernel, tell, clock, log, onChange, policy, policyKey, desk, user } = options
    const isEnforcing = () => this.#isEnforcing
    const granted = (instance: string) => {
      const right = desk.rightOf(instance)
      // A narrower ceiling ends what was granted before it.
      return right === null || options.ceiling?.mayGrant({ right, minutes: 0 }) === false ? null : right
    }
    const wallMs = () => clock.wallMs()
    const twinOf = (instance: string, passport: Passport) => this.#hasTwin(instance, passport)
    const judge = createMediumJudge({
      policy,
      policyKey,
      ceiling: options.ceiling,
      isEnforcing,
      wallMs,
      granted,
      user,
      twinOf,
    })
    const bootMs = () => clock.bootMs()
    this.#prepare = () => judge.prepare()
    this.#media = new MediumKeeper({
      ...{ kernel, judge, isEnforcing, tell, bootMs, log, onChange },
      onKeptOut: (stay) => {
        options.onRefused(nameOfStay(stay.usb, stay.disk))
        void desk.ask(stay).then(onChange)
      },
      onEnded: (instance) => void desk.forget(instance),
    })
    this.#usb = new UsbKeeper({ kernel, isEnforcing, tell, bootMs, wallMs, log })
  }

  get workingKeyboards(): number {
    return this.#usb.keyboards
  }

  get isEnforcing(): boolean {
    return this.#isEnforcing
  }

  /** Why the denial does not stand whole although policy asks for it; null where it does, or none is asked for. */
  get trouble(): string | null {
    return this.#trouble
  }

  /** Puts the denial into force where policy asks for it; call it before the sensors look. Never throws. */
  async start(): Promise<void> {
    await this.#usb.countKeyboards()
    await this.#changeMode('start')
    this.#prepare()
    this.#renewing = setInterval(() => this.tick(), RENEW_EVERY_MS)
  }

  /** Ends the timers. The denial stays as it is. */
  async stop(): Promise<void> {
    if (this.#renewing !== null) clearInterval(this.#renewing)
    if (this.#late !== null) clearTimeout(this.#late)
    await this.#changing
  }

  /** Does what a decided fact asks for. Called in the order of the records; never throws, never waits. */
  onDecided(fact: Fact, decision: Decision | null): void {
    // Most facts ask for nothing.
    if (fact.kind === 'usb.attached') this.#usbAttached(fact.device, fact.origin, decision)
    else if (fact.kind === 'usb.detached') {
      this.#devices.delete(rawTextKey(fact.device.path))
      this.#usb.detached(fact.device)
      this.#media.usbWent(fact.device)
    } else if (fact.kind === 'block.attached') this.#diskAttached(fact.device, fact.origin)
    else if (fact.kind === 'block.changed') this.#diskChanged(fact.device)
    else if (fact.kind === 'block.detached') {
      this.#disks.delete(rawTextKey(fact.device.name))
      this.#media.diskWent(fact.device)
    }
  }

  /** A newer policy holds: the mode first, then everything that is here. */
  onPolicy(): void {
    this.#changing = this.#changing.then(async () => {
      this.#prepare()
      const hasChanged = await this.#changeMode('policy')
      if (hasChanged) return
      this.#decideAnew('turned')
      this.#media.judgeAnew()
    })
  }

  /** The kernel has a new driver, or a new host controller: what waited for it is bound. */
  onLateKernelPart(): void {
    if (!this.#isEnforcing || this.#late !== null) return
    this.#late = setTimeout(() => {
      this.#late = null
      this.#options.kernel.probeLate().catch((fault: unknown) => {
        this.#options.log.error({ fault: String(fault) }, 'late parts of the USB bus not bound')
      })
    }, lateMs)
  }

  /** Carries out what the console ordered about one medium; returns the outcome as a code. */
  async carryOut(command: Command): Promise<string> {
    switch (command.name) {
      case 'grant-medium': {
        const stay = this.#media.stayOf(command.instance)
        if (stay === null || stay.isGone) return 'no-such-medium'
        await this.#options.desk.grant(command, stay)
        this.#media.judgeAnew(command.instance)
        return 'done'
      }
      case 'end-grant': {
        const hadOne = await this.#options.desk.end(command.instance)
        this.#media.judgeAnew(command.instance)
        return hadOne ? 'done' : 'no-grant'
      }
      case 'write-seal':
        return await this.#media.seal(command.instance, command.seal)
      case 'rescan':
        return 'done'
      case 'isolate':
      case 'end-isolation':
        return 'not-mine'
    }
  }

  /** Takes a code that was read out; returns its outcome as a code. */
  async takeCode(text: string): Promise<string> {
    const { outcome, instance } = await this.#options.desk.takeCode(text, (each) => this.#media.stayOf(each))
    if (instance !== null) this.#media.judgeAnew(instance)
    return outcome
  }

  /** Media that are here now. */
  notices(): readonly MediumNotice[] {
    const { desk } = this.#options
    return this.#media.stays
      .filter((stay) => stay.judged !== null)
      .map((stay) => ({
        instance: stay.instance,
        name: nameOfStay(stay.usb, stay.disk),
        right: this.#isEnforcing ? stay.inForce : (stay.judged?.right ?? 'none'),
        device: stay.inForce === 'none' ? null : (stay.view?.name ?? stay.disk),
        rule: stay.judged?.rule ?? '',
        number: stay.judged?.number ?? null,
        challenge: desk.challengeOf(stay.instance),
      }))
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await this.#changing
    await this.#media.idle()
  }

  /** Whether a medium that came before says that it is the same one. Cards of one reader have its serial in common. */
  #hasTwin(instance: string, passport: Passport): boolean {
    const { stays } = this.#media
    const at = stays.findIndex((stay) => stay.instance === instance)
    const own = stays[at]?.usb ?? null
    return stays.slice(0, Math.max(0, at)).some(({ isGone, usb, examined }) => {
      const isSameDevice = own !== null && usb !== null && rawTextKey(own.path) === rawTextKey(usb.path)
      const other = examined?.passport ?? null
      return !isGone && !isSameDevice && other !== null && sameIdentity(other, passport)
    })
  }

  #usbAttached(device: UsbDevice, origin: Origin, decision: Decision | null): void {
    const isStorming = this.#usb.attached(device)
    if (decision === null) return
    this.#devices.set(rawTextKey(device.path), { device, decision })
    if (isMedium(device)) {
      if (!isStorming) this.#media.usbCame(device, origin)
      return
    }
    if (isStorming && decision.outcome === 'allowed') return
    this.#act(device, decision)
  }

  #act(device: UsbDevice, decision: Decision): void {
    this.#usb.act(device, decision).catch((fault: unknown) => {
      this.#options.log.error({ fault: String(fault) }, 'USB device not acted on')
    })
  }

  #diskAttached(disk: BlockDevice, origin: Origin): void {
    this.#disks.set(rawTextKey(disk.name), disk)
    if (isVirtual(disk)) return
    if (this.#isOwn(disk)) {
      this.#openOwn(disk)
      return
    }
    this.#media.diskCame(disk, origin)
  }

  #diskChanged(disk: BlockDevice): void {
    this.#disks.set(rawTextKey(disk.name), disk)
    // A loop device is there before it shows anything: what it shows then is a change of it.
    if (isVirtual(disk)) return
    if (this.#isOwn(disk)) this.#openOwn(disk)
    else this.#media.diskChanged(disk)
  }

  /** An own disk that came back, or was repartitioned: its numbers may be others than at the start. */
  #openOwn(disk: BlockDevice): void {
    const { kernel, log } = this.#options
    if (!this.#isEnforcing || !kernel.canGuard || typeof disk.name !== 'string') return
    const open = async (name: string): Promise<void> => {
      const numbers = await kernel.readDisk(name)
      if (numbers !== null) await kernel.setAccess(numbers, { kind: 'own' })
    }
    open(disk.name).catch((fault: unknown) => log.error({ fault: String(fault) }, 'own disk not opened'))
  }

  #isOwn(disk: BlockDevice): boolean {
    return isOwnDisk(disk, this.#options.policy().baseline)
  }

  /** Returns whether the mode changed. */
  async #changeMode(cause: string): Promise<boolean> {
    const { kernel, policy, tell, log } = this.#options
    const isWanted = policy().settings.modes.media === 'enforce'
    if (isWanted === this.#isEnforcing && cause !== 'start') return false
    try {
      if (isWanted) {
        // From here on a decision may act: what is refused meanwhile is refused by the kernel already.
        this.#isEnforcing = true
        const { layers, spared } = await kernel.enforce((disk) => this.#isOwn(disk))
        this.#media.spare(new Set(spared))
        const isWhole = layers.every(({ state }) => state === 'in-force')
        const missing = layers.filter(({ state }) => state !== 'in-force').map(({ layer }) => layer)
        this.#trouble = isWhole ? null : `not in force: ${missing.join(', ')}`
        const reason =
          spared.length === 0 ? null : `in use and not of the baseline, left open: ${spared.join(', ')}`
        void tell(
          {
            kind: 'control.state',
            group: 'media',
            state: isWhole
              ? 'in-force'
              : layers.some(({ state }) => state === 'in-force')
                ? 'partly'
                : 'not-in-force',
            cause,
            reason: reason?.slice(0, 1_000) ?? null,
            layers: [...layers],
          },
          null,
        )
      } else {
        this.#isEnforcing = false
        this.#trouble = null
        const layers = await kernel.release()
        if (layers.length > 0)
          void tell(
            {
              kind: 'control.state',
              group: 'media',
              state: 'released',
              cause,
              reason: null,
              layers: [...layers],
            },
            null,
          )
        await this.#admitAll()
      }
    } catch (fault) {
      log.error({ fault: String(fault) }, 'media control not changed')
      const reason = String(fault).slice(0, 1_000)
      this.#trouble = isWanted ? reason : null
      void tell(
        { kind: 'control.state', group: 'media', state: 'not-in-force', cause, reason, layers: [] },
        null,
      )
    }
    if (cause !== 'start') {
      this.#decideAnew('all')
      this.#media.settleAnew()
    }
    return true
  }

  /** What was refused and is still plugged in becomes what it would have been without the denial. */
  async #admitAll(): Promise<void> {
    for (const { device } of this.#devices.values()) {
      await this.#options.kernel.admit(device)
    }
  }

  /** Decides again on the devices that are no media, and acts on all of them, or on those whose decision was turned round. */
  #decideAnew(actOn: 'all' | 'turned'): void {
    for (const [key, seen] of this.#devices) {
      if (isMedium(seen.device)) continue
      const decision = this.#options.decideUsb(seen.device, 'policy-changed')
      if (decision === null) continue
      if (actOn === 'turned' && decision.outcome === seen.decision.outcome) continue
      this.#devices.set(key, { device: seen.device, decision })
      this.#act({ ...seen.device, authorized: null }, decision)
    }
  }

  /** Renews, ends and counts what goes by time; called by itself each `RENEW_EVERY_MS`. */
  tick(): void {
    const { clock, desk, kernel, log, tell } = this.#options
    this.#usb.tick()
    for (const instance of desk.takeEnded()) this.#media.judgeAnew(instance)
    const work = async (): Promise<void> => {
      await this.#media.renew(clock.wallMs())
      if (!this.#isEnforcing) return
      const refused = await kernel.guardRefusals()
      const total = refused.reduce((sum, { count }) => sum + count, 0)
      const nameOf = (number: string) =>
        [...this.#disks.values()].find((disk) => disk.number === number)?.name ?? null
      const opens = refused.slice(0, 256).map((each) => ({ ...each, name: nameOf(each.number) }))
      if (total > 0) void tell({ kind: 'guard.refused', opens, total }, null)
    }
    work().catch((fault: unknown) => log.error({ fault: String(fault) }, 'leases not renewed'))
  }
}

function isMedium(device: UsbDevice): boolean {
  return device.descriptorFaults.length === 0 && isStorageOnly(usbFunctionsOf(device))
}

/** Made by software out of what is there: what lies under it is guarded, not it. */
function isVirtual(disk: BlockDevice): boolean {
  return disk.bus === 'loop' || disk.bus === 'mapped' || disk.bus === 'memory'
}

function nameOfStay(usb: UsbDevice | null, disk: string | null): string {
  const product = usb?.product ?? null
  if (typeof product === 'string') return product
  return usb === null ? (disk ?? '?') : `${usb.vendorId}:${usb.productId}`
}
