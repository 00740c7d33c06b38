/**
 * What a USB device may do here, judged on everything it could be: the union of all configurations and alternate
 * settings, because a device may show its other side at any time. Pure; doing it is `agent/control`.
 *
 * A medium is never allowed here. It is examined, and what it holds decides.
 */
import { bytesOfRawText, type Origin, type Policy, rawTextKey, type UsbDevice } from '@shoukou/protocol'
import {
  isNetworkPath,
  isPhoneOrCamera,
  isStorage,
  isStorageOnly,
  suspiciousUnion,
  type UsbFunction,
  usbFunctionsOf,
} from '@shoukou/protocol/usb/functions.ts'
import { isSameText } from './own-things.ts'

export interface UsbSurroundings {
  readonly device: UsbDevice
  readonly origin: Origin
  readonly policy: Policy
  /** The other devices that are attached now, the refused among them. */
  readonly others: readonly UsbDevice[]
  /** Keyboards that work now; a device that was there at the start and works is counted with them. */
  readonly workingKeyboards: number
}

export type UsbRule =
  | 'malformed-descriptors'
  | 'hub'
  | 'approved-peripheral'
  | 'baseline'
  | 'medium-to-be-examined'
  | 'suspicious-composite'
  | 'phone-or-camera-connected'
  | 'wireless-input-device'
  | 'unregistered-network-adapter'
  | 'only-keyboard'
  | 'unregistered-peripheral'

export type UsbAlarm =
  /** Functions that no honest device unites: a disk that types, a keyboard with a network. */
  | 'suspicious-composite'
  /** A keyboard that nobody registered, and another works already. */
  | 'second-keyboard'
  /** A keyboard that nobody registered was let in, because none worked. */
  | 'unregistered-keyboard'
  /** It would have been taken away, and is the last keyboard. */
  | 'last-working-keyboard'
  /** A keyboard behind a hub that was not there at enrolment. */
  | 'keyboard-behind-new-hub'
  /** A keyboard and a disk behind one hub that was not there at enrolment. */
  | 'keyboard-beside-storage'
  | 'camera-or-microphone'

export interface UsbVerdict {
  /** `examine`: a medium; the airlock decides on what it holds. */
  readonly verdict: 'allow' | 'refuse' | 'examine'
  readonly rule: UsbRule
  readonly functions: readonly UsbFunction[]
  readonly alarms: readonly UsbAlarm[]
  /** Refused, and not to be taken away: a hub, or the last keyboard that works. */
  readonly spare: boolean
}

/** Decides on one device: one that appeared, or one that the sweep found (`origin` tells which). */
export function decideUsbDevice(input: UsbSurroundings): UsbVerdict {
  const { device } = input
  const functions = usbFunctionsOf(device)
  const judged = isWhole(device) ? judge(input, functions) : refuse('malformed-descriptors')
  const spare = judged.verdict === 'refuse' && mayNotBeTaken(input, functions)
  const alarms = new Set([...judged.alarms, ...companyAlarms(input, functions)])
  if (spare && has(functions, 'keyboard')) {
    alarms.delete('second-keyboard')
    alarms.add('last-working-keyboard')
  }
  return { verdict: judged.verdict, rule: judged.rule, functions, alarms: [...alarms], spare }
}

interface Judged {
  readonly verdict: UsbVerdict['verdict']
  readonly rule: UsbRule
  readonly alarms: readonly UsbAlarm[]
}

function judge(input: UsbSurroundings, functions: readonly UsbFunction[]): Judged {
  const { device, policy } = input
  if (isHubOnly(functions)) return allow('hub')
  // Before anything that knows the device by its numbers: those can be had from any shop's shelf, this can't be honest.
  const isDishonest = has(functions, 'keyboard') && suspiciousUnion(functions) !== null
  if (isDishonest) return refuse('suspicious-composite', ['suspicious-composite'])
  const hasStorage = functions.some(isStorage)
  if (!hasStorage && isApproved(device, policy)) return allow('approved-peripheral')
  if (!hasStorage && isOwn(input, functions)) return allow('baseline')
  if (isStorageOnly(functions)) return { verdict: 'examine', rule: 'medium-to-be-examined', alarms: [] }
  if (isPhoneOrCamera(functions)) return refuse('phone-or-camera-connected')
  if (hasStorage) return refuse('suspicious-composite', ['suspicious-composite'])
  if (has(functions, 'wireless-receiver'))
    return refuse('wireless-input-device', secondKeyboard(input, functions))
  if (isNetworkPath(functions)) return refuse('unregistered-network-adapter')
  if (isInputOnly(functions) && has(functions, 'keyboard') && input.workingKeyboards === 0)
    return allow('only-keyboard', ['unregistered-keyboard'])
  const isSensing = functions.some((each) => each === 'audio' || each === 'video' || each === 'av')
  return refuse('unregistered-peripheral', [
    ...secondKeyboard(input, functions),
    ...(isSensing ? (['camera-or-microphone'] as const) : []),
  ])
}

/** What can't be read in full, or says what is not so, may hide anything: it is refused whatever else it is. */
function isWhole(device: UsbDevice): boolean {
  return device.descriptors !== null && device.descriptorFaults.length === 0 && device.interfaces.length > 0
}

/** The weak way, by what the device says of itself; a serial where the administrator wrote one. */
function isApproved(device: UsbDevice, policy: Policy): boolean {
  return (policy.settings.approvedPeripherals ?? []).some(
    (each) =>
      each.vendorId === device.vendorId &&
      each.productId === device.productId &&
      (each.serial === null || isSameText(each.serial, device.serial)),
  )
}

/**
 * Whether it is one of the computer's own: on its port; keyboards and mice on any, because buses are numbered anew at
 * each boot and nobody may be locked out over that.
 *
 * No more of a kind than were there at enrolment: a second "own" keyboard beside the first is somebody's copy.
 */
function isOwn({ device, policy, others }: UsbSurroundings, functions: readonly UsbFunction[]): boolean {
  const alike = policy.baseline.usb.filter((own) => isAlike(own, device))
  if (alike.some((own) => isSameText(own.path, device.path))) return true
  if (!isInputOnly(functions.filter((each) => each !== 'wireless-receiver'))) return false
  return others.filter((other) => isAlike(other, device)).length < alike.length
}

function isAlike(a: Pick<UsbDevice, 'vendorId' | 'productId' | 'serial'>, b: UsbDevice): boolean {
  return a.vendorId === b.vendorId && a.productId === b.productId && isSameText(a.serial, b.serial)
}

/**
 * Hubs, because a keyboard may hang behind them, and the last keyboard: found by the sweep, working, and not also a way
 * for data. One that was kept out from the first has nothing to be spared.
 */
function mayNotBeTaken(input: UsbSurroundings, functions: readonly UsbFunction[]): boolean {
  const { device, origin, workingKeyboards } = input
  if (origin === 'appeared' || device.authorized === false) return false
  if (isHubOnly(functions)) return true
  if (!has(functions, 'keyboard') || workingKeyboards > 1) return false
  return !functions.some(isStorage) && !isNetworkPath(functions) && !isPhoneOrCamera(functions)
}

/** What stands behind one new hub with it: two devices that came as one (a "stick" that holds a hub and a keyboard). */
function companyAlarms(
  { device, policy, others }: UsbSurroundings,
  functions: readonly UsbFunction[],
): readonly UsbAlarm[] {
  const isKeyboard = has(functions, 'keyboard')
  const hub = parentPath(device)
  if (hub === null || (!isKeyboard && !functions.some(isStorage))) return []
  const isOldHub = policy.baseline.usb.some((own) => rawTextKey(own.path) === rawTextKey(hub))
  if (isOldHub) return []
  const siblings = others.filter((other) => parentPath(other) === hub).map((other) => usbFunctionsOf(other))
  const isMixed = isKeyboard
    ? siblings.some((one) => one.some(isStorage))
    : siblings.some((one) => has(one, 'keyboard'))
  return [
    ...(isKeyboard ? (['keyboard-behind-new-hub'] as const) : []),
    ...(isMixed ? (['keyboard-beside-storage'] as const) : []),
  ]
}

/** `1-1.2` hangs behind the hub `1-1`; `1-1` on the computer itself. */
function parentPath(device: UsbDevice): string | null {
  const path = Buffer.from(bytesOfRawText(device.path)).toString('latin1')
  const at = path.lastIndexOf('.')
  return at < 0 ? null : path.slice(0, at)
}

function secondKeyboard(
  { workingKeyboards }: UsbSurroundings,
  functions: readonly UsbFunction[],
): readonly UsbAlarm[] {
  return has(functions, 'keyboard') && workingKeyboards > 0 ? ['second-keyboard'] : []
}

/** Keyboards show their media keys as another HID interface, so that one belongs to them. */
function isInputOnly(functions: readonly UsbFunction[]): boolean {
  return (
    functions.length > 0 &&
    functions.every((each) => each === 'keyboard' || each === 'mouse' || each === 'hid-other') &&
    functions.some((each) => each !== 'hid-other')
  )
}

function isHubOnly(functions: readonly UsbFunction[]): boolean {
  return functions.length > 0 && functions.every((each) => each === 'hub')
}

function has(functions: readonly UsbFunction[], wanted: UsbFunction): boolean {
  return functions.includes(wanted)
}

function allow(rule: UsbRule, alarms: readonly UsbAlarm[] = []): Judged {
  return { verdict: 'allow', rule, alarms }
}

function refuse(rule: UsbRule, alarms: readonly UsbAlarm[] = []): Judged {
  return { verdict: 'refuse', rule, alarms }
}
