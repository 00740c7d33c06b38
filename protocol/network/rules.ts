/** The part of a policy that says which network a computer may use. */
import { type Static, Type } from 'typebox'
import { LIMITS } from '../limits.ts'

const closed = { additionalProperties: false } as const
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const note = Type.String({ maxLength: 200 })
/** An address in the text form of RFC 4291 or four decimal parts; `parseAddress` decides whether it is one. */
const address = Type.String({ minLength: 2, maxLength: 45, pattern: '^[0-9a-fA-F:.]+$' })
const prefix = Type.String({ minLength: 4, maxLength: 49, pattern: '^[0-9a-fA-F:.]+/[0-9]{1,3}$' })
const mac = Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$' })
const port = Type.Integer({ minimum: 0, maximum: 65_535 })

export const DESTINATION_PROTOCOLS = ['any', 'tcp', 'udp', 'icmp', 'sctp'] as const

/** Where programs may connect to. `icmp` is that of the address's family. */
export const ApprovedDestinationSchema = Type.Object(
  {
    prefix,
    protocol: Type.Enum([...DESTINATION_PROTOCOLS]),
    /** Null: all ports. Only `tcp`, `udp` and `sctp` have any. */
    ports: nullable(Type.Object({ first: port, last: port }, closed)),
    note,
  },
  closed,
)
export type ApprovedDestination = Static<typeof ApprovedDestinationSchema>

/** `mac` null: whoever answers for the address. */
export const ApprovedGatewaySchema = Type.Object({ address, mac: nullable(mac), note }, closed)
export type ApprovedGateway = Static<typeof ApprovedGatewaySchema>

/** Who may connect to this computer, at which of its ports. */
export const ApprovedListenerSchema = Type.Object(
  {
    prefix,
    protocol: Type.Union([Type.Literal('tcp'), Type.Literal('udp'), Type.Literal('sctp')]),
    ports: Type.Object({ first: port, last: port }, closed),
    note,
  },
  closed,
)
export type ApprovedListener = Static<typeof ApprovedListenerSchema>

/** The address of the unit's own that is asked whether it answers: never one outside the approved prefixes. */
export const ProbeSchema = Type.Object(
  { address, port, everyMinutes: Type.Integer({ minimum: 5, maximum: 10_080 }) },
  closed,
)
export type Probe = Static<typeof ProbeSchema>

export const NetworkRulesSchema = Type.Object(
  {
    /** The unit's own networks: an address of this computer outside them is a foreign network. */
    prefixes: Type.Array(prefix, { maxItems: LIMITS.approvedPrefixesMax }),
    /** What may be connected to beside the console, the approved DNS (port 53) and DHCP servers. */
    destinations: Type.Array(ApprovedDestinationSchema, { maxItems: LIMITS.approvedDestinationsMax }),
    listeners: Type.Array(ApprovedListenerSchema, { maxItems: LIMITS.approvedDestinationsMax }),
    gateways: Type.Array(ApprovedGatewaySchema, { maxItems: LIMITS.approvedGatewaysMax }),
    dnsServers: Type.Array(address, { maxItems: 32 }),
    dhcpServers: Type.Array(address, { maxItems: 32 }),
    /** Null: nothing is ever asked; the default. */
    probe: nullable(ProbeSchema),
  },
  closed,
)
export type NetworkRules = Static<typeof NetworkRulesSchema>
