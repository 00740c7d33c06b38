/** Media control's kernel: the acts of `agent/actions` and the ways in of `agent/examination`, behind one port. */
import { existsSync, readlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { ActionStep, BlockDevice, UsbDevice } from '@shoukou/protocol'
import { cutBlockDevice, writeUevent } from '../actions/block-cut-linux.ts'
import { rereadPartitions, setDiskReadOnly } from '../actions/block-read-only-linux.ts'
import { type DeviceGuard, type GuardEntry, type GuardKey, guardKeyOf } from '../actions/device-guard.ts'
import { openDeviceGuard, removeDeviceGuard } from '../actions/device-guard-linux.ts'
import { defaultPins } from '../actions/device-guard-places-linux.ts'
import { readAllDiskNumbers, readDiskNumbers } from '../actions/disk-numbers-linux.ts'
import { readNumbersInUse } from '../actions/disks-in-use-linux.ts'
import { type GuardPlan, isForSystem, majorEntries, planGuard } from '../actions/guard-plan.ts'
import { type HoldPlaces, keepSwitches, switchesBefore } from '../actions/hold-marks-linux.ts'
import { loadLoopDriver, openReadOnlyView, type ReadOnlyView } from '../actions/read-only-view-linux.ts'
import type { UsbActResult, UsbControl } from '../actions/usb-control.ts'
import { openUsbControl } from '../actions/usb-control-linux.ts'
import { SysfsWriter } from '../actions/usb-control-writes-linux.ts'
import { loadLibc } from '../base/libc-linux.ts'
import { openBlockFile } from '../examination/block-file-linux.ts'
import { hasBulkOnlyDisk, openAirlock } from '../examination/usbfs-linux.ts'
import type { DiskAccess, DiskNumbers, LayerReport, MediaKernel } from './kernel-port.ts'
import { readWholeFile } from './read-whole-linux.ts'

export interface MediaKernelOptions {
  /** Disks as the sensors read them. */
  readonly readDisks: () => Promise<readonly BlockDevice[]>
  readonly bootMs: () => number
  readonly places: HoldPlaces
  readonly sys?: string
  readonly proc?: string
}

/** A right that is not renewed ends after this, ms: three renewals may be missed. */
const leaseMs = 20_000
const pollMs = '1000'
const USBFS_MAJOR = 189
const devicesPerBus = 128

/** Returns the kernel of this computer. */
export function openMediaKernel(options: MediaKernelOptions): MediaKernel {
  return new LinuxMediaKernel(options)
}

class LinuxMediaKernel implements MediaKernel {
  readonly #options: MediaKernelOptions
  readonly #sys: string
  readonly #proc: string
  readonly #usb: UsbControl
  readonly #writer = new SysfsWriter(2_000)
  #guard: DeviceGuard | null = null

  constructor(options: MediaKernelOptions) {
    this.#options = options
    this.#sys = options.sys ?? '/sys'
    this.#proc = options.proc ?? '/proc'
    this.#usb = openUsbControl({ sys: this.#sys })
  }

  get canGuard(): boolean {
    return this.#guard?.features.hasOwner === true
  }

  async enforce(isOwn: (disk: BlockDevice) => boolean) {
    await keepSwitches(this.#options.places, await this.#usb.readSwitches())
    const denial = await this.#usb.deny()
    const detail = denial.steps.find(({ result }) => result === 'failed')?.detail ?? null
    const layers: LayerReport[] = [
      { layer: 'usb-default', state: denial.usbDefault, detail },
      { layer: 'usb-airlock', state: denial.usbAirlock, detail },
    ]
    const { layer, spared } = await this.#guardDisks(isOwn)
    return { layers: [...layers, layer], spared }
  }

  async release() {
    const { places } = this.#options
    const switches = await this.#usb.readSwitches()
    const hadGuard = await this.#dropGuard()
    // Nothing was ever denied here: then there is nothing to say either.
    if (switches.driversAutoprobe !== '0' && !hadGuard) return []
    const lifted = await this.#usb.restore(await switchesBefore(places))
    const detail = lifted.steps.find(({ result }) => result === 'failed')?.detail ?? null
    return [
      { layer: 'usb-default', state: lifted.usbDefault, detail },
      { layer: 'usb-airlock', state: lifted.usbAirlock, detail },
      { layer: 'device-guard', state: 'absent', detail: null },
    ] satisfies LayerReport[]
  }

  async guardRefusals() {
    // Asked every few seconds: a view that somebody used to the last is let go of here.
    this.#endRightsOfGoneDisks()
    const opens = this.#guard?.refusals().opens ?? []
    return opens.map(({ type, major, minor, count }) => ({ type, number: `${major}:${minor}`, count }))
  }

  admit(device: UsbDevice) {
    return stepsOf(this.#usb.admit(pathOf(device), device.device))
  }

  async authorize(device: UsbDevice) {
    const shut = this.#shutUsbfs(device)
    if (shut.some(({ result }) => result === 'failed')) return shut
    return [...shut, ...(await stepsOf(this.#usb.authorizeOnly(pathOf(device), device.device)))]
  }

  async probe(device: UsbDevice) {
    // The disk that appears may get the number of one that is gone: what that was allowed must have ended.
    this.#endRightsOfGoneDisks()
    return await stepsOf(this.#usb.probe(pathOf(device), device.device))
  }

  async forget(device: UsbDevice | null, disk: DiskNumbers | null) {
    if (disk !== null) await this.setAccess(disk, { kind: 'nobody' })
    const key = device === null ? null : usbfsKeyOf(device)
    if (key !== null) this.#guard?.remove(key)
    this.#endRightsOfGoneDisks()
  }

  remove(device: UsbDevice) {
    return stepsOf(this.#usb.remove(pathOf(device), device.device))
  }

  countKeyboards() {
    return this.#usb.workingKeyboards()
  }

  async probeLate() {
    await this.#guardLateMajors()
    const { hosts } = await this.#usb.readSwitches()
    for (const { name } of hosts) await this.#usb.probeRootHub(name)
    for (const path of new Set((await this.#usb.unboundInterfaces()).map((each) => each.path)))
      await this.#usb.probe(path)
  }

  canAirlock(device: UsbDevice): boolean {
    return device.descriptors !== null && hasBulkOnlyDisk(Buffer.from(device.descriptors, 'base64'))
  }

  openAirlock(device: UsbDevice, forWriting: boolean) {
    const descriptors = Buffer.from(device.descriptors ?? '', 'base64')
    return openAirlock({ bus: device.bus ?? 0, device: device.device ?? 0, descriptors }, { forWriting })
  }

  openDisk(name: string, how: { readonly method: 'guarded' | 'open'; readonly forWriting: boolean }) {
    return openBlockFile({ ...how, path: `/dev/${name}`, sysFolder: this.#folderOf(name) })
  }

  async readDisk(name: string): Promise<DiskNumbers | null> {
    const numbers = await readDiskNumbers(this.#sys, name.replaceAll('/', '!'))
    if (numbers === null) return null
    return {
      name,
      sequence: numbers.diskSequence,
      blocks: [numbers, ...numbers.partitions].map((each) => ({ name: each.name, number: each.number })),
      holders: numbers.holders,
      passThrough: numbers.characters.map(({ number }) => number),
    }
  }

  async setAccess(disk: DiskNumbers, access: DiskAccess): Promise<readonly ActionStep[]> {
    const guard = this.#guard
    if (guard === null) return [{ step: 'guard', result: 'skipped', detail: 'no guard on this kernel' }]
    try {
      for (const { number } of disk.blocks) {
        const key = guardKeyOf('block', number)
        if (access.kind === 'nobody') guard.remove(key)
        else guard.set({ key, ...this.#rightOf(access) })
      }
      // What was stacked on it (device mapper, loop) is open by its kind: it ends with the right to what lies beneath.
      for (const number of disk.holders) {
        const key = guardKeyOf('block', number)
        if (access.kind === 'nobody') guard.set({ key, right: 'none', ownerPid: null, untilBootMs: null })
        else if (access.kind !== 'agent-alone') guard.remove(key)
      }
      // Commands that pass the block layer by are for own disks alone.
      for (const number of disk.passThrough) {
        const key = guardKeyOf('character', number)
        if (access.kind === 'own') guard.set({ key, ...this.#rightOf(access) })
        else guard.remove(key)
      }
      return [{ step: `guard-${access.kind}`, result: 'done', detail: null }]
    } catch (fault) {
      return [{ step: `guard-${access.kind}`, result: 'failed', detail: String(fault).slice(0, 1_000) }]
    }
  }

  setReadOnly(disk: DiskNumbers, isReadOnly: boolean) {
    const nodes = disk.blocks.map(({ name, number }) => ({ path: `/dev/${name}`, number }))
    return setDiskReadOnly(nodes, isReadOnly)
  }

  async openView(disk: DiskNumbers) {
    const block = Number(await readWholeFile(`${this.#folderOf(disk.name)}/queue/logical_block_size`))
    await loadLoopDriver()
    await this.#guardLateMajors()
    const view = await openReadOnlyView(
      `/dev/${disk.name}`,
      Number.isInteger(block) && block >= 512 ? block : 512,
    )
    return { name: view.name, close: () => this.#closeView(view) }
  }

  /** While somebody uses it, it goes on showing the disk: nobody else may open it then. Else it is anybody's again. */
  #closeView(view: ReadOnlyView): void {
    view.close()
    for (const entry of this.#guard?.entries() ?? []) {
      if (entry.untilBootMs === null || this.#loopOf(entry.key) !== view.name) continue
      this.#guard?.set({ ...entry, ownerPid: process.pid, untilBootMs: null })
    }
    this.#endRightsOfGoneDisks()
  }

  /** Returns the loop device whose node, or whose partition, has this number; null for all else. */
  #loopOf({ type, major, minor }: GuardKey): string | null {
    if (type !== 'block') return null
    const folder = linkOf(`${this.#sys}/dev/block/${major}:${minor}`)
    return /\/block\/(loop\d+)(\/|$)/.exec(folder ?? '')?.[1] ?? null
  }

  async readPartitions(disk: DiskNumbers): Promise<void> {
    const [whole] = disk.blocks
    if (whole === undefined) return
    // A medium without a partition table, or one in use, has nothing to be read anew.
    await rereadPartitions({ path: `/dev/${whole.name}`, number: whole.number }).catch(() => undefined)
  }

  async watchMedium(disk: DiskNumbers): Promise<void> {
    const path = `${this.#folderOf(disk.name)}/events_poll_msecs`
    const asked = await readWholeFile(path)
    // -1: the system's default decides, which is not to ask at all.
    if (asked !== null && asked.trim() === '-1') await writeFile(path, pollMs)
  }

  async announce(disk: DiskNumbers): Promise<void> {
    const [whole, ...partitions] = disk.blocks
    if (whole === undefined) return
    const folder = this.#folderOf(disk.name)
    await writeUevent(folder, 'change', this.#writer)
    for (const { name } of partitions) await writeUevent(`${folder}/${name}`, 'change', this.#writer)
  }

  async cut(name: string) {
    return (await cutBlockDevice(this.#folderOf(name), { writer: this.#writer })).steps
  }

  async flush(): Promise<void> {
    await (await loadLibc()).sync()
  }

  async #guardDisks(isOwn: (disk: BlockDevice) => boolean) {
    const plan = await this.#plan(isOwn)
    const outcome = await openDeviceGuard({ initial: plan.entries })
    if (outcome.kind === 'absent') {
      const detail = `${outcome.reason} ${outcome.remedy}`.slice(0, 1_000)
      return { layer: { layer: 'device-guard', state: 'absent', detail } as const, spared: [] }
    }
    this.#guard?.close()
    this.#guard = outcome.guard
    const lacks = outcome.features.hasOwner && outcome.features.hasLease
    const detail = lacks ? null : 'this kernel tells the guard neither the process nor the time'
    // In use otherwise (a stick that was mounted before): open until it has been examined like any other medium.
    const spared = plan.spared.filter(({ uses }) => uses.some(isForSystem)).map(({ name }) => name)
    return { layer: { layer: 'device-guard', state: 'in-force', detail } as const, spared }
  }

  /** Drivers are given their numbers when they are loaded: what lets commands through is shut then, what is stacked opened. */
  async #guardLateMajors(): Promise<void> {
    const guard = this.#guard
    if (guard === null) return
    for (const entry of majorEntries((await readWholeFile(`${this.#proc}/devices`)) ?? '')) guard.set(entry)
  }

  async #plan(isOwn: (disk: BlockDevice) => boolean): Promise<GuardPlan> {
    const [known, disks, procDevices, inUse] = await Promise.all([
      this.#options.readDisks(),
      readAllDiskNumbers(this.#sys),
      readWholeFile(`${this.#proc}/devices`),
      readNumbersInUse({ proc: this.#proc, sys: this.#sys }),
    ])
    const own = new Set(known.filter(isOwn).map(({ name }) => (typeof name === 'string' ? name : '')))
    return planGuard({
      disks: disks.map((disk) => ({ ...disk, isOwn: own.has(disk.name.replaceAll('!', '/')) })),
      procDevices: procDevices ?? '',
      inUse,
    })
  }

  async #dropGuard(): Promise<boolean> {
    // An ordinary account may not even ask the kernel for it, and never set one.
    if (this.#guard === null && !existsSync(defaultPins)) return false
    this.#guard?.close()
    this.#guard = null
    return await removeDeviceGuard()
  }

  #rightOf(access: Exclude<DiskAccess, { kind: 'nobody' }>): Omit<GuardEntry, 'key'> {
    switch (access.kind) {
      case 'own':
        return { right: 'read-write', ownerPid: null, untilBootMs: null }
      case 'agent-alone':
        return { right: 'read-write', ownerPid: process.pid, untilBootMs: null }
      case 'lease': {
        const hasLease = this.#guard?.features.hasLease === true
        return {
          right: access.right,
          ownerPid: null,
          untilBootMs: hasLease ? this.#options.bootMs() + leaseMs : null,
        }
      }
    }
  }

  #endRightsOfGoneDisks(): void {
    for (const { key, ownerPid, untilBootMs } of this.#guard?.entries() ?? []) {
      if (key.type !== 'block' || (ownerPid === null && untilBootMs === null)) continue
      const loop = this.#loopOf(key)
      // A loop device stays when what it showed is gone.
      const place = loop === null ? `dev/block/${key.major}:${key.minor}` : `block/${loop}/loop/backing_file`
      if (!existsSync(`${this.#sys}/${place}`)) this.#guard?.remove(key)
    }
  }

  /** The usbfs node of a medium: raw commands over it would pass everything else by, for root too. */
  #shutUsbfs(device: UsbDevice): ActionStep[] {
    if (this.#guard === null || !this.canGuard) return []
    const key = usbfsKeyOf(device)
    if (key === null) return [{ step: 'guard-usbfs', result: 'failed', detail: 'the device has no number' }]
    try {
      this.#guard.set({ key, right: 'read-write', ownerPid: process.pid, untilBootMs: null })
      return [{ step: 'guard-usbfs', result: 'done', detail: null }]
    } catch (fault) {
      return [{ step: 'guard-usbfs', result: 'failed', detail: String(fault).slice(0, 1_000) }]
    }
  }

  #folderOf(name: string): string {
    return `${this.#sys}/block/${name.replaceAll('/', '!')}`
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    // No such device any more.
    return null
  }
}

async function stepsOf(act: Promise<UsbActResult>): Promise<readonly ActionStep[]> {
  return (await act).steps
}

/** Numbers of usbfs nodes (kernel, drivers/usb/core/devio.c): 128 devices a bus, both counted from 1. */
function usbfsKeyOf({ bus, device }: UsbDevice): GuardKey | null {
  if (bus === null || device === null) return null
  return { type: 'character', major: USBFS_MAJOR, minor: (bus - 1) * devicesPerBus + (device - 1) }
}

function pathOf(device: UsbDevice): string {
  return typeof device.path === 'string' ? device.path : ''
}
