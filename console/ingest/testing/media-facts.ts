/** What an agent tells of a stick, as the tests beside need it. */
import {
  type Decision,
  type Fact,
  type FactNamed,
  type Passport,
  type UsbDevice,
  usbInstanceOf,
} from '@shoukou/protocol'
import { usbStick } from '../../../test/support/facts.ts'

export const toExamine: Decision = { outcome: 'blocked', would: 'block', rule: 'medium-to-be-examined' }
export const refused = (rule: string): Decision => ({ outcome: 'blocked', would: 'block', rule })
export const allowed = (rule: string): Decision => ({ outcome: 'allowed', would: 'allow', rule })

export const stick = usbStick({ authorized: false })

export function passportOf(device: UsbDevice, more: Partial<Passport> = {}): Passport {
  const { vendorId, productId, deviceRelease: release, serial, manufacturer, product } = device
  return {
    bus: 'usb',
    usb: { vendorId, productId, release, serial, manufacturer, product, descriptorHash: null },
    inquiry: null,
    diskSerial: null,
    wwn: null,
    sizeBytes: 16_000_000_000,
    blockBytes: 512,
    partitionTable: null,
    fileSystems: [],
    ...more,
  }
}

export const attached = (
  device: UsbDevice = stick,
  origin: FactNamed<'usb.attached'>['origin'] = 'appeared',
): Fact => ({ kind: 'usb.attached', origin, sighting: 'snapshot', device })
export const detached = (device: UsbDevice = stick): Fact => ({
  kind: 'usb.detached',
  sighting: 'snapshot',
  device,
})

export interface Found {
  readonly number?: string
  readonly level?: FactNamed<'media.examined'>['identity']['level']
  readonly right?: 'none' | 'read-only' | 'read-write'
  readonly device?: UsbDevice
  readonly place?: FactNamed<'media.examined'>['place']
  readonly passport?: Passport
  readonly origin?: FactNamed<'media.examined'>['origin']
}

export function examined(found: Found = {}): FactNamed<'media.examined'> {
  const { device = stick, number = null, level = null, right = 'none', origin = 'appeared' } = found
  return {
    kind: 'media.examined',
    origin,
    place: found.place ?? { usbPath: device.path, disk: null, instance: usbInstanceOf(device) },
    method: 'airlock',
    passport: found.passport ?? passportOf(device),
    seal: { state: 'absent', reason: null, id: null },
    identity: { result: number === null ? 'unknown' : 'match', source: 'policy', number, level, reasons: [] },
    right,
    faults: [],
    tookMs: 120,
  }
}
