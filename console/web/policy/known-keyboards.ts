/** Which keyboards a computer has shown, and whether enforcing would let each of them in. Pure. */
import type { ApprovedPeripheral, Baseline, PolicySettings } from '@shoukou/protocol'
import type { UsbDevice } from '@shoukou/protocol/events/shapes.ts'
import { rawTextKey } from '@shoukou/protocol/raw-text.ts'
import type { RecordItem } from '../../api/contract.ts'
import { readRecord } from '../evidence/read-record.ts'

export interface KnownKeyboard {
  readonly device: UsbDevice
  /** `baseline`: there at enrolment. `approved`: in the policy as it is edited. `unknown`: would be refused. */
  readonly standing: 'baseline' | 'approved' | 'unknown'
}

type Names = Pick<ApprovedPeripheral, 'vendorId' | 'productId' | 'serial'>

/** Returns every keyboard among the attachments, newest first, each once. */
export function knownKeyboards(
  attachments: readonly RecordItem[],
  baseline: Baseline,
  settings: PolicySettings,
): KnownKeyboard[] {
  const found = new Map<string, KnownKeyboard>()
  for (const record of attachments) {
    const fact = readRecord(record.raw)?.fact
    if (fact?.kind !== 'usb.attached' || !isKeyboard(fact.device)) continue
    const { device } = fact
    const key = keyOf(device)
    if (!found.has(key)) found.set(key, { device, standing: standingOf(device, baseline, settings) })
  }
  return [...found.values()]
}

/** Returns the row by which a keyboard is approved. */
export function approvalOfKeyboard(device: UsbDevice, note: string): ApprovedPeripheral {
  return { vendorId: device.vendorId, productId: device.productId, serial: device.serial, note }
}

function standingOf(
  device: UsbDevice,
  baseline: Baseline,
  settings: PolicySettings,
): KnownKeyboard['standing'] {
  if (baseline.usb.some((one) => keyOf(one) === keyOf(device))) return 'baseline'
  const isApproved = (settings.approvedPeripherals ?? []).some(
    (one) =>
      one.vendorId === device.vendorId &&
      one.productId === device.productId &&
      (one.serial === null || keyOf(one) === keyOf(device)),
  )
  return isApproved ? 'approved' : 'unknown'
}

/** USB HID 1.11: class 3 with the boot interface of a keyboard. */
function isKeyboard(device: UsbDevice): boolean {
  return device.interfaces.some((one) => one.class === '03' && one.protocol === '01')
}

function keyOf({ vendorId, productId, serial }: Names): string {
  return JSON.stringify([vendorId, productId, serial === null ? null : rawTextKey(serial)])
}
