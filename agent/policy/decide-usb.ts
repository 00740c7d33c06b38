/** What a USB device may do here, judged on everything it could be. Pure. */
import type { Origin, Policy, UsbDevice } from '@shoukou/protocol'
import type { UsbFunction } from '@shoukou/protocol/usb/functions.ts'

export interface UsbSurroundings {
  readonly device: UsbDevice
  readonly origin: Origin
  readonly policy: Policy
  /** The other devices that are attached now. */
  readonly others: readonly UsbDevice[]
  /** Keyboards that work now; a device that was there at the start and works is counted with them. */
  readonly workingKeyboards: number
}

export type UsbAlarm =
  | 'suspicious-composite'
  | 'second-keyboard'
  | 'unregistered-keyboard'
  | 'last-working-keyboard'
  | 'keyboard-behind-new-hub'
  | 'keyboard-beside-storage'
  | 'camera-or-microphone'
  | 'placeholder-approved'

export interface UsbVerdict {
  /** `examine`: a medium; the airlock decides on what it holds. */
  readonly verdict: 'allow' | 'refuse' | 'examine'
  readonly rule: string
  readonly functions: readonly UsbFunction[]
  readonly alarms: readonly UsbAlarm[]
  /** Refused, and not to be taken away: a hub, or the last keyboard that works. */
  readonly spare: boolean
}

export type DecideUsbDevice = (input: UsbSurroundings) => UsbVerdict
