/**
 * A kernel in memory for media control: devices that are authorised and bound, disks that somebody may open. It keeps
 * what the real one guarantees: a disk appears only when a driver is bound, and nobody opens what was not given to him.
 */
import { type ActionStep, ShoukouError, type UsbDevice } from '@shoukou/protocol'
import { mediumOf } from '../../examination/fixtures/image.ts'
import type { DiskAccess, DiskNumbers, MediaKernel } from '../kernel-port.ts'

export interface PluggedMedium {
  readonly image: Buffer
  /** The disk that its driver makes. */
  readonly disk: string
  readonly canAirlock: boolean
}

export class KernelInMemory implements MediaKernel {
  canGuard = true
  keyboards = 1
  isDenying = false
  /** What was done, in order: `authorize 1-1`, `access sda lease read-only` … */
  readonly acts: string[] = []
  readonly access = new Map<string, DiskAccess>()
  readonly readOnly = new Set<string>()
  readonly sequences = new Map<string, number>()
  readonly #media = new Map<string, PluggedMedium>()
  readonly #disks = new Map<string, Buffer>()
  /** A driver was bound: the disk is there, and the sensors would tell of it. */
  onDisk: (name: string, path: string) => void = () => undefined
  /** The layer that this kernel does not have. */
  absent: string | null = null
  /** Fails the act of that name. */
  failing: string | null = null

  plug(path: string, medium: PluggedMedium): void {
    this.#media.set(path, medium)
  }

  addDisk(name: string, image: Buffer, sequence = 1): void {
    this.#disks.set(name, image)
    this.sequences.set(name, sequence)
  }

  hasDisk(name: string): boolean {
    return this.#disks.has(name)
  }

  async enforce() {
    this.isDenying = true
    this.acts.push('enforce')
    const layers = (['usb-default', 'usb-airlock', 'device-guard'] as const).map((layer) => ({
      layer,
      state: this.absent === layer ? ('absent' as const) : ('in-force' as const),
      detail: null,
    }))
    return { layers, spared: [] }
  }

  async release() {
    const wasDenying = this.isDenying
    this.isDenying = false
    this.acts.push('release')
    return wasDenying ? [{ layer: 'usb-default', state: 'absent', detail: null } as const] : []
  }

  guardRefusals = async () => []
  countKeyboards = async () => this.keyboards
  probeLate = async () => undefined
  announce = async () => undefined
  watchMedium = async () => undefined
  readPartitions = async () => undefined
  flush = async () => void this.acts.push('flush')

  authorize(device: UsbDevice) {
    return this.#act(`authorize ${pathOf(device)}`)
  }

  admit(device: UsbDevice) {
    return this.#bind('admit', pathOf(device))
  }

  probe(device: UsbDevice) {
    return this.#bind('probe', pathOf(device))
  }

  async #bind(act: string, path: string) {
    const steps = await this.#act(`${act} ${path}`)
    const medium = this.#media.get(path)
    if (medium !== undefined && steps[0]?.result === 'done') {
      this.addDisk(medium.disk, medium.image, this.sequences.get(medium.disk) ?? 1)
      this.onDisk(medium.disk, path)
    }
    return steps
  }

  async forget(device: UsbDevice | null, disk: DiskNumbers | null) {
    if (disk !== null) this.access.delete(disk.name)
    this.acts.push(`forget ${device === null ? '' : pathOf(device)} ${disk?.name ?? ''}`.trim())
  }

  async remove(device: UsbDevice) {
    const path = pathOf(device)
    const medium = this.#media.get(path)
    if (medium !== undefined) this.#disks.delete(medium.disk)
    return await this.#act(`remove ${path}`)
  }

  canAirlock(device: UsbDevice): boolean {
    return this.#media.get(pathOf(device))?.canAirlock ?? false
  }

  async openAirlock(device: UsbDevice) {
    const medium = this.#media.get(pathOf(device))
    if (medium === undefined) throw new Error('nothing is plugged in there')
    return { ...mediumOf(medium.image), method: 'airlock' as const }
  }

  async openDisk(name: string, how: { readonly method: 'guarded' | 'open' }) {
    const image = this.#disks.get(name)
    if (image === undefined) throw new ShoukouError('medium-unreadable', `there is no disk ${name}`)
    const isShut = this.isDenying && (this.access.get(name)?.kind ?? 'nobody') === 'nobody'
    if (isShut) throw new Error(`${name} was opened while nobody may`)
    return { ...mediumOf(image), method: how.method }
  }

  async readDisk(name: string): Promise<DiskNumbers | null> {
    if (!this.#disks.has(name)) return null
    return {
      name,
      sequence: this.sequences.get(name) ?? null,
      blocks: [{ name, number: '8:0' }],
      holders: [],
      passThrough: [],
    }
  }

  async setAccess(disk: DiskNumbers, access: DiskAccess) {
    this.access.set(disk.name, access)
    return await this.#act(
      `access ${disk.name} ${access.kind}${access.kind === 'lease' ? ` ${access.right}` : ''}`,
    )
  }

  async setReadOnly(disk: DiskNumbers, isReadOnly: boolean) {
    if (isReadOnly) this.readOnly.add(disk.name)
    else this.readOnly.delete(disk.name)
    return await this.#act(`${isReadOnly ? 'read-only' : 'writable'} ${disk.name}`)
  }

  async openView(disk: DiskNumbers) {
    this.acts.push(`view ${disk.name}`)
    if (this.failing !== null && 'view'.startsWith(this.failing))
      throw new ShoukouError('control-unavailable', 'no loop device is free')
    this.addDisk('loop0', this.#disks.get(disk.name) ?? Buffer.alloc(0))
    return { name: 'loop0', close: () => void this.acts.push('close loop0') }
  }

  async cut(name: string) {
    this.#disks.delete(name)
    return await this.#act(`cut ${name}`)
  }

  async #act(name: string): Promise<readonly ActionStep[]> {
    this.acts.push(name)
    const isFailing = this.failing !== null && name.startsWith(this.failing)
    const step = name.split(' ')[0] ?? name
    return [{ step, result: isFailing ? 'failed' : 'done', detail: isFailing ? 'EIO' : null }]
  }
}

function pathOf(device: UsbDevice): string {
  return typeof device.path === 'string' ? device.path : ''
}
