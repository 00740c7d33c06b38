/** Violations 1-13: what a classified computer is connected to, and by what. */
import { Type } from 'typebox'
import { NetworkInterfaceSchema, OriginSchema, RouteSchema, SightingSchema } from '../events/shapes.ts'
import { inferred, law, regulation, unitRule } from './legal-basis.ts'
import { actedOn, portStory } from './medium-evidence.ts'
import { foundHardware, networkProof } from './network-evidence.ts'
import {
  account,
  address,
  busDevice,
  closed,
  count,
  list,
  mac,
  type NumberedEntry,
  nullable,
  port,
  rawText,
  timeMs,
  usbId,
  word,
} from './violation.ts'

/** How far a connection was proven: tried, link there, or something answered. */
const confidence = Type.Union([
  Type.Literal('attempt'),
  Type.Literal('link-up'),
  Type.Literal('confirmed-reachability'),
])
const peer = closed({ address, port: nullable(port) })
const program = closed({ pid: nullable(count), name: nullable(rawText), path: nullable(rawText) })

export const NETWORK_VIOLATIONS = {
  'internet-connection': {
    number: 1,
    name: { zh: '接入互联网', en: 'Internet connection' },
    source: 'agent',
    severity: 'critical',
    basis: [law(31, 1), law(57, 8), unitRule('physical-isolation'), unitRule('internet-use')],
    evidence: closed({
      ...networkProof,
      /** Null where a program was seen to connect, and nothing told by which interface. */
      interface: nullable(NetworkInterfaceSchema),
      gateways: list(address, 64),
      dnsServers: list(address, 64),
      peer: nullable(peer),
      startedAtMs: timeMs,
      endedAtMs: nullable(timeMs),
      confidence,
    }),
  },
  'nonclassified-network-connection': {
    number: 2,
    name: { zh: '接入非涉密网络', en: 'Joined unclassified network' },
    source: 'agent',
    severity: 'critical',
    basis: [unitRule('physical-isolation')],
    evidence: closed({
      ...networkProof,
      /** Null where a trace that the system kept tells of it: the interface may be gone. */
      interface: nullable(NetworkInterfaceSchema),
      ssid: nullable(rawText),
      prefixes: list(address, 64),
      gatewayMac: nullable(mac),
      startedAtMs: timeMs,
      durationMs: nullable(count),
    }),
  },
  'standalone-network-connection': {
    number: 3,
    name: { zh: '单机违规联网', en: 'Network link on stand-alone host' },
    source: 'agent',
    severity: 'high',
    basis: [unitRule('no-network')],
    evidence: closed({
      ...networkProof,
      /** Its addresses are inside. */
      interface: NetworkInterfaceSchema,
      origin: OriginSchema,
      /** The computer's wall clock when the link was first seen up; null where it was up before the agent looked. */
      linkSinceMs: nullable(timeMs),
    }),
  },
  'dual-homing': {
    number: 4,
    name: { zh: '一机两网', en: 'Two networks live' },
    source: 'agent',
    severity: 'critical',
    basis: [unitRule('isolation-card'), unitRule('physical-isolation')],
    evidence: closed({
      ...networkProof,
      /** One alone where both networks are reached over it. */
      interfaces: Type.Array(NetworkInterfaceSchema, { minItems: 1, maxItems: 16 }),
      routes: list(RouteSchema),
      overlapMs: nullable(count),
    }),
  },
  'wireless-hardware-present': {
    number: 5,
    name: { zh: '存在无线模块', en: 'Wireless hardware fitted' },
    source: 'agent',
    severity: 'medium',
    basis: [inferred(unitRule('forbidden-hardware')), regulation(35), unitRule('wireless')],
    evidence: closed({ device: busDevice, isEnabled: nullable(Type.Boolean()), ...foundHardware }),
  },
  'wireless-link-up': {
    number: 6,
    name: { zh: '启用无线连接', en: 'Wireless association' },
    source: 'agent',
    severity: 'critical',
    basis: [law(31, 1), unitRule('wireless')],
    evidence: closed({
      ...networkProof,
      interface: NetworkInterfaceSchema,
      ssid: nullable(rawText),
      bssid: nullable(mac),
      associatedAtMs: timeMs,
    }),
  },
  'bluetooth-enabled': {
    number: 7,
    name: { zh: '启用蓝牙', en: 'Bluetooth on' },
    source: 'agent',
    severity: 'high',
    basis: [inferred(unitRule('forbidden-hardware'))],
    evidence: closed({
      ...networkProof,
      device: busDevice,
      isPowered: nullable(Type.Boolean()),
      pairedNames: list(rawText, 64),
      ...foundHardware,
    }),
  },
  'modem-or-cellular-dialup': {
    number: 8,
    name: { zh: '拨号/移动上网', en: 'Modem or cellular dial-up' },
    source: 'agent',
    severity: 'critical',
    basis: [law(31, 1)],
    evidence: closed({
      ...networkProof,
      device: busDevice,
      interface: nullable(NetworkInterfaceSchema),
      link: Type.Union([Type.Literal('ppp'), Type.Literal('wwan'), Type.Literal('modem')]),
      logLines: list(rawText, 100),
      startedAtMs: timeMs,
      endedAtMs: nullable(timeMs),
      ...actedOn,
      ...portStory,
    }),
  },
  'phone-tethering': {
    number: 9,
    name: { zh: '手机共享上网', en: 'Phone tethering' },
    source: 'agent',
    severity: 'critical',
    basis: [law(31, 1), unitRule('smart-devices')],
    evidence: closed({
      ...networkProof,
      /** Null where only its interface was told, not its device. */
      vendorId: nullable(usbId),
      productId: nullable(usbId),
      product: nullable(rawText),
      function: Type.Union([
        Type.Literal('rndis'),
        Type.Literal('ecm'),
        Type.Literal('ncm'),
        Type.Literal('other'),
      ]),
      interface: nullable(NetworkInterfaceSchema),
      durationMs: nullable(count),
      ...actedOn,
      ...portStory,
    }),
  },
  'unregistered-network-adapter': {
    number: 10,
    name: { zh: '未登记网卡', en: 'Unregistered network adapter' },
    source: 'agent',
    severity: 'high',
    basis: [unitRule('device-installation')],
    evidence: closed({
      ...networkProof,
      /** Null where it was kept out before the kernel made an interface of it: then `device` says what it is. */
      interface: nullable(NetworkInterfaceSchema),
      origin: OriginSchema,
      sighting: SightingSchema,
      device: Type.Optional(busDevice),
      ...actedOn,
      ...portStory,
    }),
  },
  'network-config-drift': {
    number: 11,
    name: { zh: '网络参数与登记不符', en: 'Address, gateway or MAC differs from the register' },
    source: 'agent',
    severity: 'medium',
    basis: [inferred(unitRule('device-installation'))],
    evidence: closed({
      ...networkProof,
      interfaceName: rawText,
      differences: list(
        closed({
          field: Type.Union([
            Type.Literal('address'),
            Type.Literal('gateway'),
            Type.Literal('mac'),
            Type.Literal('dns'),
          ]),
          registered: nullable(address),
          observed: nullable(address),
        }),
        64,
      ),
      account,
    }),
  },
  'external-connection-attempt': {
    number: 12,
    name: { zh: '外联尝试', en: 'Blocked outbound attempt' },
    source: 'agent',
    severity: 'high',
    basis: [law(31, 1)],
    evidence: closed({
      ...networkProof,
      /** Null where a frame left below IP: nothing names whom it was for. */
      destination: nullable(peer),
      destinationName: nullable(rawText),
      protocol: nullable(word),
      process: nullable(program),
      account,
      attempts: count,
      firstAtMs: timeMs,
      lastAtMs: timeMs,
    }),
  },
  'connection-sharing': {
    number: 13,
    name: { zh: '网络共享/热点/代理', en: 'Hotspot, connection sharing or proxy' },
    source: 'agent',
    severity: 'high',
    basis: [inferred(law(31, 2))],
    evidence: closed({
      ...networkProof,
      service: Type.Union([Type.Literal('hotspot'), Type.Literal('forwarding'), Type.Literal('proxy')]),
      interface: nullable(NetworkInterfaceSchema),
      process: nullable(program),
      port: nullable(port),
      clients: list(address),
    }),
  },
} as const satisfies Readonly<Record<string, NumberedEntry>>
