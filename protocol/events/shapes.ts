/** The nouns inside facts: what a device, a disk, a mount, an adapter is, as observed. */
import { type Static, Type } from 'typebox'
import { LIMITS } from '../limits.ts'
import { BASE64_PATTERN, RawTextSchema } from '../raw-text.ts'

const closed = { additionalProperties: false } as const
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const count = (maximum = Number.MAX_SAFE_INTEGER) => Type.Integer({ minimum: 0, maximum })
const hex = (digits: number) => Type.String({ pattern: `^[0-9a-f]{${digits}}$` })

/**
 * Where a thing stood when it was first seen.
 *
 * `baseline`: there at enrolment; recorded, and no violation. `present-at-start`: there when the agent started, and
 * not seen by an earlier run in this boot. `still-present`: seen by an earlier run in the same boot, judged then.
 * `appeared`: came while the agent watched. `policy-changed`: there all along and told before; told again for the one
 * rule, named by the record's decision, that a new policy brings to bear on it.
 */
export const OriginSchema = Type.Union([
  Type.Literal('baseline'),
  Type.Literal('present-at-start'),
  Type.Literal('still-present'),
  Type.Literal('appeared'),
  Type.Literal('policy-changed'),
])
export type Origin = Static<typeof OriginSchema>

/**
 * How sure the agent is of a thing's details. `snapshot`: read from the kernel's own tables. `event-only`: a kernel
 * event told of it and it was gone before it could be read; what the event did not say is null.
 */
export const SightingSchema = Type.Union([Type.Literal('snapshot'), Type.Literal('event-only')])
export type Sighting = Static<typeof SightingSchema>

/** One interface descriptor (USB 2.0 §9.6.5), of any configuration and alternate setting. */
export const UsbInterfaceSchema = Type.Object(
  {
    configuration: count(255),
    number: count(255),
    alternate: count(255),
    class: hex(2),
    subclass: hex(2),
    protocol: hex(2),
  },
  closed,
)
export type UsbInterface = Static<typeof UsbInterfaceSchema>

export const UsbDeviceSchema = Type.Object(
  {
    /** The kernel's name for the port path: `1-1.2`. */
    path: RawTextSchema,
    bus: nullable(count(65_535)),
    device: nullable(count(65_535)),
    vendorId: hex(4),
    productId: hex(4),
    deviceRelease: nullable(hex(4)),
    deviceClass: nullable(hex(2)),
    serial: nullable(RawTextSchema),
    manufacturer: nullable(RawTextSchema),
    product: nullable(RawTextSchema),
    speedMbps: nullable(Type.Number({ minimum: 0 })),
    authorized: nullable(Type.Boolean()),
    interfaces: Type.Array(UsbInterfaceSchema, { maxItems: LIMITS.usbInterfacesMax }),
    /** The raw descriptors, base64; null where they could not be read. */
    descriptors: nullable(
      Type.String({ maxLength: Math.ceil(LIMITS.descriptorBytesMax / 3) * 4, pattern: BASE64_PATTERN }),
    ),
    /** What the parser found wrong with them: a lie is a fact too. */
    descriptorFaults: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 32 }),
  },
  closed,
)
export type UsbDevice = Static<typeof UsbDeviceSchema>

export const BLOCK_BUSES = [
  'usb',
  'ata',
  'scsi',
  'nvme',
  'mmc',
  'virtio',
  'floppy',
  'optical',
  'network',
  'loop',
  'mapped',
  'memory',
  'other',
] as const
/** The bus that a disk hangs on; `mapped` is dm and md, `memory` is ram and zram, `network` is nbd, rbd, drbd. */
export type BlockBus = (typeof BLOCK_BUSES)[number]

export const BlockDeviceSchema = Type.Object(
  {
    /** The kernel's name: `sda`, `mmcblk0`. */
    name: RawTextSchema,
    /** `major:minor` */
    number: nullable(Type.String({ pattern: '^\\d{1,10}:\\d{1,10}$' })),
    bus: Type.Enum([...BLOCK_BUSES]),
    sizeBytes: nullable(count()),
    isRemovable: nullable(Type.Boolean()),
    isReadOnly: nullable(Type.Boolean()),
    vendor: nullable(RawTextSchema),
    model: nullable(RawTextSchema),
    serial: nullable(RawTextSchema),
    wwn: nullable(RawTextSchema),
    /** The USB device that it belongs to, by path, where it belongs to one. */
    usbPath: nullable(RawTextSchema),
  },
  closed,
)
export type BlockDevice = Static<typeof BlockDeviceSchema>

export const MountSchema = Type.Object(
  {
    source: RawTextSchema,
    target: RawTextSchema,
    fileSystem: RawTextSchema,
    options: RawTextSchema,
    number: Type.String({ pattern: '^\\d{1,10}:\\d{1,10}$' }),
    /** On a medium: a block device that is not one of the computer's own disks. */
    isOnMedium: Type.Boolean(),
  },
  closed,
)
export type Mount = Static<typeof MountSchema>

export const InterfaceAddressSchema = Type.Object(
  {
    family: Type.Union([Type.Literal('ipv4'), Type.Literal('ipv6')]),
    address: Type.String({ maxLength: 64 }),
    prefixLength: count(128),
    scope: Type.Union([
      Type.Literal('global'),
      Type.Literal('site'),
      Type.Literal('link'),
      Type.Literal('host'),
      Type.Literal('other'),
    ]),
  },
  closed,
)
export type InterfaceAddress = Static<typeof InterfaceAddressSchema>

/** What an interface is for, by everything that the kernel tells of it. */
export const INTERFACE_MEDIA = [
  'wired',
  'wireless',
  'cellular',
  'bluetooth',
  'usb-tether',
  'ppp',
  'tunnel',
  'vpn',
  'bridge',
  'bond',
  'vlan',
  'macvlan',
  'veth',
  'virtual',
  'loopback',
] as const
export type InterfaceMedium = (typeof INTERFACE_MEDIA)[number]

export const NetworkInterfaceSchema = Type.Object(
  {
    index: count(),
    name: RawTextSchema,
    mac: nullable(Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){0,31}$' })),
    /** ARPHRD_* of the kernel: 1 Ethernet, 772 loopback, 512 PPP, 65534 none. */
    hardwareType: count(65_535),
    /** `physical` has a device behind it on some bus; `virtual` was made by software. */
    nature: Type.Union([Type.Literal('physical'), Type.Literal('virtual'), Type.Literal('loopback')]),
    /** IFLA_INFO_KIND: `veth`, `bridge`, `vlan`, `tun`, `wireguard` … */
    linkKind: nullable(RawTextSchema),
    /** The device behind it: `0000:00:03.0` on PCI, `1-1:1.0` on USB. */
    busPath: nullable(RawTextSchema),
    usbPath: nullable(RawTextSchema),
    driver: nullable(RawTextSchema),
    isWireless: Type.Boolean(),
    isAdminUp: Type.Boolean(),
    hasCarrier: Type.Boolean(),
    /** IF_OPER_* of RFC 2863 in words: up, down, dormant, unknown … */
    operState: Type.String({ maxLength: 32 }),
    addresses: Type.Array(InterfaceAddressSchema, { maxItems: LIMITS.interfaceAddressesMax }),
    /** Further addresses that it has and that are left out here; each was told when it came. */
    addressesOmitted: Type.Optional(count()),
    /** Left out by older agents: read `nature` and `isWireless` then. */
    medium: Type.Optional(Type.Enum([...INTERFACE_MEDIA])),
    /** How a USB device carries it: `iphone` is Apple's own; null where it is no such thing. */
    tether: Type.Optional(
      nullable(
        Type.Union([
          Type.Literal('rndis'),
          Type.Literal('ecm'),
          Type.Literal('ncm'),
          Type.Literal('eem'),
          Type.Literal('mbim'),
          Type.Literal('qmi'),
          Type.Literal('iphone'),
        ]),
      ),
    ),
    /** The hardware's own address (IFLA_PERM_ADDRESS), where it is told. */
    permanentMac: Type.Optional(nullable(Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){0,31}$' }))),
    /** Index of the interface that this one stands on (VLAN, macvlan), and of the one that it is a port of (bridge, bond). */
    lowerIndex: Type.Optional(nullable(count())),
    masterIndex: Type.Optional(nullable(count())),
  },
  closed,
)
export type NetworkInterface = Static<typeof NetworkInterfaceSchema>

export const RouteSchema = Type.Object(
  {
    family: Type.Union([Type.Literal('ipv4'), Type.Literal('ipv6')]),
    /** The destination's network; `default` is prefix length 0. */
    destination: Type.String({ maxLength: 64 }),
    prefixLength: count(128),
    gateway: nullable(Type.String({ maxLength: 64 })),
    interfaceIndex: nullable(count()),
    interfaceName: nullable(RawTextSchema),
    table: count(4_294_967_295),
    metric: nullable(count(4_294_967_295)),
  },
  closed,
)
export type Route = Static<typeof RouteSchema>
