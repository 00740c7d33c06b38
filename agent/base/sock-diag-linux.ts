/**
 * The sockets of this network namespace with the process that holds each: sock_diag(7), and the tables of /proc/net
 * where the kernel has no sock_diag for a protocol. Only asks.
 *
 * A look at one moment: what opened and closed between two looks was never here. For that there is the net in the kernel.
 */
import { readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { formatAddress, fromBytes, type Peer, type RawText, type SocketSeen } from '@shoukou/protocol'
import { NetlinkAsker } from './netlink-dump-linux.ts'
import {
  IPPROTO_RAW,
  IPPROTO_TCP,
  IPPROTO_UDP,
  inetDiagRequest,
  type KernelSocket,
  parseInetDiag,
  parsePacketSockets,
  parseProcSockets,
  SOCK_DIAG_BY_FAMILY,
  TCP_CLOSED,
  TCP_LISTEN,
} from './parse-sock-diag.ts'
import { rankSocket } from './rank-sockets.ts'
import { readSocketOwners, type SocketOwner } from './socket-owners-linux.ts'

export interface ReadSocketsOptions {
  /** Where /proc stands below. Not `/`: recorded files are read and the kernel is not asked. */
  readonly root?: string
  /** Sockets handed back at most; live ones first. */
  readonly limit?: number
  /** Beyond those, this many of the sockets that wait to be spoken to: connections must not crowd a listener out. */
  readonly waitingMax?: number
  /** Only what waits to be spoken to: TCP sockets that listen, UDP sockets without a peer. */
  readonly listenersOnly?: boolean
  /** False: `pid`, `program` and `path` stay null, and /proc is not walked. */
  readonly withOwners?: boolean
}

/** One socket as the protocol knows it, and what tells it from others. */
export interface OwnedSocket extends SocketSeen {
  /** 0 where no process holds it any more (TIME_WAIT and the like). */
  readonly inode: number
  /** Bound to this interface (SO_BINDTODEVICE, link-local scope, packet socket); null: to none. */
  readonly interfaceIndex: number | null
  /** The executable (/proc/PID/exe), where there is an owner and it could be read. */
  readonly path: RawText | null
}

export interface SocketsRead {
  /** Connected to others first, then raw and packet sockets, what is on its way, listeners, and the rest. */
  readonly sockets: readonly OwnedSocket[]
  /** Left out beyond `limit`. */
  readonly omitted: number
  /** What could not be read: `sockets-tcp`, `sockets-raw6`, `sockets-packet`, `socket-owners` … */
  readonly unread: readonly string[]
}

const NETLINK_SOCK_DIAG = 4
const IPPROTO_ICMP = 1
const IPPROTO_ICMPV6 = 58
const IPPROTO_SCTP = 132
const IPPROTO_UDPLITE = 136

interface Table {
  /** Its name in /proc/net, where it stands there. */
  readonly name: string
  readonly protocol: number
  readonly isIpv6: boolean
  /** Some are no part of every kernel: that one is not there is no fault. */
  readonly isAlways: boolean
  readonly hasDiag: boolean
  readonly hasText: boolean
}

const always = { isAlways: true, hasDiag: true, hasText: true }
const perhaps = { isAlways: false, hasDiag: true, hasText: true }
const tables: readonly Table[] = [
  { name: 'tcp', protocol: IPPROTO_TCP, isIpv6: false, ...always },
  { name: 'tcp6', protocol: IPPROTO_TCP, isIpv6: true, ...perhaps },
  { name: 'udp', protocol: IPPROTO_UDP, isIpv6: false, ...always },
  { name: 'udp6', protocol: IPPROTO_UDP, isIpv6: true, ...perhaps },
  { name: 'raw', protocol: IPPROTO_RAW, isIpv6: false, ...always },
  { name: 'raw6', protocol: IPPROTO_RAW, isIpv6: true, ...perhaps },
  { name: 'udplite', protocol: IPPROTO_UDPLITE, isIpv6: false, ...perhaps },
  { name: 'udplite6', protocol: IPPROTO_UDPLITE, isIpv6: true, ...perhaps },
  { name: 'sctp', protocol: IPPROTO_SCTP, isIpv6: false, ...perhaps, hasText: false },
  { name: 'sctp6', protocol: IPPROTO_SCTP, isIpv6: true, ...perhaps, hasText: false },
  // Sockets for `ping` without privilege: the kernel tells of them in text alone.
  { name: 'icmp', protocol: IPPROTO_ICMP, isIpv6: false, ...perhaps, hasDiag: false },
  { name: 'icmp6', protocol: IPPROTO_ICMPV6, isIpv6: true, ...perhaps, hasDiag: false },
]

/**
 * Reads all sockets. The event loop gets a turn between two tables (10,000 connections are some 20 ms) and about every 8 ms
 * while owners are looked for. What could not be read is named; nothing is thrown.
 */
export async function readSockets(options: ReadSocketsOptions = {}): Promise<SocketsRead> {
  const { root = '/', limit = 4_096, waitingMax = 0, listenersOnly = false, withOwners = true } = options
  const proc = root === '/' ? '/proc' : `${root}/proc`
  const { sockets, unread } = await readTables({ proc, asksKernel: root === '/', listenersOnly })
  const all = sockets
    .map((socket, index) => ({ socket, index, rank: rankSocket(socket) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ socket }) => socket)
  const ranked = [...all.slice(0, limit), ...all.slice(limit).filter(isWaiting).slice(0, waitingMax)]
  const omitted = all.length - ranked.length
  if (!withOwners) return { sockets: ranked.map((socket) => describe(socket)), omitted, unread }
  const inodes = new Set(ranked.map(({ inode }) => inode).filter((inode) => inode > 0))
  const owners = await readSocketOwners(inodes, proc)
  return {
    sockets: ranked.map((socket) => describe(socket, owners.byInode.get(socket.inode))),
    omitted,
    unread: owners.isPartial ? [...unread, 'socket-owners'] : unread,
  }
}

interface TablesRead {
  readonly sockets: readonly KernelSocket[]
  readonly unread: readonly string[]
}

interface ReadTablesOptions {
  readonly proc: string
  readonly asksKernel: boolean
  readonly listenersOnly: boolean
}

async function readTables({ proc, asksKernel, listenersOnly }: ReadTablesOptions): Promise<TablesRead> {
  const sockets: KernelSocket[] = []
  const unread: string[] = []
  const asker = asksKernel ? await openAsker() : null
  try {
    for (const table of tables) {
      if (listenersOnly && table.protocol !== IPPROTO_TCP && table.protocol !== IPPROTO_UDP) continue
      await nextTurn()
      const told = await readByDiag(asker, table, statesOf(table, listenersOnly))
      const found = told ?? readByText(proc, table)
      if (found !== null) sockets.push(...found.filter((socket) => !listenersOnly || isWaiting(socket)))
      else if (table.isAlways) unread.push(`sockets-${table.name}`)
    }
  } finally {
    asker?.close()
  }
  if (listenersOnly) return { sockets, unread }
  const packets = readText(`${proc}/net/packet`)
  if (packets === null) unread.push('sockets-packet')
  return { sockets: [...sockets, ...parsePacketSockets(packets ?? '')], unread }
}

async function openAsker(): Promise<NetlinkAsker | null> {
  try {
    return await NetlinkAsker.open(NETLINK_SOCK_DIAG)
  } catch {
    // No sock_diag in this kernel, or no koffi: the tables in text say the same, only slower.
    return null
  }
}

async function readByDiag(
  asker: NetlinkAsker | null,
  table: Table,
  states: number,
): Promise<KernelSocket[] | null> {
  if (asker === null || !table.hasDiag) return null
  try {
    const request = inetDiagRequest(table.isIpv6, table.protocol, states)
    const answer = await asker.dumpInTurns(SOCK_DIAG_BY_FAMILY, request)
    if (answer.errno !== 0 || answer.wasInterrupted) return null
    return answer.bodies
      .map((body) => parseInetDiag(body, table.protocol))
      .filter((socket) => socket !== null)
  } catch {
    // Refused or cut short: the same table is asked for in text, and told as unread where that fails too.
    return null
  }
}

function readByText(proc: string, table: Table): KernelSocket[] | null {
  const text = table.hasText ? readText(`${proc}/net/${table.name}`) : null
  return text === null ? null : parseProcSockets(text, table.protocol)
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // The caller knows whether every kernel has it.
    return null
  }
}

function statesOf({ protocol }: Table, listenersOnly: boolean): number {
  if (!listenersOnly) return 0xffffffff
  return protocol === IPPROTO_TCP ? 1 << TCP_LISTEN : 1 << TCP_CLOSED
}

function isWaiting({ protocol, state, localPort }: KernelSocket): boolean {
  return protocol === IPPROTO_TCP ? state === TCP_LISTEN : state === TCP_CLOSED && localPort > 0
}

const stateWords: Readonly<Record<number, string>> = {
  1: 'established',
  2: 'syn-sent',
  3: 'syn-received',
  4: 'fin-wait-1',
  5: 'fin-wait-2',
  6: 'time-wait',
  7: 'closed',
  8: 'close-wait',
  9: 'last-ack',
  10: 'listen',
  11: 'closing',
  12: 'syn-received',
  13: 'bound',
}

function describe(socket: KernelSocket, owner?: SocketOwner): OwnedSocket {
  const isBareClosed = socket.state === TCP_CLOSED && socket.protocol !== IPPROTO_TCP
  const peer = peerOf(socket.peer, socket.peerPort, socket.protocol)
  const local = peerOf(socket.local, socket.localPort, socket.protocol)
  return {
    protocol: socket.protocol,
    family: socket.family === 'packet' ? 'packet' : familyOf(local?.address, peer?.address),
    state: isBareClosed ? 'unconnected' : (stateWords[socket.state] ?? 'unknown'),
    local,
    peer: isAllZero(socket.peer) && socket.peerPort === 0 ? null : peer,
    pid: owner?.pid ?? null,
    uid: socket.uid,
    program: owner?.program ?? null,
    inode: socket.inode,
    interfaceIndex: socket.interfaceIndex === 0 ? null : socket.interfaceIndex,
    path: owner?.path ?? null,
  }
}

function peerOf(bytes: Uint8Array, port: number, protocol: number): Peer | null {
  if (bytes.length === 0) return null
  const hasPort = [IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP].includes(protocol)
  return { address: formatAddress(fromBytes(bytes)), port: hasPort ? port : null }
}

/** A mapped address is IPv4 on the wire, whatever the socket's own family. */
function familyOf(local: string | undefined, peer: string | undefined): 'ipv4' | 'ipv6' {
  return local?.includes(':') === true && peer?.includes(':') === true ? 'ipv6' : 'ipv4'
}

function isAllZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}
