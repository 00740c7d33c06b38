/** What tests of the packet net share: a network with one peer at the end of a cable, nets that are closed again, senders. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Destination, type NetTotals, parseAddress, parsePrefix } from '@shoukou/protocol'
import { afterEach, beforeEach, expect } from 'vitest'
import { LazyPoller } from '../../../base/poll-linux.ts'
import type { PacketEvent, PacketNet, PacketRules } from '../packet-net.ts'
import { openPacketNet, type PacketNetOptions } from '../packet-net-linux.ts'
import { enterOwnNetwork, Peer, run } from './own-network-linux.ts'
import { echoRequest, sendFrame, sendIp, strangeFrame, udpFrame } from './send-raw-linux.ts'

let poller: LazyPoller
let folder: string
export const peers: Peer[] = []
const nets: PacketNet[] = []

/** Each test has a network of its own, and leaves nothing behind. */
export function useOwnNetwork(): void {
  beforeEach(async () => {
    await enterOwnNetwork()
    poller = new LazyPoller()
    folder = mkdtempSync(join(tmpdir(), 'shoukou-packets-'))
  })
  afterEach(async () => {
    for (const net of nets.splice(0)) await net.close({ keep: false })
    await poller.close()
    for (const peer of peers.splice(0)) peer.close()
    rmSync(folder, { recursive: true, force: true })
  })
}

/** Where a net may keep what it has reported. */
export function statePathOfTest(): string {
  return join(folder, 'packet-net.json')
}

/** Closes a net before its test ends, and takes its tables away. */
export async function closeNet(net: PacketNet): Promise<void> {
  nets.splice(nets.indexOf(net), 1)
  await net.close({ keep: false })
}

export const loopback = ['127.0.0.0/8', '::1/128'].map((text) => to(text, { rule: 'loopback' }))
/** One approved server and the link's own words; the peer has it as a second address. */
export const lan = [
  ...loopback,
  ...['10.9.0.8/32', 'fd09::8/128', 'fe80::/10', 'ff02::/16'].map((text) => to(text)),
]

/** What the link itself needs: ARP and neighbour discovery. */
export const onlyNeighbours = ['frames']
export const everyKind = [
  'frame ipv4 17',
  'frame other 34997',
  'outgoing ipv4 1',
  'outgoing ipv4 132',
  'outgoing ipv4 17',
  'outgoing ipv4 253',
  'outgoing ipv4 6',
  'outgoing ipv6 132',
  'outgoing ipv6 17',
  'outgoing ipv6 253',
  'outgoing ipv6 58',
  'outgoing ipv6 6',
]
export const theirs =
  'table inet theirs {\n chain c {\n type filter hook output priority 0;\n counter\n }\n}\n'
const arriving = {
  udp4: 'ip daddr 10.9.0.2 udp dport 7777',
  udp6: 'ip6 daddr fd09::2 udp dport 7777',
  tcp4: 'ip daddr 10.9.0.2 tcp dport 7778',
  tcp6: 'ip6 daddr fd09::2 tcp dport 7778',
  icmp4: 'icmp type 8',
  icmp6: 'icmpv6 type 128',
  sctp4: 'ip protocol 132',
  sctp6: 'meta protocol ip6 meta l4proto 132',
  raw4: 'ip protocol 253',
  raw6: 'meta protocol ip6 meta l4proto 253',
  frame: 'ether type 0x88b5',
  framed: 'udp dport 9999',
  frames: 'meta length 0-65535',
  established: 'tcp dport 7779',
  approved4: 'ip daddr 10.9.0.8 udp dport 7777',
  approved6: 'ip6 daddr fd09::8 udp dport 7777',
}
export const echoServer = `require('net').createServer((s) => s.on('error', () => {}).pipe(s)).listen(7779, '10.9.0.2', () => console.log('ready'))`
export const flood = `const s = require('dgram').createSocket('udp4'); let n = 0
const go = () => { for (let i = 0; i < 100; i += 1) s.send('x', 5000 + (n % 50), '10.9.0.1'); n += 100; if (n < 30000) setImmediate(go); else setTimeout(() => s.close(), 200) }
go()`

export function to(text: string, more: Partial<Destination> = {}): Destination {
  const prefix = parsePrefix(text)
  if (prefix === null) throw new Error(text)
  return { prefix, protocol: null, firstPort: 0, lastPort: 65_535, rule: 'approved-destination', ...more }
}

export function rules(some: Partial<PacketRules>): PacketRules {
  return { approved: loopback, listeners: [], drops: false, cut: [], interfaces: ['v0'], ...some }
}

export function options(): PacketNetOptions {
  return { poller, wallMs: Date.now, newId: randomUUID, bootId: 'this', statePath: null }
}

export async function open(some: Partial<PacketNetOptions> = {}): Promise<PacketNet> {
  const opened = await openPacketNet({ ...options(), ...some })
  if (opened.net === null) throw new Error(`${opened.reason}: ${opened.remedy}`)
  nets.push(opened.net)
  return opened.net
}

/** A cable with the computer at .1 and a peer at .2, which also answers for the approved server at .8. */
export async function cable({ isUp = true } = {}): Promise<Peer> {
  const peer = await Peer.connect('v0', 'v1')
  peers.push(peer)
  for (const address of ['10.9.0.2/24', '10.9.0.8/24', 'fd09::2/64', 'fd09::8/64']) {
    peer.run('ip', ['addr', 'add', address, 'dev', 'v1', ...(address.includes(':') ? ['nodad'] : [])])
  }
  if (isUp) bringUp()
  // Neighbour discovery answers only once the peer's own end is up.
  if (isUp) await sleep(50)
  peer.countAt('v1', arriving)
  return peer
}

/** Linux before 6.2 renames only what is down. */
export function rename(from: string, name: string): void {
  run('ip', ['link', 'set', from, 'down'])
  run('ip', ['link', 'set', from, 'name', name])
  run('ip', ['link', 'set', name, 'up'])
}

export function bringUp(): void {
  run('ip', ['addr', 'add', '10.9.0.1/24', 'dev', 'v0'])
  run('ip', ['addr', 'add', 'fd09::1/64', 'dev', 'v0', 'nodad'])
  run('ip', ['link', 'set', 'v0', 'up'])
}

export async function sendEverything(): Promise<void> {
  const index = Number.parseInt(run('ip', ['-o', 'link', 'show', 'v0']), 10)
  for (const address of ['10.9.0.2', 'fd09::2']) {
    const bytes = Uint8Array.from(parseAddress(address)?.bytes ?? [])
    await sendUdp(address)
    await tryTcp(address, 7_778)
    sendIp(bytes, bytes.length === 4 ? 1 : 58, echoRequest(bytes.length === 4))
    sendIp(bytes, 132, Buffer.from('000102030405060708090a0b', 'hex'))
    sendIp(bytes, 253, Buffer.from('whatever'))
  }
  sendFrame(index, strangeFrame(0x88b5))
  sendFrame(index, udpFrame(Uint8Array.of(10, 9, 0, 1), Uint8Array.of(10, 9, 0, 2), 9_999))
}

export function sendUdp(address: string, { from = 0 } = {}): Promise<string> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.bind(from, () =>
      socket.send('x', 7_777, address, (error) => {
        socket.close()
        resolve(error === null ? 'sent' : String((error as NodeJS.ErrnoException).code))
      }),
    )
  })
}

/** Tries for a quarter of a second. */
export function tryTcp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (isOpen: boolean): void => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.setTimeout(250, () => end(false))
    socket.on('connect', () => end(true))
    socket.on('error', () => end(false))
  })
}

export async function answers(host: string): Promise<boolean> {
  const server = createServer().listen(0, host)
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const isOpen = await tryTcp(host, typeof address === 'object' && address !== null ? address.port : 0)
  server.close()
  return isOpen
}

/** What a connection from an address of the peer's is told by this computer. */
export function dialFrom(peer: Peer, from: string, port: number): Promise<string> {
  const program = `const s = require('net').connect({ host: '10.9.0.1', port: ${port}, localAddress: '${from}' })
s.setTimeout(500, () => s.destroy()); s.on('error', () => {}); s.pipe(process.stdout)`
  return new Promise((resolve) => {
    const child = peer.start('node', ['-e', program])
    let text = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString()
    })
    child.once('close', () => resolve(text))
  })
}

export async function told(net: PacketNet, atLeast: number): Promise<PacketEvent[]> {
  const events: PacketEvent[] = []
  for (let count = 0; count < 100 && events.length < atLeast; count += 1) {
    events.push(...net.drain(1_000))
    await sleep(20)
  }
  return [...events, ...net.drain(1_000)]
}

export async function damages(net: PacketNet): ReturnType<PacketNet['inspect']> {
  await sleep(50)
  return await net.inspect()
}

export function expectAccounted(totals: NetTotals, { refused }: { readonly refused: number }): void {
  expect(totals.reported + totals.lost).toBe(totals.counted)
  expect(totals.prohibited).toBe(totals.counted)
  expect(totals.refused).toBe(refused)
}

export async function killedAgent(statePath: string): Promise<string> {
  const program = join(import.meta.dirname, 'keep-net-program.ts')
  const child = spawn(process.execPath, [program, statePath, '10.9.0.8/32'])
  const id = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()))
    child.once('close', () => reject(new Error('it ended')))
  })
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))
  return id
}
