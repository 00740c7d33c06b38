/** Who controls the guest's USB bus for a while. */
export interface Arm {
  readonly name: string
  /** The process that decides; null: there is none. */
  readonly pidFile: string | null
  /** Where its decisions are written; null: nowhere. */
  readonly log: string | null
  /** Takes control; returns when it decides on plugs. */
  start(): Promise<void>
  /** Gives control up: the next arm finds the bus as the kernel makes it. */
  stop(): Promise<void>
  /** Reports whether a line of the log says that the device is refused. */
  isRefusal(line: string): boolean
  /** Reports whether a line of the log is the record of a device's coming. */
  isRecord(line: string): boolean
}

/** Serials that both rule sets allow. */
export const ALLOWED_SERIALS = {
  'allowed bulk-only stick': 'BENCH-OK-BOT',
  'allowed UAS stick': 'BENCH-OK-UAS',
  'allowed keyboard': 'BENCH-OK-KBD',
} as const

/** Allowed as well: plugged while the deciding process was frozen. */
export const FLOOD_SERIALS = ['BENCH-FLOOD-1', 'BENCH-FLOOD-2', 'BENCH-FLOOD-3'] as const

/** What QEMU's devices say of themselves. */
export const IDS = {
  'bulk-only stick': { vendorId: '46f4', productId: '0001' },
  'UAS stick': { vendorId: '46f4', productId: '0003' },
  keyboard: { vendorId: '0627', productId: '0001' },
} as const
