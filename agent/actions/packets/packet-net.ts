/**
 * The second net: packets that have no caller of ours (forwarded, raw, the kernel's own, incoming, frames below IP), by a
 * nftables table of our own. Shapes only; the kernel is in `packet-net-linux.ts`.
 */
import type { ApprovedListener, Destination, NetTotals, RawText } from '@shoukou/protocol'
import type { NetDamage } from '../connections/connection-net.ts'

export interface PacketRules {
  readonly approved: readonly Destination[]
  /** Who may open connections to this computer. Answers to its own are never in question. */
  readonly listeners: readonly ApprovedListener[]
  /** Drops what is not approved; else it is counted and told. */
  readonly drops: boolean
  /** Everything over these interfaces is dropped, whatever it is: the first step of a cut. */
  readonly cut: readonly RawText[]
  /** Interfaces whose outgoing frames are watched below IP too. */
  readonly interfaces: readonly RawText[]
}

export interface PacketEvent {
  readonly act: 'outgoing' | 'incoming' | 'forwarded' | 'frame'
  readonly family: 'ipv4' | 'ipv6' | 'other'
  /** IANA number; the EtherType where `family` is `other`. */
  readonly protocol: number
  readonly source: { readonly address: string; readonly port: number | null } | null
  readonly destination: { readonly address: string; readonly port: number | null } | null
  readonly inInterface: RawText | null
  readonly outInterface: RawText | null
  /** Of the socket, where the packet has one. */
  readonly uid: number | null
  readonly isDropped: boolean
  /** Unix ms. */
  readonly wallMs: number
}

export interface PacketNet {
  readonly id: string
  readonly sinceWallMs: number
  /** What this nft or kernel can't do of it, in sentences. */
  readonly lacks: readonly string[]
  /** Puts other rules in force in one transaction. */
  setRules(rules: PacketRules): Promise<void>
  drain(max: number): readonly PacketEvent[]
  totals(): Promise<NetTotals>
  onReady(callback: () => void): void
  inspect(): Promise<readonly NetDamage[]>
  /** `keep` leaves the table in force. */
  close(options: { readonly keep: boolean }): Promise<void>
}
