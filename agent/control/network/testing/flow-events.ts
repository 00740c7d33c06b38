/** Events of the two nets, as tests make them. */
import type { ConnectionEvent, ConnectionProcess } from '../../../actions/connections/connection-net.ts'
import type { PacketEvent } from '../../../actions/packets/packet-net.ts'

let cookies = 1n

export function processOf(pid: number, more: Partial<ConnectionProcess> = {}): ConnectionProcess {
  return {
    pid,
    uid: 1000,
    gid: 1000,
    name: Buffer.from('curl'),
    cgroupId: 1n,
    namespace: 1n,
    path: Buffer.from('/usr/bin/curl'),
    ...more,
  }
}

export function connectTo(
  address: string,
  port: number,
  pid: number,
  more: Partial<ConnectionEvent> = {},
): ConnectionEvent {
  cookies += 1n
  return {
    act: 'connect',
    family: address.includes(':') ? 'ipv6' : 'ipv4',
    protocol: 6,
    socketType: 1,
    peer: { address, port },
    local: null,
    process: processOf(pid),
    cookie: cookies,
    isRefused: false,
    bootNs: 1_000_000_000n,
    ...more,
  }
}

/** TCP's word that the connection of an attempt stands. */
export function establishedOf(attempt: ConnectionEvent): ConnectionEvent {
  const local = { address: '10.1.0.20', port: 40_000 }
  return { ...attempt, act: 'established', process: null, local, isRefused: false }
}

export function packetTo(address: string, port: number | null, more: Partial<PacketEvent> = {}): PacketEvent {
  return {
    act: 'outgoing',
    family: address.includes(':') ? 'ipv6' : 'ipv4',
    protocol: 6,
    source: { address: '10.1.0.20', port: 40_000 },
    destination: { address, port },
    inInterface: null,
    outInterface: 'eth0',
    uid: null,
    isDropped: false,
    wallMs: 1_700_000_000_000,
    ...more,
  }
}
