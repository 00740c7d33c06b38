/** USB control over sysfs. What is asked of it is `usb-control.ts`. */
import type { UsbControl } from './usb-control.ts'

export interface UsbControlOptions {
  /** Where sysfs is mounted. */
  readonly sys?: string
  /** How long one write may take, ms. */
  readonly deadlineMs?: number
}

export type OpenUsbControl = (options?: UsbControlOptions) => UsbControl
