/**
 * The verdict of the kernel: the address is looked up in the table in force, then protocol (r7) and port (r8) in what is
 * found. Pure. The same as `judgeDestination`, which a test holds it to.
 *
 * All addresses are kept as those of IPv6, IPv4 in its mapped form (RFC 4291 §2.5.5.2): an IPv6 socket that connects to
 * such an address speaks IPv4, and is so judged as IPv4 by itself.
 */
import {
  andValue,
  call,
  copy,
  fromNetwork32,
  jump,
  jumpIfAbove,
  jumpIfAtLeast,
  jumpIfEqual,
  jumpIfNotEqual,
  jumpIfSame,
  type Line,
  label,
  load16,
  load32,
  load64,
  loadMap,
  setValue,
  shiftRight,
  store32,
  storeValue32,
  storeValue64,
} from '../bpf-assembler.ts'
import { anyProtocol, noMoreSpans, portProtocols, spanBytes, spansMax } from './approved-table.ts'
import { control } from './connection-layout.ts'
import { address, helper, type NetMaps, place } from './program-lines.ts'

const loopbackNet = 127
/** The bytes 00 00 ff ff as this processor reads them. */
const mappedMark = 0xffff_0000 | 0
const addressBits = 128

/** Writes 16 zero bytes. */
export function clear(at: number): Line[] {
  return [storeValue64('r10', at, 0), storeValue64('r10', at + 8, 0)]
}

/** Takes an IPv4 address out of the question, to `at`. */
export function takeIpv4(field: number, at: number): Line[] {
  return [
    storeValue64('r10', at, 0),
    storeValue32('r10', at + 8, mappedMark),
    load32('r1', 'r6', field),
    store32('r10', at + 12, 'r1'),
  ]
}

export function takeIpv6(field: number, at: number): Line[] {
  return [0, 4, 8, 12].flatMap((offset) => [
    load32('r1', 'r6', field + offset),
    store32('r10', at + offset, 'r1'),
  ])
}

/** Goes to `pass` where the address at `at` is 127.0.0.0/8 or ::1, else to `target`. */
export function unlessLoopback(at: number, target: string): Line[] {
  const [mapped, net] = [`not plain: ${target} ${at}`, `net of ${target} ${at}`]
  return [
    load64('r1', 'r10', at),
    jumpIfNotEqual('r1', 0, target),
    load32('r1', 'r10', at + 8),
    fromNetwork32('r1'),
    jumpIfNotEqual('r1', 0, mapped),
    load32('r1', 'r10', at + 12),
    fromNetwork32('r1'),
    jumpIfEqual('r1', 1, 'pass'),
    jump(target),
    label(mapped),
    jumpIfEqual('r1', 0xffff, net),
    jump(target),
    label(net),
    load32('r1', 'r10', at + 12),
    andValue('r1', 0xff),
    jumpIfEqual('r1', loopbackNet, 'pass'),
    jump(target),
  ]
}

/** Goes to `approved` or `prohibited`, for the address at `place.peer`. */
export function judge(maps: NetMaps): Line[] {
  return [
    storeValue32('r10', place.prefix, addressBits),
    // The address stands behind a number of 4 bytes, and so across the bounds of 8.
    ...[0, 4, 8, 12].flatMap((offset) => [
      load32('r1', 'r10', place.peer + offset),
      store32('r10', place.prefix + 4 + offset, 'r1'),
    ]),
    copy('r1', 'r9'),
    andValue('r1', control.secondSlot),
    shiftRight('r1', 3),
    store32('r10', place.index, 'r1'),
    ...loadMap('r1', maps.approved),
    ...address('r2', place.index),
    call(helper.mapLookUp),
    // Somebody has taken the table away: nothing is approved until it is back.
    jumpIfEqual('r0', 0, 'prohibited'),
    copy('r1', 'r0'),
    ...address('r2', place.prefix),
    call(helper.mapLookUp),
    jumpIfEqual('r0', 0, 'prohibited'),
    setValue('r5', 1),
    ...portProtocols.map((protocol) => jumpIfEqual('r7', protocol, 'ports count')),
    setValue('r5', 0),
    label('ports count'),
    ...Array.from({ length: spansMax }, (_, index) => judgeSpan(index)).flat(),
    jump('prohibited'),
  ]
}

function judgeSpan(index: number): Line[] {
  const at = index * spanBytes
  const [ports, next] = [`ports of span ${index}`, `after span ${index}`]
  return [
    load32('r1', 'r0', at + 4),
    jumpIfEqual('r1', noMoreSpans, 'prohibited'),
    jumpIfEqual('r1', anyProtocol, ports),
    jumpIfSame('r1', 'r7', ports),
    jump(next),
    label(ports),
    jumpIfEqual('r5', 0, 'approved'),
    load16('r2', 'r0', at),
    jumpIfAbove('r2', 'r8', next),
    load16('r2', 'r0', at + 2),
    jumpIfAtLeast('r2', 'r8', 'approved'),
    label(next),
  ]
}
