/** The nouns of network facts: what a picture of the network holds, what a connection is, what hardware is there. */
import { type Static, Type } from 'typebox'
import { NetworkInterfaceSchema, RouteSchema } from '../events/shapes.ts'
import { LIMITS } from '../limits.ts'
import { RawTextSchema } from '../raw-text.ts'

const closed = { additionalProperties: false } as const
const count = (maximum = Number.MAX_SAFE_INTEGER) => Type.Integer({ minimum: 0, maximum })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const code = Type.String({ maxLength: 100, pattern: '^[a-zA-Z0-9][a-zA-Z0-9._:-]*$' })
const address = Type.String({ maxLength: 64 })
const mac = Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){0,31}$' })
const port = count(65_535)

/** Which of the two nets in the kernel saw it; `conntrack` and `socket-sweep` are the coarser ways where there is none. */
export const NETS = ['socket', 'packet', 'conntrack', 'socket-sweep'] as const
export const NetSchema = Type.Enum([...NETS])
export type Net = Static<typeof NetSchema>

/** How far a connection was proven: tried, the link there, or something answered. */
export const CONFIDENCES = ['attempt', 'link-up', 'confirmed-reachability'] as const
export const ConfidenceSchema = Type.Enum([...CONFIDENCES])
export type Confidence = Static<typeof ConfidenceSchema>

export const PeerSchema = Type.Object({ address, port: nullable(port) }, closed)
export type Peer = Static<typeof PeerSchema>

/** The program that did it, as the kernel names it; what is not known is null, never guessed. */
export const ProgramSchema = Type.Object(
  {
    /** `comm`: 15 bytes at most, and any process may change its own. */
    name: RawTextSchema,
    /** The executable: from /proc, or collected in the kernel where the process was gone by then. */
    path: nullable(RawTextSchema),
    uid: nullable(count(4_294_967_295)),
    /** The account of that uid. */
    account: nullable(RawTextSchema),
    /** The session's account (loginuid): who it was before any `su` or `sudo`. */
    sessionAccount: nullable(RawTextSchema),
    /** systemd's unit, out of the cgroup: `ssh.service`. */
    unit: nullable(RawTextSchema),
    /** A container's id, out of the cgroup. */
    container: nullable(RawTextSchema),
    /** Not in the network namespace of the computer itself. */
    isOtherNamespace: nullable(Type.Boolean()),
  },
  closed,
)
export type Program = Static<typeof ProgramSchema>

export const FLOW_ACTS = [
  'connect',
  'send',
  'bind',
  'socket',
  'established',
  'accepted',
  'outgoing',
  'incoming',
  'forwarded',
  'frame',
] as const
/**
 * `connect`, `send` (a datagram without connect), `bind`, `socket` (a raw one made): what a program asked the kernel for.
 * `established`, `accepted`: a TCP connection that came about, outwards or inwards. `outgoing`, `incoming`, `forwarded`:
 * a packet seen by the packet net. `frame`: one that left below IP (AF_PACKET).
 */
export type FlowAct = (typeof FLOW_ACTS)[number]

/** Connections of one process to one peer in one span, counted by the kernel. */
export const FlowSchema = Type.Object(
  {
    act: Type.Enum([...FLOW_ACTS]),
    /** The process (thread group); null where the packet has no such caller. */
    pid: nullable(count(4_294_967_295)),
    family: Type.Union([Type.Literal('ipv4'), Type.Literal('ipv6'), Type.Literal('other')]),
    /** IANA protocol number: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6, 132 SCTP, 255 raw. */
    protocol: count(65_535),
    local: nullable(PeerSchema),
    peer: nullable(PeerSchema),
    /** The interface it left or came by, where a packet was seen. */
    interface: nullable(RawTextSchema),
    count: count(),
    /** Of these, refused before a packet existed, or dropped. */
    refused: count(),
    firstWallMs: count(),
    lastWallMs: count(),
    confidence: ConfidenceSchema,
    /** Why it is not approved: a code of `judge-destination.ts`. */
    rule: code,
  },
  closed,
)
export type Flow = Static<typeof FlowSchema>

/** Running totals of one net since it was set in the kernel: what was reported plus what was declared lost equals it. */
export const NetTotalsSchema = Type.Object(
  {
    counted: count(),
    approved: count(),
    /** Not approved: `reported` + `lost` + what is still under way. */
    prohibited: count(),
    reported: count(),
    lost: count(),
    refused: count(),
  },
  closed,
)
export type NetTotals = Static<typeof NetTotalsSchema>

export const NeighbourSchema = Type.Object(
  {
    address,
    mac: nullable(mac),
    interfaceIndex: count(),
    /** NUD_* in words: reachable, stale, delay, probe, failed, permanent, incomplete, noarp. */
    state: Type.String({ maxLength: 32 }),
    isRouter: Type.Boolean(),
  },
  closed,
)
export type Neighbour = Static<typeof NeighbourSchema>

/** A policy routing rule (ip-rule(8)) beyond the three that every computer has. */
export const RouteRuleSchema = Type.Object(
  {
    family: Type.Union([Type.Literal('ipv4'), Type.Literal('ipv6')]),
    priority: count(4_294_967_295),
    /** In the words of ip-rule(8). */
    text: Type.String({ maxLength: 500 }),
    table: nullable(count(4_294_967_295)),
  },
  closed,
)
export type RouteRule = Static<typeof RouteRuleSchema>

export const LeaseSchema = Type.Object(
  {
    interfaceName: nullable(RawTextSchema),
    address: nullable(address),
    server: nullable(address),
    routers: Type.Array(address, { maxItems: 16 }),
    dnsServers: Type.Array(address, { maxItems: 16 }),
    obtainedAtMs: nullable(count()),
    expiresAtMs: nullable(count()),
    /** Which file it stands in. */
    source: RawTextSchema,
  },
  closed,
)
export type Lease = Static<typeof LeaseSchema>

/** One wireless interface as nl80211 tells of it. */
export const WirelessStateSchema = Type.Object(
  {
    interfaceName: RawTextSchema,
    interfaceIndex: count(),
    /** NL80211_IFTYPE_* in words: station, ap, adhoc, monitor, mesh, p2p-client, p2p-go, wds, ocb, nan, unspecified. */
    mode: Type.String({ maxLength: 32 }),
    isAssociated: Type.Boolean(),
    ssid: nullable(RawTextSchema),
    bssid: nullable(mac),
    frequencyMhz: nullable(count(1_000_000)),
    /** Stations that are joined to this one, where it is an access point. */
    stations: Type.Array(mac, { maxItems: 64 }),
  },
  closed,
)
export type WirelessState = Static<typeof WirelessStateSchema>

/** Something that passes traffic on or waits for others to connect. */
export const SharingSchema = Type.Object(
  {
    service: Type.Union([
      Type.Literal('forwarding-ipv4'),
      Type.Literal('forwarding-ipv6'),
      Type.Literal('address-translation'),
      Type.Literal('proxy'),
      Type.Literal('bridge'),
    ]),
    /** The interface, the rule, the listening address: in the system's own words. */
    detail: RawTextSchema,
    port: nullable(port),
    pid: nullable(count(4_294_967_295)),
    program: nullable(ProgramSchema),
  },
  closed,
)
export type Sharing = Static<typeof SharingSchema>

export const SocketSchema = Type.Object(
  {
    protocol: count(65_535),
    family: Type.Union([Type.Literal('ipv4'), Type.Literal('ipv6'), Type.Literal('packet')]),
    /** TCP_* in words: established, syn-sent, listen …; `unconnected` for others. */
    state: Type.String({ maxLength: 32 }),
    local: nullable(PeerSchema),
    peer: nullable(PeerSchema),
    pid: nullable(count(4_294_967_295)),
    uid: nullable(count(4_294_967_295)),
    program: nullable(RawTextSchema),
  },
  closed,
)
export type SocketSeen = Static<typeof SocketSchema>

/**
 * The whole network as it stands at one moment: the proof beside a finding. Lists are cut at their limits, what a
 * finding is about first; `omitted` counts what was left out.
 */
export const PictureSchema = Type.Object(
  {
    interfaces: Type.Array(NetworkInterfaceSchema, { maxItems: LIMITS.pictureItemsMax }),
    routes: Type.Array(RouteSchema, { maxItems: LIMITS.pictureItemsMax }),
    neighbours: Type.Array(NeighbourSchema, { maxItems: LIMITS.pictureItemsMax }),
    rules: Type.Array(RouteRuleSchema, { maxItems: LIMITS.pictureItemsMax }),
    leases: Type.Array(LeaseSchema, { maxItems: 32 }),
    dnsServers: Type.Array(address, { maxItems: 32 }),
    wireless: Type.Array(WirelessStateSchema, { maxItems: 32 }),
    sharing: Type.Array(SharingSchema, { maxItems: 64 }),
    sockets: Type.Array(SocketSchema, { maxItems: LIMITS.pictureItemsMax }),
    /** Who sits at the computer. */
    sessionAccount: nullable(RawTextSchema),
    /** Parts that could not be read, by name: `neighbours`, `wireless` … */
    unread: Type.Array(code, { maxItems: 16 }),
    omitted: count(),
  },
  closed,
)
export type Picture = Static<typeof PictureSchema>

export const CONDITIONS = [
  'public-address',
  'foreign-network',
  'unapproved-gateway',
  'gateway-mac-differs',
  'unapproved-dns',
  'unapproved-dhcp',
  'second-default-route',
  'two-networks',
  'wireless-associated',
  'access-point',
  'cellular-up',
  'ppp-up',
  'tether-up',
  'bluetooth-network-up',
  'tunnel-up',
  'forwarding',
  'address-translation',
  'proxy-listening',
  'bridged',
  'mac-differs',
  'packet-socket',
  'routing-rule',
  'other-namespace-link',
] as const
/** What can be so of a network, in neutral words; whether it may be is the policy's word. */
export type ConditionCode = (typeof CONDITIONS)[number]

export const HARDWARE_KINDS = [
  'wifi',
  'bluetooth',
  'cellular-modem',
  'dialup-modem',
  'nfc',
  'infrared',
  'uwb',
  'camera',
  'microphone',
  'speaker',
] as const
export type HardwareKind = (typeof HARDWARE_KINDS)[number]

/** A piece of hardware that a classified computer should not have, whether it works or not. */
export const HardwareSchema = Type.Object(
  {
    kind: Type.Enum([...HARDWARE_KINDS]),
    bus: Type.Union([
      Type.Literal('pci'),
      Type.Literal('usb'),
      Type.Literal('sdio'),
      Type.Literal('platform'),
      Type.Literal('virtual'),
      Type.Literal('other'),
    ]),
    /** The device's place on its bus: `0000:02:00.0`, `1-1.4:1.0`. */
    busPath: nullable(RawTextSchema),
    usbPath: nullable(RawTextSchema),
    vendorId: nullable(Type.String({ pattern: '^[0-9a-f]{4}$' })),
    productId: nullable(Type.String({ pattern: '^[0-9a-f]{4}$' })),
    model: nullable(RawTextSchema),
    driver: nullable(RawTextSchema),
    /**
     * `on`: it can be used now (radio powered, capture open to programs). `blocked`: there with a driver and switched
     * off (rfkill, powered down). `no-driver`: on its bus and nothing serves it. `unknown`: could not be told.
     */
    state: Type.Union([
      Type.Literal('on'),
      Type.Literal('blocked'),
      Type.Literal('no-driver'),
      Type.Literal('unknown'),
    ]),
    /** Why it is blocked, or how it is known to be on: `rfkill-soft`, `rfkill-hard`, `hci-up`, `capture-device` … */
    detail: nullable(code),
    /** Names of what it is paired with, or of its nodes. */
    names: Type.Array(RawTextSchema, { maxItems: 64 }),
  },
  closed,
)
export type Hardware = Static<typeof HardwareSchema>

/** A trace of an earlier connection that the system itself keeps. */
export const TraceSchema = Type.Object(
  {
    kind: Type.Union([
      Type.Literal('wifi-profile'),
      Type.Literal('wifi-seen'),
      Type.Literal('wifi-association'),
      Type.Literal('connection-profile'),
      Type.Literal('dhcp-lease'),
      Type.Literal('link-up'),
      Type.Literal('usb-network-device'),
      Type.Literal('modem'),
      Type.Literal('bluetooth-paired'),
      Type.Literal('vpn-profile'),
      Type.Literal('remote-login'),
      Type.Literal('ppp-session'),
    ]),
    /** `networkmanager`, `systemd-journal`, `dhclient-lease`, `kernel-log`, `wtmp` … */
    source: code,
    /** The file it stands in. */
    path: nullable(RawTextSchema),
    /** What stands there: an SSID, an address, a line. */
    text: RawTextSchema,
    interfaceName: nullable(RawTextSchema),
    peer: nullable(address),
    /** When it happened, by the source's own clock; null where the source does not say. */
    firstWallMs: nullable(count()),
    lastWallMs: nullable(count()),
    /** `certain`: it was connected. `likely`: it was set up for that. `hint`: something was there. */
    certainty: Type.Union([Type.Literal('certain'), Type.Literal('likely'), Type.Literal('hint')]),
  },
  closed,
)
export type Trace = Static<typeof TraceSchema>
