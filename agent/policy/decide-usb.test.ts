import { DEFAULT_POLICY_SETTINGS, type Policy, type PolicySettings, type UsbDevice } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import {
  configurationDescriptor,
  deviceDescriptor,
  type InterfaceSpec,
} from '../sensors/testing/usb-descriptors.ts'
import { parseDescriptors } from '../sensors/usb/parse-descriptors.ts'
import { decideUsbDevice, type UsbSurroundings } from './decide-usb.ts'

const bulkOnly = [8, 6, 0x50] as const
const uas = [8, 6, 0x62] as const
const keyboard = [3, 1, 1] as const
const mouse = [3, 1, 2] as const
const mediaKeys = [3, 0, 0] as const
const hub = [9, 0, 0] as const

/** A device of one configuration for each list of codes, built byte by byte and read as the sensor reads it. */
function deviceOf(
  configurations: readonly (readonly (readonly [number, number, number])[])[],
  about: Partial<UsbDevice> = {},
): UsbDevice {
  return deviceFrom(
    configurations.map((codes) => codes.map((each, number) => ({ number, codes: each, endpoints: 2 }))),
    about,
  )
}

function deviceFrom(
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

function deviceOfBytes(bytes: Buffer, about: Partial<UsbDevice> = {}): UsbDevice {
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

function policyOf(settings: Partial<PolicySettings> = {}, own: readonly UsbDevice[] = []): Policy {
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

function decideOn(device: UsbDevice, around: Partial<UsbSurroundings> = {}) {
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

describe('by its classes', () => {
  const refusals: readonly [string, readonly (readonly [number, number, number])[], string][] = [
    ['a camera or phone that speaks PTP', [[6, 1, 1]], 'phone-or-camera-connected'],
    ['a phone with its debugging bridge open', [[0xff, 0x42, 1]], 'phone-or-camera-connected'],
    ['an iPhone', [[0xff, 0xfe, 2]], 'phone-or-camera-connected'],
    ['an iPhone that shares its network', [[0xff, 0xfd, 1]], 'phone-or-camera-connected'],
    [
      'an ECM network adapter',
      [
        [2, 6, 0],
        [10, 0, 0],
      ],
      'unregistered-network-adapter',
    ],
    [
      'an NCM network adapter',
      [
        [2, 0x0d, 0],
        [10, 0, 1],
      ],
      'unregistered-network-adapter',
    ],
    [
      'an MBIM modem',
      [
        [2, 0x0e, 0],
        [10, 0, 2],
      ],
      'unregistered-network-adapter',
    ],
    [
      'RNDIS as Windows phones show it',
      [
        [2, 2, 0xff],
        [10, 0, 0],
      ],
      'unregistered-network-adapter',
    ],
    [
      'RNDIS over ActiveSync',
      [
        [0xef, 1, 1],
        [10, 0, 0],
      ],
      'unregistered-network-adapter',
    ],
    [
      'RNDIS as Android shows it',
      [
        [0xe0, 1, 3],
        [10, 0, 0],
      ],
      'unregistered-network-adapter',
    ],
    [
      'RNDIS as a miscellaneous function',
      [
        [0xef, 4, 1],
        [10, 0, 0],
      ],
      'unregistered-network-adapter',
    ],
    [
      'a serial modem',
      [
        [2, 2, 1],
        [10, 0, 0],
      ],
      'unregistered-network-adapter',
    ],
    ['Bluetooth', [[0xe0, 1, 1]], 'unregistered-network-adapter'],
    ['ultra-wideband radio', [[0xe0, 1, 2]], 'unregistered-network-adapter'],
    ['infrared', [[0xfe, 2, 0]], 'unregistered-network-adapter'],
    ['a printer', [[7, 1, 2]], 'unregistered-peripheral'],
    ['a smart-card reader', [[0x0b, 0, 0]], 'unregistered-peripheral'],
    ['a device waiting for firmware', [[0xfe, 1, 1]], 'unregistered-peripheral'],
    ['a diagnostic device', [[0xdc, 1, 1]], 'unregistered-peripheral'],
    ['a billboard', [[0x11, 0, 0]], 'unregistered-peripheral'],
    ['a Type-C bridge', [[0x12, 0, 0]], 'unregistered-peripheral'],
    ['something of a vendor’s own', [[0xff, 0, 0]], 'unregistered-peripheral'],
    ['a class that does not exist yet', [[0x77, 0, 0]], 'unregistered-peripheral'],
    [
      'grouped interfaces of a vendor’s own',
      [
        [0xef, 2, 1],
        [0xff, 1, 1],
      ],
      'unregistered-peripheral',
    ],
  ]
  it.each(refusals)('refuses %s', (_, codes, rule) => {
    expect(decideOn(deviceOf([codes]))).toMatchObject({ verdict: 'refuse', rule, spare: false })
  })

  const media: readonly [string, readonly (readonly [number, number, number])[]][] = [
    ['a stick', [bulkOnly]],
    ['a stick that speaks UAS', [uas]],
    ['an optical drive', [[8, 2, 0x50]]],
    ['a tape drive', [[8, 3, 0x50]]],
    ['a floppy drive', [[8, 4, 0]]],
    ['a reader of two units', [bulkOnly, bulkOnly]],
  ]
  it.each(media)('examines %s, and never allows it by what it says of itself', (_, codes) => {
    expect(decideOn(deviceOf([codes]))).toMatchObject({ verdict: 'examine', rule: 'medium-to-be-examined' })
  })

  it('examines a disk that shows both bulk-only and UAS as alternates', () => {
    const disk = deviceFrom([
      [
        { number: 0, codes: bulkOnly, endpoints: 2 },
        { number: 0, alternate: 1, codes: uas, endpoints: 4 },
      ],
    ])
    expect(decideOn(disk).verdict).toBe('examine')
  })

  it.each([
    ['sound card', [1, 1, 0]],
    ['webcam', [0x0e, 1, 0]],
    ['audio/video device', [0x10, 1, 0]],
  ] as const)('refuses a %s, and names it for what it hears or sees', (_, codes) => {
    expect(decideOn(deviceOf([[codes]]))).toMatchObject({
      rule: 'unregistered-peripheral',
      alarms: ['camera-or-microphone'],
    })
  })

  it('refuses the receiver of wireless keyboards and mice by its number, though it looks like a keyboard', () => {
    const receiver = deviceOf([[keyboard, mouse, mediaKeys]], { vendorId: '046d', productId: 'c52b' })
    expect(decideOn(receiver)).toMatchObject({ verdict: 'refuse', rule: 'wireless-input-device' })
    expect(decideOn(receiver, { workingKeyboards: 0 }).verdict).toBe('refuse')
  })

  it('refuses a phone that says it only charges', () => {
    const phone = deviceOf([[[0xff, 0xff, 0]]], { vendorId: '18d1', productId: '4ee1' })
    expect(decideOn(phone).rule).toBe('phone-or-camera-connected')
  })

  it('allows a hub, and a hub in another configuration does not make a stick one', () => {
    expect(decideOn(deviceOf([[hub]], { deviceClass: '09' }))).toMatchObject({
      verdict: 'allow',
      rule: 'hub',
    })
    expect(decideOn(deviceOf([[hub], [bulkOnly]])).verdict).toBe('refuse')
  })
})

describe('tricks', () => {
  it.each([
    ['storage that types', [bulkOnly, keyboard]],
    ['storage that moves the mouse', [bulkOnly, mouse]],
    ['storage, keyboard and network in one', [keyboard, bulkOnly, [2, 6, 0], [10, 0, 0]]],
    ['a keyboard that brings a network', [keyboard, [2, 6, 0], [10, 0, 0]]],
    ['a keyboard with Bluetooth', [keyboard, [0xe0, 1, 1]]],
    ['storage with a network', [bulkOnly, [2, 2, 0xff], [10, 0, 0]]],
    ['storage with something of a vendor’s own', [bulkOnly, [0xff, 0, 0]]],
    ['storage with a printer', [bulkOnly, [7, 1, 2]]],
    ['storage with a smart card', [bulkOnly, [0x0b, 0, 0]]],
  ] as const)('refuses %s whole, as an incident', (_, codes) => {
    const device = deviceOf([codes])
    expect(decideOn(device)).toMatchObject({
      verdict: 'refuse',
      rule: 'suspicious-composite',
      alarms: ['suspicious-composite'],
    })
  })

  it('judges the union: a keyboard in the second configuration, storage in an alternate setting', () => {
    expect(decideOn(deviceOf([[bulkOnly], [keyboard]])).rule).toBe('suspicious-composite')
    const hidden = deviceFrom([
      [
        { number: 0, codes: keyboard, endpoints: 1 },
        { number: 0, alternate: 3, codes: bulkOnly, endpoints: 2 },
      ],
    ])
    expect(decideOn(hidden).rule).toBe('suspicious-composite')
  })

  it('does not let a composite in by cloned numbers, whether approved or of the baseline', () => {
    const clone = deviceOf([[bulkOnly, keyboard]], { serial: 'A1' })
    const { vendorId, productId, serial } = clone
    const approved = [{ vendorId, productId, serial, note: '' }]
    const policy = policyOf({ approvedPeripherals: approved }, [clone])
    expect(decideOn(clone, { policy })).toMatchObject({ verdict: 'refuse', rule: 'suspicious-composite' })
    const network = deviceOf([[keyboard, [2, 6, 0]]], { serial: 'A1' })
    expect(decideOn(network, { policy }).rule).toBe('suspicious-composite')
    expect(decideOn(network, { policy, workingKeyboards: 0 }).verdict).toBe('refuse')
  })

  it('examines storage whatever its numbers are: approved, of the baseline, registered by them', () => {
    const stick = deviceOf([[bulkOnly]], { serial: 'A1' })
    const { vendorId, productId } = stick
    const policy = policyOf(
      {
        approvedPeripherals: [{ vendorId, productId, serial: null, note: '' }],
        registeredMedia: [{ vendorId, productId, serial: 'A1', note: '' }],
      },
      [stick],
    )
    expect(decideOn(stick, { policy })).toMatchObject({ verdict: 'examine', rule: 'medium-to-be-examined' })
  })

  it('tells a 4G stick for storage first and for a network when it has switched', () => {
    const before = deviceOf([[bulkOnly]], { vendorId: '12d1', productId: '1f01' })
    const after = deviceOf(
      [
        [
          [2, 6, 0],
          [10, 0, 0],
        ],
      ],
      { vendorId: '12d1', productId: '14dc' },
    )
    expect([decideOn(before).rule, decideOn(after).rule]).toEqual([
      'medium-to-be-examined',
      'unregistered-network-adapter',
    ])
  })

  it('tells a phone that charges, then tethers', () => {
    const charging = deviceOf([[[6, 1, 1]]])
    const tethering = deviceOf([[[0xff, 0xfd, 1]]])
    expect([decideOn(charging).rule, decideOn(tethering).rule]).toEqual([
      'phone-or-camera-connected',
      'phone-or-camera-connected',
    ])
  })

  it('alarms at a keyboard that came behind a new hub, and more so beside a disk', () => {
    const inner = deviceOf([[bulkOnly]], { path: '1-1.1' })
    const typing = deviceOf([[keyboard]], { path: '1-1.2' })
    expect(decideOn(typing, { others: [inner] }).alarms).toEqual([
      'second-keyboard',
      'keyboard-behind-new-hub',
      'keyboard-beside-storage',
    ])
    expect(decideOn(inner, { others: [typing] }).alarms).toEqual(['keyboard-beside-storage'])
    const known = deviceOf([[hub]], { path: '1-1', deviceClass: '09' })
    expect(decideOn(inner, { others: [typing], policy: policyOf({}, [known]) }).alarms).toEqual([])
  })
})

describe('descriptors that cannot be trusted', () => {
  it.each([
    ['missing', { descriptors: null, interfaces: [], descriptorFaults: ['could not be read'] }],
    ['missing without a word', { descriptors: null, descriptorFaults: [] }],
    ['faulty', { descriptorFaults: ['configuration 1 claims 7 interfaces and gives 1'] }],
    ['empty', { interfaces: [] }],
  ] as const)('are refused where they are %s, known device or not', (_, lie) => {
    for (const codes of [keyboard, hub, bulkOnly, [7, 1, 2]] as const) {
      const device = { ...deviceOf([[codes]]), ...lie } as unknown as UsbDevice
      const { vendorId, productId } = device
      const policy = policyOf({ approvedPeripherals: [{ vendorId, productId, serial: null, note: '' }] }, [
        device,
      ])
      for (const workingKeyboards of [0, 1])
        expect(decideOn(device, { policy, workingKeyboards })).toMatchObject({
          verdict: 'refuse',
          rule: 'malformed-descriptors',
        })
    }
  })
})

describe('keyboards', () => {
  const plain = deviceOf([[keyboard, mediaKeys]])

  it('allows the first where none works, and says that nobody registered it', () => {
    expect(decideOn(plain, { workingKeyboards: 0 })).toMatchObject({
      verdict: 'allow',
      rule: 'only-keyboard',
      alarms: ['unregistered-keyboard'],
    })
  })

  it('refuses a second, as an alarm', () => {
    expect(decideOn(plain)).toMatchObject({
      verdict: 'refuse',
      rule: 'unregistered-peripheral',
      alarms: ['second-keyboard'],
    })
  })

  it('does not take a mouse, a headset with keys or a keyboard with sound for the only keyboard', () => {
    for (const codes of [[mouse], [mediaKeys], [mediaKeys, [1, 1, 0]], [keyboard, [1, 1, 0]]] as const)
      expect(decideOn(deviceOf([codes]), { workingKeyboards: 0 }).verdict).toBe('refuse')
  })

  it('knows its own on any port, by number and serial, and no copy beside it', () => {
    const policy = policyOf({}, [plain])
    const moved = { ...plain, path: '3-2' }
    expect(decideOn(moved, { policy })).toMatchObject({ verdict: 'allow', rule: 'baseline', alarms: [] })
    expect(decideOn(moved, { policy, others: [plain] })).toMatchObject({
      verdict: 'refuse',
      alarms: ['second-keyboard'],
    })
    expect(decideOn({ ...moved, serial: 'other' }, { policy }).verdict).toBe('refuse')
    const twoOwn = policyOf({}, [plain, { ...plain, path: '1-2' }])
    expect(decideOn(moved, { policy: twoOwn, others: [plain] }).verdict).toBe('allow')
  })

  it('lets an own printer be the computer’s own on its port alone', () => {
    const printer = deviceOf([[[7, 1, 2]]])
    const policy = policyOf({}, [printer])
    expect(decideOn(printer, { policy })).toMatchObject({ verdict: 'allow', rule: 'baseline' })
    expect(decideOn({ ...printer, path: '1-2' }, { policy }).verdict).toBe('refuse')
  })
})

describe('approved peripherals', () => {
  const printer = deviceOf([[[7, 1, 2]]], { serial: 'P1' })
  const { vendorId, productId } = printer

  it('are known by vendor, product and the serial that was written, or any where none was', () => {
    const approving = (serial: string | null) =>
      policyOf({ approvedPeripherals: [{ vendorId, productId, serial, note: '' }] })
    expect(decideOn(printer, { policy: approving('P1') })).toMatchObject({ rule: 'approved-peripheral' })
    expect(decideOn(printer, { policy: approving(null) })).toMatchObject({ verdict: 'allow' })
    expect(decideOn(printer, { policy: approving('P2') })).toMatchObject({ verdict: 'refuse' })
    expect(decideOn({ ...printer, serial: { b64: '/w==' } }, { policy: approving('P1') }).verdict).toBe(
      'refuse',
    )
  })
})

describe('the sweep of what was there at the start', () => {
  const working = { authorized: true } as const

  it('refuses by the same rules', () => {
    const network = deviceOf([[[2, 6, 0]]], working)
    expect(decideOn(network, { origin: 'present-at-start' })).toMatchObject({
      verdict: 'refuse',
      rule: 'unregistered-network-adapter',
      spare: false,
    })
  })

  it('does not take the last working keyboard, though nobody registered it', () => {
    const last = deviceOf([[keyboard, mediaKeys]], working)
    expect(decideOn(last, { origin: 'present-at-start', workingKeyboards: 1 })).toMatchObject({
      verdict: 'refuse',
      spare: true,
      alarms: ['last-working-keyboard'],
    })
    expect(decideOn(last, { origin: 'present-at-start', workingKeyboards: 2 })).toMatchObject({
      spare: false,
      alarms: ['second-keyboard'],
    })
    const receiver = deviceOf([[keyboard, mouse]], { ...working, vendorId: '046d', productId: 'c52b' })
    expect(decideOn(receiver, { origin: 'present-at-start' })).toMatchObject({
      rule: 'wireless-input-device',
      spare: true,
    })
  })

  it('does not take a hub, even one whose descriptors are faulty, for what hangs behind it', () => {
    const faulty = { ...deviceOf([[hub]], { ...working, deviceClass: '09' }), descriptorFaults: ['a fault'] }
    expect(decideOn(faulty, { origin: 'present-at-start' })).toMatchObject({ verdict: 'refuse', spare: true })
  })

  it('spares nothing that appeared, was kept out already, or is also a way for data', () => {
    const last = deviceOf([[keyboard]], working)
    expect(decideOn(last, { origin: 'appeared' }).spare).toBe(false)
    const keptOut = deviceOf([[keyboard]], { authorized: false })
    expect(decideOn(keptOut, { origin: 'present-at-start' }).spare).toBe(false)
    for (const other of [bulkOnly, [2, 6, 0], [6, 1, 1]] as const) {
      const composite = deviceOf([[keyboard, other]], working)
      expect(decideOn(composite, { origin: 'still-present', workingKeyboards: 1 }).spare).toBe(false)
    }
  })
})
