/**
 * What an interface is for, by everything that the kernel tells of it. Pure.
 *
 * What is certain goes first: what software made names its own kind, a radio its 802.11 device, a modem its device type.
 * Only then does the driver of the device behind it count, and then the USB functions, so that a driver that this list
 * does not know is still told by what its device says of itself. The words name a medium; whether it may be is policy's.
 */
import type { InterfaceMedium, NetworkInterface } from '@shoukou/protocol'

export type Tether = NonNullable<NetworkInterface['tether']>

/** The USB device behind an interface, as its descriptors of the configuration in use have it. */
export interface UsbBehind {
  /** `class/subclass/protocol` of the interface that the driver is bound to: `02/06/00`. */
  readonly function: string
  /** The same of all interfaces of the device in this configuration. */
  readonly functions: readonly string[]
  readonly vendorId: string | null
}

export interface InterfaceTraits {
  readonly name: string
  /** IFLA_INFO_KIND; null where a device is behind it. */
  readonly linkKind: string | null
  /** ARPHRD_* (linux/if_arp.h). */
  readonly hardwareType: number
  readonly isLoopback: boolean
  /** DEVTYPE of its uevent: `wlan`, `wwan`, `bluetooth`, `bridge` … */
  readonly deviceType: string | null
  readonly isWireless: boolean
  readonly isPhysical: boolean
  readonly driver: string | null
  readonly usb: UsbBehind | null
  /** Its device was read; else it was gone by then and only its message speaks. */
  readonly isRead: boolean
}

export interface InterfaceClass {
  /** Null where a device was behind it and went before anything could be read of it: nothing is guessed then. */
  readonly medium: InterfaceMedium | null
  readonly tether: Tether | null
}

/** Returns what an interface is for. */
export function classifyInterface(traits: InterfaceTraits): InterfaceClass {
  if (traits.isLoopback) return { medium: 'loopback', tether: null }
  const tether = tetherOf(traits)
  const bySoftware =
    traits.linkKind === null ? undefined : softwareMedium(traits.linkKind, traits.hardwareType)
  if (bySoftware !== undefined) return { medium: bySoftware, tether: null }
  if (traits.isWireless || traits.deviceType === 'wlan') return { medium: 'wireless', tether: null }
  const byType = deviceTypes.get(traits.deviceType ?? '') ?? hardwareTypes.get(traits.hardwareType)
  if (byType !== undefined) return { medium: byType, tether: byType === 'cellular' ? tether : null }
  // Older kernels give a Bluetooth network (BNEP) no device type; its name is the kernel's own choice.
  if (/^bnep\d+$/.test(traits.name)) return { medium: 'bluetooth', tether: null }
  const driver = traits.driver ?? ''
  if (bluetoothDrivers.has(driver)) return { medium: 'bluetooth', tether: null }
  if (modemDrivers.has(driver) || tether === 'mbim' || tether === 'qmi') return { medium: 'cellular', tether }
  if (tether !== null || cableDrivers.has(driver)) return { medium: 'usb-tether', tether }
  if (traits.isPhysical) return { medium: traits.isRead ? 'wired' : null, tether: null }
  return { medium: 'virtual', tether: null }
}

/** Kinds of links that software makes. A kind that is not here stays what else is known of it, at last `virtual`. */
const softwareKinds: ReadonlyMap<string, InterfaceMedium> = new Map(
  (
    [
      ['bridge', ['bridge', 'openvswitch']],
      ['bond', ['bond', 'team']],
      ['vlan', ['vlan']],
      ['macvlan', ['macvlan', 'macvtap', 'ipvlan', 'ipvtap']],
      ['veth', ['veth', 'netkit']],
      ['ppp', ['ppp', 'slip']],
      ['cellular', ['wwan', 'rmnet']],
      ['wireless', ['virt_wifi', 'lowpan']],
      // Made to carry what is enciphered, or to hand packets to a program that does so.
      ['vpn', ['wireguard', 'ovpn', 'ovpn-dco', 'xfrm', 'vti', 'vti6', 'tun']],
      [
        'tunnel',
        [
          'ipip',
          'ip6tnl',
          'sit',
          'gre',
          'gretap',
          'ip6gre',
          'ip6gretap',
          'erspan',
          'ip6erspan',
          'l2tpeth',
          'l2tp',
        ],
      ],
      ['tunnel', ['vxlan', 'geneve', 'gtp', 'bareudp', 'amt', 'pfcp', 'batadv']],
      [
        'virtual',
        [
          'dummy',
          'ifb',
          'nlmon',
          'vrf',
          'vcan',
          'vxcan',
          'netdevsim',
          'vsockmon',
          'macsec',
          'hsr',
          'team_slave',
        ],
      ],
    ] as const
  ).flatMap(([medium, kinds]) => kinds.map((kind) => [kind, medium] as const)),
)

const ARPHRD_ETHER = 1

function softwareMedium(linkKind: string, hardwareType: number): InterfaceMedium | undefined {
  // A tap hands whole frames to a program: a virtual machine's network card as often as a VPN.
  if (linkKind === 'tun' && hardwareType === ARPHRD_ETHER) return 'tunnel'
  return softwareKinds.get(linkKind)
}

/** DEVTYPE as drivers set it (SET_NETDEV_DEVTYPE); `gadget` is this computer posing as a USB device to another. */
const deviceTypes: ReadonlyMap<string, InterfaceMedium> = new Map([
  ['wwan', 'cellular'],
  ['wimax', 'cellular'],
  ['bluetooth', 'bluetooth'],
  ['ppp', 'ppp'],
  ['bridge', 'bridge'],
  ['bond', 'bond'],
  ['vlan', 'vlan'],
  ['vxlan', 'tunnel'],
  ['geneve', 'tunnel'],
  ['l2tpeth', 'tunnel'],
  ['wireguard', 'vpn'],
  ['gadget', 'usb-tether'],
])

const hardwareTypes: ReadonlyMap<number, InterfaceMedium> = new Map([
  [256, 'ppp'], // SLIP, CSLIP, SLIP6, CSLIP6
  [257, 'ppp'],
  [258, 'ppp'],
  [259, 'ppp'],
  [512, 'ppp'],
  [519, 'cellular'], // raw IP: QMI and MBIM modems
  [820, 'cellular'], // Phonet
  [821, 'cellular'],
  [768, 'tunnel'], // IPIP, IP6IP6, SIT, GRE, GRE over IPv6
  [769, 'tunnel'],
  [776, 'tunnel'],
  [778, 'tunnel'],
  [823, 'tunnel'],
  [783, 'wireless'], // infrared
  [801, 'wireless'], // 802.11, with headers of its capture, radiotap
  [802, 'wireless'],
  [803, 'wireless'],
  [804, 'wireless'], // 802.15.4, its monitor, 6LoWPAN
  [805, 'wireless'],
  [825, 'wireless'],
])

const bluetoothDrivers: ReadonlySet<string> = new Set(['btusb', 'hci_uart', 'btsdio', 'btintel_pcie', 'bnep'])

const modemDrivers: ReadonlySet<string> = new Set([
  'qmi_wwan',
  'qmi_wwan_q',
  'GobiNet',
  'cdc_mbim',
  'huawei_cdc_ncm',
  'sierra_net',
  'hso',
  'kalmia',
  'lg-vl600',
  'cdc_phonet',
  'mhi_net',
  'mhi_wwan_mbim',
  'iosm',
  'mtk_t7xx',
])

/** Cables from computer to computer and boxes that route: a network of their own at a USB port. */
const cableDrivers: ReadonlySet<string> = new Set([
  'cdc_subset',
  'zaurus',
  'plusb',
  'net1080',
  'gl620a',
  'cx82310_eth',
])

const driverTethers: ReadonlyMap<string, Tether> = new Map([
  ['rndis_host', 'rndis'],
  ['cdc_ether', 'ecm'],
  ['cdc_ncm', 'ncm'],
  ['huawei_cdc_ncm', 'ncm'],
  ['cdc_eem', 'eem'],
  ['cdc_mbim', 'mbim'],
  ['qmi_wwan', 'qmi'],
  ['qmi_wwan_q', 'qmi'],
  ['GobiNet', 'qmi'],
  ['ipheth', 'iphone'],
])

/** USB functions that carry a network (USB CDC 1.2 with ECM, EEM, NCM, MBIM; Microsoft's RNDIS; Apple's). */
const functionTethers: readonly (readonly [RegExp, Tether])[] = [
  [/^(?:e0\/01\/03|02\/02\/ff|ef\/04\/0[1-6])$/, 'rndis'],
  [/^02\/06\//, 'ecm'],
  [/^02\/0c\//, 'eem'],
  [/^02\/0d\//, 'ncm'],
  [/^02\/0e\//, 'mbim'],
  [/^ff\/fd\/01$/, 'iphone'],
]

/** How a USB device carries a network that another computer, phone or modem is at the end of; null for an adapter. */
function tetherOf({ driver, usb, isWireless }: InterfaceTraits): Tether | null {
  if (isWireless || (usb !== null && isPlainAdapter(usb))) return null
  const byDriver = driver === null ? undefined : driverTethers.get(driver)
  if (byDriver !== undefined) return byDriver
  // A driver that knows its own chip, as those of Ethernet adapters do, is bound to a function of the maker's own.
  return functionTethers.find(([pattern]) => usb !== null && pattern.test(usb.function))?.[1] ?? null
}

/** Makers of chips for USB Ethernet adapters: Realtek, ASIX, SMSC/Microchip, Davicom, Aquantia, CoreChip. */
const adapterMakers: ReadonlySet<string> = new Set(['0bda', '0b95', '0424', '0a46', '2eca', '0fe6'])
const adapterFunction = /^(?:02\/06\/|02\/0d\/|0a\/)/

/**
 * An Ethernet adapter may speak ECM or NCM too, so that it needs no driver of its maker's (RTL8153, RTL8156, AX88179B).
 * It is taken for one only where the number is that of a maker of such chips and the device does nothing else at all:
 * a phone brings its files and its modem along, a modem its control ports. Should a phone pose as such a chip, it is
 * still an interface that nobody approved. Anything in doubt is a tether.
 */
function isPlainAdapter(usb: UsbBehind): boolean {
  return (
    usb.vendorId !== null &&
    adapterMakers.has(usb.vendorId) &&
    usb.functions.length > 0 &&
    usb.functions.every((one) => adapterFunction.test(one))
  )
}
