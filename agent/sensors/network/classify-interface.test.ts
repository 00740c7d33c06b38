import { describe, expect, it } from 'vitest'
import { classifyInterface, type InterfaceTraits, type UsbBehind } from './classify-interface.ts'

const plain: InterfaceTraits = {
  name: 'eth0',
  linkKind: null,
  hardwareType: 1,
  isLoopback: false,
  deviceType: null,
  isWireless: false,
  isPhysical: true,
  driver: 'e1000e',
  usb: null,
  isRead: true,
}
const made = (linkKind: string, more: Partial<InterfaceTraits> = {}): Partial<InterfaceTraits> => ({
  linkKind,
  isPhysical: false,
  driver: null,
  ...more,
})
const usb = (vendorId: string, ...functions: [string, ...string[]]): UsbBehind => ({
  vendorId,
  function: functions[0],
  functions,
})
const wordOf = (traits: Partial<InterfaceTraits>): string => {
  const { medium, tether } = classifyInterface({ ...plain, ...traits })
  return tether === null ? String(medium) : `${medium} ${tether}`
}

describe('hardware', () => {
  it.each<[string, Partial<InterfaceTraits>, string]>([
    ['a network card', {}, 'wired'],
    ['a virtual machine’s card', { driver: 'virtio_net' }, 'wired'],
    ['a radio', { deviceType: 'wlan', isWireless: true, driver: 'iwlwifi' }, 'wireless'],
    ['a radio of an old driver', { isWireless: true, driver: 'rtl8188eu' }, 'wireless'],
    ['a Wi-Fi Direct group', { name: 'p2p-wlan0-0', deviceType: 'wlan', isWireless: true }, 'wireless'],
    ['a radio that listens', { hardwareType: 803, isWireless: true, deviceType: 'wlan' }, 'wireless'],
    [
      'a USB radio that speaks RNDIS',
      { driver: 'rndis_wlan', isWireless: true, usb: usb('0b05', 'e0/01/03') },
      'wireless',
    ],
    ['an adapter with ASIX’ driver', { driver: 'asix', usb: usb('0b95', 'ff/ff/00') }, 'wired'],
    ['an adapter with a gigabit chip', { driver: 'ax88179_178a', usb: usb('0b95', 'ff/ff/00') }, 'wired'],
    ['Realtek’s', { driver: 'r8152', usb: usb('0bda', 'ff/ff/00') }, 'wired'],
    ['SMSC’s', { driver: 'smsc95xx', usb: usb('0424', 'ff/00/ff') }, 'wired'],
    ['Microchip’s', { driver: 'lan78xx', usb: usb('0424', 'ff/00/ff') }, 'wired'],
    [
      'Realtek’s under the class driver',
      { driver: 'cdc_ether', usb: usb('0bda', '02/06/00', '0a/00/00') },
      'wired',
    ],
    [
      'a 2.5 Gbit/s one under the class driver',
      { driver: 'cdc_ncm', usb: usb('0bda', '02/0d/00', '0a/00/01') },
      'wired',
    ],
    ['a Bluetooth network', { name: 'bnep0', deviceType: 'bluetooth', driver: null }, 'bluetooth'],
    ['a Bluetooth network of an old kernel', { name: 'bnep0', driver: null, isPhysical: false }, 'bluetooth'],
    ['a modem on PCI', { driver: 'iosm', deviceType: 'wwan', hardwareType: 519 }, 'cellular'],
    ['a modem with a kind', made('wwan', { isPhysical: true, hardwareType: 519 }), 'cellular'],
    [
      'an MBIM modem',
      { driver: 'cdc_mbim', deviceType: 'wwan', usb: usb('1199', '02/0e/00') },
      'cellular mbim',
    ],
    [
      'a QMI modem',
      { driver: 'qmi_wwan', deviceType: 'wwan', hardwareType: 65_534, usb: usb('05c6', 'ff/ff/ff') },
      'cellular qmi',
    ],
    [
      'Huawei’s',
      { driver: 'huawei_cdc_ncm', deviceType: 'wwan', usb: usb('12d1', 'ff/02/16') },
      'cellular ncm',
    ],
    [
      'a modem that speaks ECM',
      { driver: 'cdc_ether', deviceType: 'wwan', usb: usb('12d1', '02/06/00') },
      'cellular ecm',
    ],
    ['this computer as a device', { driver: 'g_ether', deviceType: 'gadget' }, 'usb-tether'],
    ['a USB cable between computers', { driver: 'plusb', usb: usb('067b', 'ff/00/00') }, 'usb-tether'],
  ])('%s', (_, traits, word) => {
    expect(wordOf(traits)).toBe(word)
  })
})

describe('a phone', () => {
  it.each<[string, Partial<InterfaceTraits>, string]>([
    ['RNDIS', { driver: 'rndis_host', usb: usb('18d1', 'e0/01/03', '0a/00/00', 'ff/42/01') }, 'rndis'],
    ['ECM', { driver: 'cdc_ether', usb: usb('18d1', '02/06/00', '0a/00/00') }, 'ecm'],
    ['NCM', { driver: 'cdc_ncm', usb: usb('18d1', '02/0d/00', '0a/00/01') }, 'ncm'],
    ['EEM', { driver: 'cdc_eem', usb: usb('1d6b', '02/0c/07') }, 'eem'],
    ['an iPhone', { driver: 'ipheth', usb: usb('05ac', 'ff/fd/01', '06/01/01') }, 'iphone'],
    ['a driver nobody knows', { driver: 'vendor_net', usb: usb('18d1', '02/02/ff', '0a/00/00') }, 'rndis'],
    ['a device that could not be read', { driver: 'cdc_ether', usb: null }, 'ecm'],
  ])('by %s is a tether', (_, traits, tether) => {
    expect(wordOf(traits)).toBe(`usb-tether ${tether}`)
  })

  it('that poses as an adapter’s chip, and brings its files along, is a tether', () => {
    const poses = usb('0bda', '02/06/00', '0a/00/00', '06/01/01')
    expect(wordOf({ driver: 'cdc_ether', usb: poses })).toBe('usb-tether ecm')
  })
})

describe('what software made', () => {
  it.each([
    ['bridge', 'bridge'],
    ['bond', 'bond'],
    ['vlan', 'vlan'],
    ['macvlan', 'macvlan'],
    ['ipvlan', 'macvlan'],
    ['veth', 'veth'],
    ['wireguard', 'vpn'],
    ['xfrm', 'vpn'],
    ['vti6', 'vpn'],
    ['ipip', 'tunnel'],
    ['sit', 'tunnel'],
    ['gretap', 'tunnel'],
    ['vxlan', 'tunnel'],
    ['ppp', 'ppp'],
    ['dummy', 'virtual'],
    ['ifb', 'virtual'],
    ['a-kind-of-tomorrow', 'virtual'],
  ])('%s is %s', (kind, medium) => {
    expect(wordOf(made(kind))).toBe(medium)
  })

  it('a tun is a VPN’s, a tap may be a virtual machine’s', () => {
    expect(wordOf(made('tun', { hardwareType: 65_534 }))).toBe('vpn')
    expect(wordOf(made('tun'))).toBe('tunnel')
  })

  it('without a kind is told by its hardware type or device type', () => {
    expect(wordOf({ isPhysical: false, driver: null, hardwareType: 512 })).toBe('ppp')
    expect(wordOf({ isPhysical: false, driver: null, hardwareType: 768 })).toBe('tunnel')
    expect(wordOf({ isPhysical: false, driver: null, deviceType: 'l2tpeth' })).toBe('tunnel')
    expect(wordOf({ isPhysical: false, isLoopback: true, hardwareType: 772 })).toBe('loopback')
  })
})

it('nothing is guessed of hardware that went before it was read', () => {
  expect(wordOf({ isRead: false, driver: null })).toBe('null')
})
