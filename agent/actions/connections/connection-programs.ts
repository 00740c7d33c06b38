/**
 * The programs of the first net, as bytes: one for each hook. Pure.
 *
 * Asked at connect, at a send that names its destination, at bind and at the making of a socket, in the process that
 * does it; told by TCP when a connection stands. They answer 1 (may) or 0 (EPERM), before a packet exists.
 */
import {
  andValue,
  assemble,
  copy,
  fromNetwork16,
  fromNetwork32,
  jump,
  jumpIfAnyBit,
  jumpIfEqual,
  jumpIfNotEqual,
  type Line,
  label,
  load32,
  setValue,
  store32,
  store64,
  storeValue32,
} from '../bpf-assembler.ts'
import { portProtocols } from './approved-table.ts'
import { actNumbers, control, type HookName, recordKind } from './connection-layout.ts'
import { answer, endAttempt, endTold, refusedBy } from './event-lines.ts'
import { clear, judge, takeIpv4, takeIpv6, unlessLoopback } from './judge-lines.ts'
import { type ProgramOptions, place, readControl } from './program-lines.ts'

type Act = keyof typeof actNumbers
type Family = 'ipv4' | 'ipv6'

/** Offsets in `struct bpf_sock_addr`, `bpf_sock` and `bpf_sock_ops` (linux/bpf.h): never changed. */
const asked = { userFamily: 0, ip4: 4, ip6: 8, port: 24, type: 32, protocol: 36 } as const
const made = { family: 4, type: 8, protocol: 12 } as const
const told = {
  what: 0,
  family: 20,
  peer4: 24,
  local4: 28,
  peer6: 32,
  local6: 48,
  peerPort: 64,
  localPort: 68,
} as const

const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM = 1
const SOCK_RAW = 3
const IPPROTO_TCP = 6
const IPPROTO_SCTP = 132
/** DCCP, L2TP over IP, UDP-Lite. */
const unaskedProtocols = [33, 115, 136] as const
/** BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB, …PASSIVE… */
const activeEstablished = 4
const passiveEstablished = 5
const familyShift = 16

const programs = {
  connect4: (options) => attempt('connect', 'ipv4', options),
  connect6: (options) => attempt('connect', 'ipv6', options),
  send4: (options) => attempt('send', 'ipv4', options),
  send6: (options) => attempt('send', 'ipv6', options),
  bind4: (options) => bound('ipv4', options),
  bind6: (options) => bound('ipv6', options),
  socket: socketMade,
  tcp: established,
} as const satisfies Readonly<Record<HookName, (options: ProgramOptions) => Line[]>>

/** Returns the program of a hook, over these maps. */
export function connectionProgram(hook: HookName, options: ProgramOptions): Buffer {
  return assemble(programs[hook](options))
}

/** r6: the question; r9: the control number. While there are no rules everything passes, uncounted. */
function begin({ maps }: ProgramOptions): Line[] {
  return [
    copy('r6', 'r1'),
    ...readControl(maps),
    jumpIfAnyBit('r9', control.looks, 'looks'),
    ...answer(1),
    label('looks'),
    ...clear(place.peer),
    ...clear(place.local),
    storeValue32('r10', place.peerPort, 0),
    storeValue32('r10', place.localPort, 0),
  ]
}

/** The family of the socket; whoever reads the record goes by the address where there is one. */
function setHead(act: Act, family: Family): Line {
  const number = family === 'ipv4' ? 4 : 6
  return storeValue32('r10', place.head, recordKind.event | (actNumbers[act] << 8) | (number << familyShift))
}

/** r7: the protocol; r8: the port, 0 where the protocol has none. */
function takeQuestion(port: number): Line[] {
  return [
    load32('r1', 'r6', asked.type),
    store32('r10', place.type, 'r1'),
    load32('r7', 'r6', asked.protocol),
    store32('r10', place.protocol, 'r7'),
    load32('r8', 'r6', asked.port),
    fromNetwork16('r8'),
    ...portProtocols.map((protocol) => jumpIfEqual('r7', protocol, 'has a port')),
    setValue('r8', 0),
    label('has a port'),
    store32('r10', port, 'r8'),
  ]
}

function takeAddress(family: Family, at: number): Line[] {
  return family === 'ipv4' ? takeIpv4(asked.ip4, at) : takeIpv6(asked.ip6, at)
}

function attempt(act: 'connect' | 'send', family: Family, options: ProgramOptions): Line[] {
  return [
    ...begin(options),
    // The kernel itself refuses to connect to an address of another family, and its bytes are none. A datagram of
    // family AF_UNSPEC is sent, though.
    ...(act === 'connect' ? onlyFamily(family === 'ipv4' ? AF_INET : AF_INET6) : []),
    ...takeQuestion(place.peerPort),
    ...takeAddress(family, place.peer),
    setHead(act, family),
    ...judge(options.maps),
    ...endAttempt(options, refusedBy.destination),
  ]
}

function onlyFamily(family: number): Line[] {
  return [load32('r1', 'r6', asked.userFamily), jumpIfNotEqual('r1', family, 'pass')]
}

/** Told: a port of their own choice, at an address that others can reach. Who may listen is for the other net to say. */
function bound(family: Family, options: ProgramOptions): Line[] {
  return [
    ...begin(options),
    ...takeQuestion(place.localPort),
    jumpIfEqual('r8', 0, 'pass'),
    ...takeAddress(family, place.local),
    setHead('bind', family),
    ...unlessLoopback(place.local, 'tell'),
    ...endTold(options, true),
  ]
}

/**
 * Sockets that nothing tells the destination of: raw ones, and those of protocols that the kernel does not ask about when
 * they connect. Of these SCTP is told and not refused: a policy may approve it, and the other net knows its packets.
 */
function socketMade(options: ProgramOptions): Line[] {
  return [
    ...begin(options),
    load32('r7', 'r6', made.protocol),
    store32('r10', place.protocol, 'r7'),
    load32('r1', 'r6', made.type),
    store32('r10', place.type, 'r1'),
    jumpIfEqual('r1', SOCK_RAW, 'unseen'),
    ...unaskedProtocols.map((protocol) => jumpIfEqual('r7', protocol, 'unseen')),
    jumpIfNotEqual('r7', IPPROTO_SCTP, 'pass'),
    andValue('r9', ~control.refusesRaw),
    store64('r10', place.control, 'r9'),
    label('unseen'),
    setHead('socket', 'ipv4'),
    load32('r1', 'r6', made.family),
    jumpIfEqual('r1', AF_INET, 'prohibited'),
    setHead('socket', 'ipv6'),
    ...endAttempt(options, refusedBy.raw, 'never approved'),
  ]
}

/**
 * A connection of TCP that stands: outwards, where its peer is not approved; inwards, from wherever but this computer
 * itself. There is no process: TCP says so when a packet arrives.
 */
function established(options: ProgramOptions): Line[] {
  return [
    ...begin(options),
    load32('r1', 'r6', told.what),
    jumpIfEqual('r1', activeEstablished, 'stands'),
    jumpIfEqual('r1', passiveEstablished, 'stands'),
    jump('pass'),
    label('stands'),
    storeValue32('r10', place.type, SOCK_STREAM),
    storeValue32('r10', place.protocol, IPPROTO_TCP),
    setValue('r7', IPPROTO_TCP),
    load32('r1', 'r6', told.localPort),
    store32('r10', place.localPort, 'r1'),
    load32('r8', 'r6', told.peerPort),
    fromNetwork32('r8'),
    store32('r10', place.peerPort, 'r8'),
    load32('r1', 'r6', told.family),
    jumpIfEqual('r1', AF_INET6, 'ipv6'),
    ...takeIpv4(told.peer4, place.peer),
    ...takeIpv4(told.local4, place.local),
    jump('addresses'),
    label('ipv6'),
    ...takeIpv6(told.peer6, place.peer),
    ...takeIpv6(told.local6, place.local),
    label('addresses'),
    load32('r1', 'r6', told.what),
    jumpIfEqual('r1', passiveEstablished, 'accepted'),
    setHead('established', 'ipv4'),
    ...judge(options.maps),
    label('accepted'),
    setHead('accepted', 'ipv4'),
    ...unlessLoopback(place.peer, 'tell'),
    label('approved'),
    jump('pass'),
    label('prohibited'),
    ...endTold(options, false),
  ]
}
