/** What rtnetlink says, as values: one shape for each kind of message. Only the shapes. */
import type { Neighbour, RouteRule } from '@shoukou/protocol'

export type IpFamily = 'ipv4' | 'ipv6'

/** An attribute that was not there is null. Partial messages (wireless events) bear no name; then null means "not said". */
export interface LinkMessage {
  readonly kind: 'link'
  readonly isRemoval: boolean
  readonly index: number
  readonly name: Buffer | null
  readonly mac: string | null
  /** The hardware's own address (Linux 5.6). */
  readonly permanentMac: string | null
  readonly hardwareType: number
  readonly flags: number
  readonly operState: number | null
  readonly linkKind: Buffer | null
  /** The interface that this one stands on; null too where that one is in another network namespace. */
  readonly lowerIndex: number | null
  readonly masterIndex: number | null
  /** Name of the device behind it and of its bus, where the kernel says so (Linux 5.14). */
  readonly parentName: string | null
  readonly parentBus: string | null
}

export interface AddressMessage {
  readonly kind: 'address'
  readonly isRemoval: boolean
  readonly index: number
  readonly family: IpFamily
  readonly address: string
  readonly prefixLength: number
  readonly scope: 'global' | 'site' | 'link' | 'host' | 'other'
}

export interface RouteMessage {
  readonly kind: 'route'
  readonly isRemoval: boolean
  readonly family: IpFamily
  readonly destination: string
  readonly prefixLength: number
  readonly gateway: string | null
  readonly index: number | null
  readonly table: number
  readonly metric: number | null
}

export interface NeighbourMessage {
  readonly kind: 'neighbour'
  readonly isRemoval: boolean
  readonly neighbour: Neighbour
}

export interface RuleMessage {
  readonly kind: 'rule'
  readonly isRemoval: boolean
  readonly rule: RouteRule
}

/** A switch of the network was turned (netconf): forwarding, above all. What it says now is read anew. */
export interface SettingMessage {
  readonly kind: 'setting'
  readonly isRemoval: boolean
}

export type NetMessage =
  | LinkMessage
  | AddressMessage
  | RouteMessage
  | NeighbourMessage
  | RuleMessage
  | SettingMessage

/** All links, addresses and routes at one moment. */
export interface NetDump {
  readonly links: readonly LinkMessage[]
  readonly addresses: readonly AddressMessage[]
  readonly routes: readonly RouteMessage[]
}
