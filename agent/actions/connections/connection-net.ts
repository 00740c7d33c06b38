/**
 * The first net: what programs ask the kernel for, seen at connect, sendmsg, bind and socket creation by cgroup eBPF
 * programs of our own. Shapes only; the kernel is in `connection-net-linux.ts`.
 */
import type { Destination, NetTotals } from '@shoukou/protocol'

/** A net, or why there is none: `reason` and `remedy` are shown to the administrator. */
export type Opened<Net> =
  | { readonly net: Net }
  | { readonly net: null; readonly reason: string; readonly remedy: string }

/** What the programs in the kernel go by. */
export interface ConnectionRules {
  /** What may be connected to; everything else is prohibited. */
  readonly approved: readonly Destination[]
  /** Refuses what is not approved; else it is only told. */
  readonly refuses: boolean
  /** Raw sockets (SOCK_RAW of IPv4 and IPv6) are told in any case; refused as well: nothing tells where they will send. */
  readonly refusesRaw: boolean
}

/** Asked by a process: connect, send of a datagram, bind, socket creation; or told by TCP: a connection stands. */
export type ConnectionAct = 'connect' | 'send' | 'bind' | 'socket' | 'established' | 'accepted'

export interface ConnectionEvent {
  readonly act: ConnectionAct
  readonly family: 'ipv4' | 'ipv6'
  /** IANA protocol number. */
  readonly protocol: number
  /** SOCK_*: 1 stream, 2 datagram, 3 raw, 5 sequenced packets. */
  readonly socketType: number
  readonly peer: { readonly address: string; readonly port: number } | null
  readonly local: { readonly address: string; readonly port: number } | null
  /** Null for `established` and `accepted`: then `cookie` leads to the process. */
  readonly process: ConnectionProcess | null
  /** The kernel's number of the socket: the same in all events of one. */
  readonly cookie: bigint
  readonly isRefused: boolean
  /** CLOCK_BOOTTIME, ns, when the kernel saw it. */
  readonly bootNs: bigint
}

/** Who asked, as the kernel itself had it at that moment. */
export interface ConnectionProcess {
  /** Thread group: what people call the pid. In the computer's own pid namespace. */
  readonly pid: number
  readonly uid: number
  readonly gid: number
  /** `comm`, up to the zero byte. */
  readonly name: Buffer
  readonly cgroupId: bigint
  /** The kernel's number of the network namespace; 0 where this kernel does not tell. */
  readonly namespace: bigint
  /** The executable's path as collected in the kernel; null where it could not be. */
  readonly path: Buffer | null
}

export interface ConnectionNet {
  /** Names this installation of the programs: another one after they were removed and set anew. */
  readonly id: string
  /** Unix ms when the counters began. */
  readonly sinceWallMs: number
  /** What this kernel can't do of it, in sentences: no IPv6 hook, no owner path … */
  readonly lacks: readonly string[]
  /** Puts other rules in force, all at once: at no moment fewer than the old or the new ones hold. */
  setRules(rules: ConnectionRules): Promise<void>
  /** Takes what the kernel has told since the last call, oldest first, at most `max`. */
  drain(max: number): readonly ConnectionEvent[]
  /** The kernel's counters now. `reported` is what `drain` has returned, over all runs of the agent. */
  totals(): NetTotals
  /** Calls back when there is something to drain: from the poller, at once. */
  onReady(callback: () => void): void
  /** Looks whether everything still stands; restores what somebody took away, and says what it was. */
  inspect(): Promise<readonly NetDamage[]>
  /** Lets go of it: `keep` leaves the programs in force for as long as the computer runs. */
  close(options: { readonly keep: boolean }): void
}

/** Something of a net that was not as we had left it. */
export interface NetDamage {
  /** `pin-removed`, `program-detached`, `map-altered`, `rules-flushed`, `rules-altered`. */
  readonly what: string
  readonly detail: string
  readonly isRestored: boolean
  /** How long it may have been open, ms; null where that is not known. */
  readonly openMs: number | null
}
