import {
  type BlockDevice,
  DEFAULT_POLICY_SETTINGS,
  type Fact,
  type NetworkInterface,
  type Policy,
  type PolicySettings,
  type RawText,
  rawTextKey,
  type UsbDevice,
} from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'

const stick: UsbDevice = {
  path: '1-1',
  bus: 1,
  device: 5,
  vendorId: '0951',
  productId: '1666',
  deviceRelease: '0110',
  deviceClass: '00',
  serial: 'ABC\u0000',
  manufacturer: null,
  product: null,
  speedMbps: 480,
  authorized: true,
  interfaces: [{ configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '50' }],
  descriptors: 'EgEAAgAAAEA=',
  descriptorFaults: [],
}
const disk: BlockDevice = {
  name: 'sdb',
  number: '8:16',
  bus: 'usb',
  sizeBytes: 1_000,
  isRemovable: true,
  isReadOnly: false,
  vendor: null,
  model: null,
  serial: null,
  wwn: null,
  usbPath: '1-1',
}
const adapter: NetworkInterface = {
  index: 3,
  name: 'eth1',
  mac: '02:00:00:00:00:01',
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
}

function policyWith(
  settings: Partial<PolicySettings> = {},
  baseline: Partial<Policy['baseline']> = {},
): Policy {
  return {
    v: 1,
    agent: 'a',
    computer: 'c',
    version: 1,
    issuedAtMs: 1,
    settings: { ...DEFAULT_POLICY_SETTINGS, ...settings },
    baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [], ...baseline },
  }
}

const registered = policyWith({
  registeredMedia: [{ vendorId: '0951', productId: '1666', serial: 'ABC\u0000', note: '' }],
})
const around = (device: UsbDevice | null) => ({
  usbAt: (path: RawText) => (rawTextKey(path) === 's:1-1' ? device : null),
  usbDevices: () => (device === null ? [] : [device]),
  workingKeyboards: 1,
})
const ruleOf = (policy: Policy, fact: Fact, usb: UsbDevice | null = stick) => {
  const decision = decide(policy, fact, around(usb))
  return decision === null ? null : `${decision.outcome} ${decision.would} ${decision.rule}`
}
const attached = (
  device: UsbDevice,
  origin: 'appeared' | 'baseline' | 'present-at-start' = 'appeared',
): Fact => ({ kind: 'usb.attached', origin, sighting: 'snapshot', device })
const block = (device: BlockDevice, origin: 'appeared' | 'present-at-start' = 'appeared'): Fact => ({
  kind: 'block.attached',
  origin,
  sighting: 'snapshot',
  device,
})
const added = (each: NetworkInterface): Fact => ({
  kind: 'network.interface-added',
  origin: 'appeared',
  sighting: 'snapshot',
  interface: each,
})

describe('deciding on USB devices', () => {
  it('detects storage that is not registered, and never blocks while observing', () => {
    expect(ruleOf(policyWith(), attached(stick))).toBe('detected block medium-to-be-examined')
  })

  it('allows storage registered by VID, PID and serial, byte for byte', () => {
    expect(ruleOf(registered, attached(stick))).toBe('allowed allow registered-medium')
    for (const other of [
      { serial: 'ABC' },
      { serial: null },
      { serial: { b64: '/w==' } },
      { productId: '1667' },
    ]) {
      expect(ruleOf(registered, attached({ ...stick, ...other }))).toBe(
        'detected block medium-to-be-examined',
      )
    }
  })

  it('finds storage in any interface of any configuration', () => {
    const keyboard = {
      configuration: 1,
      number: 0,
      alternate: 0,
      class: '03',
      subclass: '01',
      protocol: '01',
    }
    const hidden = { ...stick, interfaces: [keyboard, { ...keyboard, configuration: 2, class: '08' }] }
    expect(ruleOf(policyWith(), attached(hidden))).toBe('detected block suspicious-composite')
    expect(ruleOf(policyWith(), attached({ ...stick, interfaces: [keyboard] }))).toBe(
      'detected block unregistered-peripheral',
    )
  })

  it('blocks where media are controlled, and shuts even a medium that is registered until it was examined', () => {
    const modes = { media: 'enforce', network: 'observe', files: 'observe' } as const
    const enforcing = policyWith({ modes, registeredMedia: registered.settings.registeredMedia })
    expect(ruleOf(enforcing, attached(stick))).toBe('blocked block medium-to-be-examined')
    expect(ruleOf(enforcing, block({ ...disk, bus: 'nvme', usbPath: null }))).toBe(
      'blocked block medium-to-be-examined',
    )
  })

  it('does not give a device that was gone too soon the benefit of the doubt', () => {
    const gone: Fact = {
      kind: 'usb.attached',
      origin: 'appeared',
      sighting: 'event-only',
      device: { ...stick, interfaces: [] },
    }
    expect(ruleOf(policyWith(), gone)).toBe('detected block unknown-device')
  })

  it('takes a stick of the baseline as such at a start, not when it is put in again', () => {
    const policy = policyWith(
      {},
      { usb: [{ path: '1-1', vendorId: '0951', productId: '1666', serial: 'ABC\u0000' }] },
    )
    expect(ruleOf(policy, attached(stick, 'baseline'))).toBe('allowed allow baseline')
    expect(ruleOf(policy, attached(stick, 'present-at-start'))).toBe('allowed allow baseline')
    expect(ruleOf(policy, attached(stick))).toContain('detected')
  })
})

describe('deciding on disks', () => {
  it('detects a disk that is not the computer’s own, on whatever bus', () => {
    for (const bus of ['usb', 'nvme', 'mmc', 'scsi', 'ata', 'optical'] as const) {
      expect(ruleOf(policyWith(), block({ ...disk, bus, usbPath: null }))).toBe(
        'detected block medium-to-be-examined',
      )
    }
  })

  it('allows a disk on a registered USB device, its own disks, and what is no disk', () => {
    expect(ruleOf(registered, block(disk))).toBe('allowed allow registered-medium')
    expect(ruleOf(registered, block(disk), null)).toContain('detected')
    const own = { ...disk, bus: 'nvme' as const, isRemovable: false, serial: 'S1', usbPath: null }
    const policy = policyWith({}, { disks: [{ name: 'nvme0n1', serial: 'S1', wwn: null, sizeBytes: 1_000 }] })
    expect(ruleOf(policy, block(own))).toBe('allowed allow baseline')
    expect(ruleOf(policyWith(), block({ ...disk, bus: 'loop' }))).toBe('allowed allow virtual-disk')
  })

  it('detects the card put into an own reader, not the empty reader', () => {
    const reader = { ...disk, sizeBytes: 0, serial: 'R', usbPath: null }
    const policy = policyWith({}, { disks: [{ name: 'sdb', serial: 'R', wwn: null, sizeBytes: 0 }] })
    expect(ruleOf(policy, block(reader))).toBe('allowed allow baseline')
    const card = {
      kind: 'block.changed',
      before: reader,
      device: { ...reader, sizeBytes: 9_000 },
    } as const satisfies Fact
    expect(ruleOf(policy, card)).toBe('detected block medium-to-be-examined')
    expect(ruleOf(policy, { kind: 'block.changed', before: card.device, device: reader })).toBeNull()
  })
})

describe('deciding on network interfaces', () => {
  it('detects an adapter that is neither approved nor there at enrolment', () => {
    expect(ruleOf(policyWith(), added(adapter))).toBe('detected block unregistered-network-adapter')
    const tunnel = { ...adapter, nature: 'virtual' as const, linkKind: 'wireguard', busPath: null }
    expect(ruleOf(policyWith(), added(tunnel))).toContain('unregistered-network-adapter')
  })

  it('allows an approved one, on its approved place alone where one is named', () => {
    const approve = (busPath: string | null) =>
      policyWith({ approvedInterfaces: [{ mac: '02:00:00:00:00:01', busPath, note: '' }] })
    expect(ruleOf(approve(null), added(adapter))).toBe('allowed allow approved-interface')
    expect(ruleOf(approve('0000:00:03.0'), added(adapter))).toBe('allowed allow approved-interface')
    expect(ruleOf(approve('0000:00:04.0'), added(adapter))).toContain('detected')
  })

  it('has nothing to say to loopback, and allows a bridge', () => {
    expect(ruleOf(policyWith(), added({ ...adapter, nature: 'loopback' }))).toBeNull()
    expect(ruleOf(policyWith(), added({ ...adapter, nature: 'virtual', linkKind: 'bridge' }))).toBe(
      'allowed allow virtual-interface',
    )
  })

  it('detects a live link on a standalone computer when it comes up, once', () => {
    const policy = policyWith(
      { networkMode: 'standalone' },
      { interfaces: [{ name: 'eth1', mac: adapter.mac, busPath: adapter.busPath }] },
    )
    const down = { ...adapter, hasCarrier: false }
    expect(ruleOf(policy, added(down))).toBe('allowed allow baseline')
    expect(ruleOf(policy, added(adapter))).toBe('detected block standalone-network-connection')
    const up: Fact = { kind: 'network.interface-changed', before: down, interface: adapter }
    expect(ruleOf(policy, up)).toBe('detected block standalone-network-connection')
    expect(ruleOf(policy, { ...up, before: adapter })).toBeNull()
    expect(ruleOf(policyWith(), up)).toBeNull()
  })
})
