/** Devices built byte by byte and read as the sensor reads them, and a policy to decide on them: for tests. */
import { DEFAULT_POLICY_SETTINGS, type Policy, type PolicySettings, type UsbDevice } from '@shoukou/protocol'
import {
  configurationDescriptor,
  deviceDescriptor,
  type InterfaceSpec,
} from '../../sensors/testing/usb-descriptors.ts'
import { parseDescriptors } from '../../sensors/usb/parse-descriptors.ts'
import { decideUsbDevice, type UsbSurroundings } from '../decide-usb.ts'

export const bulkOnly = [8, 6, 0x50] as const
export const uas = [8, 6, 0x62] as const
export const keyboard = [3, 1, 1] as const
export const mouse = [3, 1, 2] as const
export const mediaKeys = [3, 0, 0] as const
export const hub = [9, 0, 0] as const

/** A device of one configuration for each list of codes, built byte by byte and read as the sensor reads it. */
export function deviceOf(
  configurations: readonly (readonly (readonly [number, number, number])[])[],
  about: Partial<UsbDevice> = {},
): UsbDevice {
  return deviceFrom(
    configurations.map((codes) => codes.map((each, number) => ({ number, codes: each, endpoints: 2 }))),
    about,
  )
}

export function deviceFrom(
  configurations: readonly (readonly InterfaceSpec[])[],
  about: Partial<UsbDevice> = {},
): UsbDevice {
  const { vendorId = '0951', productId = '1666' } = about
  const bytes = Buffer.concat([
    deviceDescriptor(Number.parseInt(vendorId, 16), Number.parseInt(productId, 16), configurations.length),
    ...configurations.map((interfaces, index) => configurationDescriptor(index + 1, interfaces)),
  ])
  return deviceOfBytes(bytes, { vendorId, productId, ...about })
}

export function deviceOfBytes(bytes: Buffer, about: Partial<UsbDevice> = {}): UsbDevice {
  const parsed = parseDescriptors(bytes)
  return {
    path: '1-1',
    bus: 1,
    device: 5,
    vendorId: '0951',
    productId: '1666',
    deviceRelease: '0100',
    deviceClass: '00',
    serial: null,
    manufacturer: null,
    product: null,
    speedMbps: 480,
    authorized: false,
    interfaces: [...parsed.interfaces],
    descriptors: bytes.toString('base64'),
    descriptorFaults: [...parsed.faults],
    ...about,
  }
}

export function policyOf(settings: Partial<PolicySettings> = {}, own: readonly UsbDevice[] = []): Policy {
  return {
    v: 1,
    agent: 'a',
    computer: 'c',
    version: 1,
    issuedAtMs: 1,
    settings: { ...DEFAULT_POLICY_SETTINGS, ...settings },
    baseline: {
      takenAtMs: 1,
      usb: own.map(({ path, vendorId, productId, serial }) => ({ path, vendorId, productId, serial })),
      disks: [],
      interfaces: [],
    },
  }
}

export function decideOn(device: UsbDevice, around: Partial<UsbSurroundings> = {}) {
  const verdict = decideUsbDevice({
    device,
    origin: 'appeared',
    policy: policyOf(),
    others: [],
    workingKeyboards: 1,
    ...around,
  })
  return verdict
}
