/**
 * What media control asks of the kernel. The real one is `media-kernel-linux.ts`; the order of the calls, and what each
 * must leave behind when the agent dies after it, is media control's own matter.
 */
import type { ActionStep, BlockDevice, FactNamed, UsbDevice } from '@shoukou/protocol'
import type { BlockSource } from '../examination/block-source.ts'

export type LayerReport = FactNamed<'control.state'>['layers'][number]

/** One disk with everything of it that can be opened, as sysfs has it now. */
export interface DiskNumbers {
  readonly name: string
  /** The kernel's running number of disks and media; null before Linux 5.15. */
  readonly sequence: number | null
  /** The disk itself, then its partitions; `number` is `major:minor`. */
  readonly blocks: readonly { readonly name: string; readonly number: string }[]
  /** `major:minor` of the disks that software made on top of it. */
  readonly holders: readonly string[]
  /** `major:minor` of its SCSI generic and like character nodes. */
  readonly passThrough: readonly string[]
}

/** Who may open a disk. A lease ends by itself unless it is renewed: a frozen agent's rights run out. */
export type DiskAccess =
  | { readonly kind: 'agent-alone' }
  | { readonly kind: 'lease'; readonly right: 'read-only' | 'read-write' }
  | { readonly kind: 'own' }
  | { readonly kind: 'nobody' }

/** A read-only view of a disk that only the agent may open. */
export interface DiskView {
  /** The kernel's name of the device that everybody else reads. */
  readonly name: string
  close(): void
}

export interface GuardRefusal {
  readonly type: 'block' | 'character'
  readonly number: string
  readonly count: number
}

export interface MediaKernel {
  /**
   * Puts the denial into force, each layer told. Own disks and what is in use for the system stay open; the names of
   * those in use that are not the computer's own are `spared`.
   */
  enforce(isOwn: (disk: BlockDevice) => boolean): Promise<{
    readonly layers: readonly LayerReport[]
    readonly spared: readonly string[]
  }>
  /** Takes the denial away and brings back what stood before it. */
  release(): Promise<readonly LayerReport[]>
  /** Whether the guard can give a disk to the agent alone: without it, only the airlock can examine. */
  readonly canGuard: boolean
  /** Opens that the guard refused since the last call. */
  guardRefusals(): Promise<readonly GuardRefusal[]>

  // Acts on a USB device are on the one that was decided on: where another stands on its port by now, nothing is done.
  /** Authorises a USB device and binds its drivers. */
  admit(device: UsbDevice): Promise<readonly ActionStep[]>
  /** Authorises a USB device and binds nothing; nobody but the agent can open its usbfs node. */
  authorize(device: UsbDevice): Promise<readonly ActionStep[]>
  /** Binds the drivers of an authorised device. */
  probe(device: UsbDevice): Promise<readonly ActionStep[]>
  /** A medium is gone: what its numbers were allowed ends now, before another device can have them. */
  forget(device: UsbDevice | null, disk: DiskNumbers | null): Promise<void>
  /** Takes the authorisation away. */
  remove(device: UsbDevice): Promise<readonly ActionStep[]>
  /** Keyboards that a driver serves now, whatever their bus. */
  countKeyboards(): Promise<number>
  /** Binds what waited for a driver that is there now, and brings up host controllers that came later. */
  probeLate(): Promise<void>

  canAirlock(device: UsbDevice): boolean
  openAirlock(device: UsbDevice, forWriting: boolean): Promise<BlockSource>
  openDisk(
    name: string,
    how: { readonly method: 'guarded' | 'open'; readonly forWriting: boolean },
  ): Promise<BlockSource>
  readDisk(name: string): Promise<DiskNumbers | null>
  setAccess(disk: DiskNumbers, access: DiskAccess): Promise<readonly ActionStep[]>
  setReadOnly(disk: DiskNumbers, isReadOnly: boolean): Promise<readonly ActionStep[]>
  /** Makes the view through which a read-only medium is read: commands that pass a disk's write protection stop there. */
  openView(disk: DiskNumbers): Promise<DiskView>
  /** Has the kernel read the partition table, which it could not while the disk was shut. */
  readPartitions(disk: DiskNumbers): Promise<void>
  /** Has the kernel ask a drive that takes media, every second or two, whether another one is in it. */
  watchMedium(disk: DiskNumbers): Promise<void>
  /** Has udev look at a disk again that it could not open when it came. */
  announce(disk: DiskNumbers): Promise<void>
  /** Without a guard: takes the disk off its bus. */
  cut(name: string): Promise<readonly ActionStep[]>
  /** Writes everything that waits to all disks, before one of them is taken away. */
  flush(): Promise<void>
}
