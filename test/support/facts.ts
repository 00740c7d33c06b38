/** Facts, records and policies as tests need them; values are those of a QEMU guest's devices. */
import {
  type BlockDevice,
  DEFAULT_POLICY_SETTINGS,
  type Fact,
  type NetworkInterface,
  type Policy,
  type PolicySettings,
  type Record,
  type UsbDevice,
} from '@shoukou/protocol'

export function usbStick(more: Partial<UsbDevice> = {}): UsbDevice {
  return {
    path: '1-1',
    bus: 1,
    device: 2,
    vendorId: '46f4',
    productId: '0001',
    deviceRelease: '0000',
    deviceClass: '00',
    serial: 'SN-0001',
    manufacturer: 'QEMU',
    product: 'QEMU USB HARDDRIVE',
    speedMbps: 5000,
    authorized: true,
    interfaces: [{ configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '50' }],
    descriptors: 'EgEAAgAAAEA=',
    descriptorFaults: [],
    ...more,
  }
}

export function usbKeyboard(more: Partial<UsbDevice> = {}): UsbDevice {
  return usbStick({
    vendorId: '0627',
    serial: null,
    product: 'QEMU USB Keyboard',
    interfaces: [{ configuration: 1, number: 0, alternate: 0, class: '03', subclass: '01', protocol: '01' }],
    ...more,
  })
}

export function disk(more: Partial<BlockDevice> = {}): BlockDevice {
  return {
    name: 'sdb',
    number: '8:16',
    bus: 'ata',
    sizeBytes: 1_048_576,
    isRemovable: true,
    isReadOnly: false,
    vendor: 'QEMU',
    model: 'QEMU HARDDISK',
    serial: null,
    wwn: null,
    usbPath: null,
    ...more,
  }
}

export function adapter(more: Partial<NetworkInterface> = {}): NetworkInterface {
  return {
    index: 2,
    name: 'eth0',
    mac: '52:54:00:12:34:56',
    hardwareType: 1,
    nature: 'physical',
    linkKind: null,
    busPath: '0000:00:03.0',
    usbPath: null,
    driver: 'virtio_net',
    isWireless: false,
    isAdminUp: true,
    hasCarrier: true,
    operState: 'up',
    addresses: [],
    ...more,
  }
}

export function policy(
  settings: Partial<PolicySettings> = {},
  baseline: Partial<Policy['baseline']> = {},
): Policy {
  return {
    v: 1,
    agent: 'a1',
    computer: 'JM-0001',
    version: 1,
    issuedAtMs: 1_000,
    settings: { ...DEFAULT_POLICY_SETTINGS, ...settings },
    baseline: { takenAtMs: 1_000, usb: [], disks: [], interfaces: [], ...baseline },
  }
}

export function recordOf<F extends Fact>(fact: F, more: Partial<Record> = {}): Record & { readonly fact: F } {
  return {
    v: 1,
    agent: 'a1',
    epoch: 'e1',
    seq: 1,
    wallMs: 1_790_000_000_000,
    bootMs: 12_345.5,
    bootId: 'b1',
    agentVersion: '0.1.0',
    policyVersion: 1,
    level: 'confidential',
    networkMode: 'classified-lan',
    sensor: 'usb',
    decision: null,
    ...more,
    fact,
  }
}
