import type { UsbDevice } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import {
  bulkOnly,
  decideOn,
  deviceFrom,
  deviceOf,
  hub,
  keyboard,
  mediaKeys,
  mouse,
  policyOf,
  uas,
} from './testing/usb-cases.ts'

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
