import { HardwareSchema } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../protocol/fixtures/seeded-random.ts'
import { audioTerminalsOf } from './audio-terminals.ts'
import { devicePlaceOf } from './device-place.ts'
import { type ClassNode, type HardwareView, NODE_CLASSES } from './hardware-view.ts'
import { joinHardware } from './join-hardware.ts'
import { isWifiDriver, knownUsbRadio } from './known-radios.ts'
import { parseInterfaces } from './parse-interfaces.ts'
import { audioDescriptors } from './testing/hardware-tree.ts'
import { capturesVideo } from './video-capability.ts'

describe('the place of a path', () => {
  it.each([
    ['/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4:1.0/video4linux/video0', 'video4linux', 'usb', '1-4'],
    ['/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.4', null, 'usb', '1-1.4'],
    ['/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/ieee80211/phy0', 'ieee80211', 'pci', '0000:02:00.0'],
    ['/devices/pci0000:00/10000:e0:06.0', null, 'pci', '10000:e0:06.0'],
    ['/devices/platform/soc/mmc1/mmc1:0001/mmc1:0001:2/net/wlan0', 'net', 'sdio', 'mmc1:0001'],
    ['/devices/pci0000:00/0000:00:15.0/i2c_designware.0/i2c-1/1-0028/nfc/nfc0', 'nfc', 'other', '1-0028'],
    ['/devices/virtual/bluetooth/hci0/rfkill1', 'rfkill', 'virtual', 'hci0'],
    ['/devices/platform/soc/soc:sound/sound/card0/pcmC0D0c', 'sound', 'platform', 'soc:sound'],
    ['/devices/platform/vivid.0/video4linux/video1', 'video4linux', 'virtual', 'vivid.0'],
  ] as const)('%s', (path, kind, bus, name) => {
    const place = devicePlaceOf(path, kind)
    expect([place.bus, place.name]).toEqual([bus, name])
    expect(path.startsWith(place.path)).toBe(true)
    expect(place.path.endsWith(name)).toBe(true)
  })
})

describe('the terminals of USB audio', () => {
  it.each([
    [
      'a microphone',
      [
        [2, 0x0201],
        [3, 0x0101],
      ],
      true,
      false,
      true,
    ],
    [
      'speakers',
      [
        [2, 0x0101],
        [3, 0x0301],
      ],
      false,
      true,
      false,
    ],
    [
      'a headset',
      [
        [2, 0x0402],
        [3, 0x0402],
      ],
      true,
      true,
      true,
    ],
    ['a line in', [[2, 0x0603]], true, false, false],
  ] as const)('of %s', (_, terminals, canCapture, canPlay, namesMicrophone) => {
    expect(audioTerminalsOf(audioDescriptors(1, 2, terminals))).toEqual({
      canCapture,
      canPlay,
      namesMicrophone,
    })
  })
})

it('tells drivers of radios from those of wired adapters by the same makers', () => {
  for (const name of [
    'iwlwifi',
    'rtw_8822ce',
    'rtw89_8852ae',
    'mt7921e',
    'ath10k_pci',
    'brcmfmac',
    'wl',
    'rtl8812au',
    'r8188eu',
  ])
    expect([name, isWifiDriver(name)]).toEqual([name, true])
  for (const name of [
    'r8152',
    'r8169',
    'rtsx_usb',
    'e1000e',
    'wdm',
    'ax88179_178a',
    'tg3',
    'atl1c',
    'mlx5_core',
    'btusb',
  ])
    expect([name, isWifiDriver(name)]).toEqual([name, false])
})

it('knows no card reader, wired adapter or camera of Realtek as a radio', () => {
  expect(['8153', '0129', '5830', '8152', '9210'].map((id) => knownUsbRadio('0bda', id))).toEqual([
    null,
    null,
    null,
    null,
    null,
  ])
  expect(['8812', 'c811', 'b82c', '8176'].map((id) => knownUsbRadio('0bda', id))).toEqual([
    'wifi',
    'wifi',
    'wifi',
    'wifi',
  ])
})

it('takes a node that converts, or carries metadata, for no camera', () => {
  const capability = (all: number, own: number): Buffer => {
    const bytes = Buffer.alloc(104)
    bytes.writeUInt32LE(all >>> 0, 84)
    bytes.writeUInt32LE(own >>> 0, 88)
    return bytes
  }
  // uvcvideo: the device captures video and metadata, each node one of them.
  expect(capturesVideo(capability(0x84a00001, 0x04200001))).toBe(true)
  expect(capturesVideo(capability(0x84a00001, 0x04a00000))).toBe(false)
  expect(capturesVideo(capability(0x84204000, 0x04204000))).toBe(false)
  expect(capturesVideo(capability(0x04000001, 0))).toBe(true)
})

describe('at random', { timeout: 30_000 }, () => {
  const check = Compile(HardwareSchema)

  it('no descriptor breaks a parser', () => {
    const random = seededRandom(9)
    const good = audioDescriptors(0x046d, 0x0825, [[2, 0x0201]])
    for (let round = 0; round < 5_000; round += 1) {
      const bytes = Buffer.from(good).subarray(0, random.int(good.length + 1))
      for (let count = random.int(6); count > 0 && bytes.length > 0; count -= 1)
        bytes[random.int(bytes.length)] = random.int(256)
      audioTerminalsOf(bytes)
      expect(parseInterfaces(bytes).length).toBeLessThan(64)
    }
  })

  it('no path or name makes a fact that the protocol refuses', () => {
    const random = seededRandom(11)
    const parts = [
      'devices',
      'virtual',
      'net',
      '1-4',
      '1-4:1.0',
      '0000:02:00.0',
      'sound',
      'pcmC0D0c',
      'hci0',
      '\u00ff"\u0000',
      '',
      '..',
      'mmc1:0001',
      'video0',
      'bluetooth',
      'x'.repeat(300),
    ]
    for (let round = 0; round < 3_000; round += 1) {
      const path = `/${Array.from({ length: random.int(9) }, () => random.pick(parts)).join('/')}`
      const node: ClassNode = {
        class: random.pick(NODE_CLASSES),
        name: random.pick(parts),
        path,
        devtype: random.pick(['wlan', 'wwan', null]),
        label: random.pick(['a', { b64: '/w==' }, null]),
        isCapable: random.pick([true, false, null]),
        detail: null,
        driver: random.pick(['iwlwifi', '\u00fe', null]),
      }
      const view: HardwareView = {
        pci: [],
        usb: [],
        sdio: [],
        aliased: [],
        nodes: [node],
        switches: [],
        bluetooth: [],
      }
      for (const { hardware } of joinHardware(view)) expect(check.Check(hardware)).toBe(true)
    }
  })
})
