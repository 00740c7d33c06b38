import { expect, it } from 'vitest'
import {
  inetDiagRequest,
  type KernelSocket,
  parseInetDiag,
  parsePacketSockets,
  parseProcSockets,
} from './parse-sock-diag.ts'
import { isLoopback, rankSocket } from './rank-sockets.ts'

// Recorded from Linux 6.18: one client and one dual-stack server of the same connection, 10.1.0.5:43518 to 10.1.0.5:8443.
const client = Buffer.from(
  '02010000a9fe20fb0a0100050000000000000000000000000a010005000000000000000000000000000000007a5a0000000000000000000000000000000000000000000028721000050008000000000008000f00000000000c00150001000000000000000600160052000000',
  'hex',
)
const accepted = Buffer.from(
  '0a01000020fba9fe00000000000000000000ffff0a01000500000000000000000000ffff0a010005000000007c5a0000000000000000000000000000000000000000000029721000050008000000000008000f00000000000c00150001000000000000000600160012000000',
  'hex',
)
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:20FB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1076533 1 00000000bfa36cae 100 0 0 10 0
   1: 0000000000000000FFFF00000500010A:20FB 0000000000000000FFFF00000500010A:A9FE 01 00000000:00000000 00:00000000 00000000     0        0 1077801 1 000000009ce4be5d 20 0 0 10 -1
`
const raw = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 246: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1077803 2 0000000001b024c7 0
`
const packet = `sk               RefCnt Type Proto  Iface R Rmem   User   Inode
000000009b763b21 3      3    0003   0     1 212992 0      1077804
0000000028ee0bfa 2      3    0000   0     0 0      0      1077805
00000000f984d791 3      3    0003   3     1 213632 1000   1077806
`

const without = (one: KernelSocket | null | undefined): object | null =>
  one === null || one === undefined
    ? null
    : { ...one, local: [...one.local].slice(-4), peer: [...one.peer].slice(-4) }

it('asks for one family and protocol in the states of a mask', () => {
  const request = inetDiagRequest(true, 17, 0xffffffff)
  expect([request.length, request[0], request[1], request.readUInt32LE(4)]).toEqual([56, 10, 17, 0xffffffff])
})

it('reads both ends of a connection out of sock_diag', () => {
  expect(without(parseInetDiag(client, 6))).toEqual({
    protocol: 6,
    family: 'inet',
    state: 1,
    local: [10, 1, 0, 5],
    localPort: 43_518,
    peer: [10, 1, 0, 5],
    peerPort: 8_443,
    interfaceIndex: 0,
    uid: 0,
    inode: 1_077_800,
  })
  expect(without(parseInetDiag(accepted, 6))).toMatchObject({
    local: [10, 1, 0, 5],
    inode: 1_077_801,
    state: 1,
  })
})

it('says null of a message that is too short or of a family it does not know', () => {
  expect(parseInetDiag(client.subarray(0, 71), 6)).toBeNull()
  expect(parseInetDiag(Buffer.alloc(72, 1), 6)).toBeNull()
})

it('takes what stands where a raw socket has no port for its protocol', () => {
  const [socket] = parseProcSockets(raw, 255)
  expect(without(socket)).toMatchObject({
    protocol: 1,
    localPort: 0,
    peerPort: 0,
    state: 7,
    inode: 1_077_803,
  })
  const told = Buffer.from(client)
  told.writeUInt16BE(1, 4)
  expect(parseInetDiag(told, 255)).toMatchObject({ protocol: 1, localPort: 0, peerPort: 0 })
})

it('reads the same connection out of the text table, mapped addresses in network order', () => {
  const sockets = parseProcSockets(tcp6, 6)
  expect(sockets.map((one) => [one.state, one.localPort, one.uid, one.inode])).toEqual([
    [10, 8_443, 1_000, 1_076_533],
    [1, 8_443, 0, 1_077_801],
  ])
  expect([...(sockets[1]?.local ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 5])
})

it('reads packet sockets with their EtherType, interface and owner', () => {
  expect(
    parsePacketSockets(packet).map((one) => [one.protocol, one.interfaceIndex, one.uid, one.inode]),
  ).toEqual([
    [3, 0, 0, 1_077_804],
    [0, 0, 0, 1_077_805],
    [3, 3, 1_000, 1_077_806],
  ])
})

it('leaves out lines that are none of a table', () => {
  expect(parseProcSockets('garbage\n 1: 0:0\n', 6)).toEqual([])
  expect(parsePacketSockets(`${'f'.repeat(5_000)}\n\u0000\n`)).toEqual([])
})

it('puts connections to others before listeners, and what stays inside the computer behind them', () => {
  const base: KernelSocket = {
    protocol: 6,
    family: 'inet',
    state: 1,
    local: Uint8Array.of(10, 0, 0, 2),
    localPort: 40_000,
    peer: Uint8Array.of(10, 0, 0, 9),
    peerPort: 443,
    interfaceIndex: 0,
    uid: 0,
    inode: 1,
  }
  const here = Uint8Array.of(127, 0, 0, 1)
  const ranks = [
    base,
    { ...base, protocol: 3, family: 'packet' as const, local: new Uint8Array(0), peer: new Uint8Array(0) },
    { ...base, protocol: 1, state: 7 },
    { ...base, state: 2 },
    { ...base, state: 10, peer: new Uint8Array(4) },
    { ...base, protocol: 17, state: 7, peer: new Uint8Array(4) },
    { ...base, local: here, peer: here },
    { ...base, state: 10, local: here, peer: new Uint8Array(4) },
    { ...base, state: 6 },
  ].map((socket) => rankSocket(socket))
  expect(ranks).toEqual([0, 1, 1, 2, 3, 3, 4, 4, 5])
})

it('knows loopback in each of its three forms', () => {
  const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 9, 9, 9)
  const six = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
  expect([Uint8Array.of(127, 1, 2, 3), mapped, six].map(isLoopback)).toEqual([true, true, true])
  expect([Uint8Array.of(10, 0, 0, 1), new Uint8Array(16), new Uint8Array(0)].map(isLoopback)).toEqual([
    false,
    false,
    false,
  ])
})
