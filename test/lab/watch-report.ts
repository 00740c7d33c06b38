/** What the outside watcher tells, and what a window of it comes to. Pure. */

/** One line of the watcher. `at`: the guest's CLOCK_MONOTONIC, ms. */
export type Seen =
  | { readonly e: 'usb' | 'usb-gone'; readonly at: number; readonly path: string; readonly product: string }
  | {
      readonly e: 'bind'
      readonly at: number
      readonly path: string
      readonly subsystem: string
      readonly driver: string
      readonly devtype: 'usb_device' | 'usb_interface' | 'other'
    }
  | { readonly e: 'input'; readonly at: number; readonly path: string; readonly name: string }
  | { readonly e: 'net'; readonly at: number; readonly path: string }
  /** A block device (1) or SCSI generic node (0) is there. */
  | { readonly e: 'node'; readonly at: number; readonly name: string; readonly block: 0 | 1 }
  | {
      readonly e: 'read'
      readonly at: number
      readonly name: string
      readonly block: 0 | 1
      readonly bytes: number
      readonly over: 'system' | 'own'
    }
  | { readonly e: 'refused'; readonly at: number; readonly name: string; readonly errno: string }
  /** A followed log got a line with the text. */
  | { readonly e: 'line'; readonly at: number; readonly text: string }
  /** The watcher itself lost kernel events: the window proves nothing. */
  | { readonly e: 'lost'; readonly at: number; readonly errno: number }
  | { readonly e: 'did'; readonly at: number; readonly what: string; readonly tries: number }

export interface WatchReport {
  readonly seen: readonly Seen[]
  /** The first USB device that came, or null. */
  readonly addAt: number | null
  /** Drivers bound to USB interfaces; usbfs, which is a program's claim and no driver, is left out. */
  readonly binds: readonly string[]
  readonly inputNodes: readonly string[]
  readonly netDevices: readonly string[]
  /** Block devices and SCSI generic nodes that there were. */
  readonly nodes: readonly string[]
  readonly bytesRead: number
  /** ms from the USB device to the first driver, and to the first byte that could be read. */
  readonly addToBindMs: number | null
  readonly addToReadMs: number | null
  /** How often a read was tried. */
  readonly tries: number
}

/** Returns what a window comes to. @throws where the watcher itself was deaf in it. */
export function reportOf(seen: readonly Seen[], tries: number): WatchReport {
  if (seen.some(({ e }) => e === 'lost')) throw new Error('the watcher lost kernel events')
  const only = <E extends Seen['e']>(kind: E) =>
    seen.filter((one): one is Extract<Seen, { readonly e: E }> => one.e === kind)
  const addAt = seen.find(({ e }) => e === 'usb')?.at ?? null
  const binds = only('bind').filter(isDriverBind)
  const reads = only('read')
  const since = (one: Seen | undefined) => (one === undefined || addAt === null ? null : one.at - addAt)
  return {
    seen,
    addAt,
    binds: binds.map(({ driver, path }) => `${driver} ${path.split('/').at(-1) ?? ''}`),
    inputNodes: only('input').map(({ name }) => name),
    // A gadget has an interface on its own side as well.
    netDevices: only('net').flatMap(({ path }) =>
      path.includes('/gadget') ? [] : [path.split('/').at(-1) ?? ''],
    ),
    nodes: only('node').map(({ name }) => name),
    bytesRead: reads.reduce((sum, { bytes }) => sum + bytes, 0),
    addToBindMs: since(binds[0]),
    addToReadMs: since(reads[0]),
    tries,
  }
}

/** Reports whether a driver was bound to an interface of a USB device. */
export function isDriverBind(one: Seen): boolean {
  return one.e === 'bind' && one.devtype === 'usb_interface' && one.driver !== 'usbfs'
}
