import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Destination,
  formatPrefix,
  LIMITS,
  type NetTotals,
  parseAddress,
  parsePrefix,
} from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LazyPoller } from '../../base/poll-linux.ts'
import type { PacketEvent, PacketNet, PacketRules } from './packet-net.ts'
import { openPacketNet, type PacketNetOptions } from './packet-net-linux.ts'
import { enterOwnNetwork, Peer, run } from './testing/own-network-linux.ts'
import { echoRequest, sendFrame, sendIp, strangeFrame, udpFrame } from './testing/send-raw-linux.ts'

// Each starts some ten programs; on a machine that is busy that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let poller: LazyPoller
let folder: string
const peers: Peer[] = []
const nets: PacketNet[] = []

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

const loopback = ['127.0.0.0/8', '::1/128'].map((text) => to(text, { rule: 'loopback' }))
/** One approved server and the link's own words; the peer has it as a second address. */
const lan = [...loopback, ...['10.9.0.8/32', 'fd09::8/128', 'fe80::/10', 'ff02::/16'].map((text) => to(text))]

describe('in alarm mode', () => {
  it('tells each prohibited packet, of whatever kind, and lets it pass', async () => {
    const peer = await cable()
    const net = await open()
    await net.setRules(rules({ approved: lan }))
    await sendEverything()
    const events = await told(net, 12)
    const kinds = events.map(({ act, family, protocol }) => `${act} ${family} ${protocol}`)
    expect([...new Set(kinds)].toSorted()).toEqual(everyKind)
    expect(events.every(({ isDropped, outInterface }) => !isDropped && outInterface === 'v0')).toBe(true)
    const udp = events.find(({ family, protocol }) => family === 'ipv6' && protocol === 17)
    expect(udp?.destination).toEqual({ address: 'fd09::2', port: 7_777 })
    expect(udp?.uid).toBe(0)
    expect(
      Object.entries(peer.counts())
        .filter(([, count]) => count === 0)
        .map(([name]) => name),
    ).toEqual(['established', 'approved4', 'approved6'])
    expectAccounted(await net.totals(), { refused: 0 })
  })

  it('tells one packet of a flow, and each connection that TCP opens', async () => {
    await cable()
    const net = await open()
    await net.setRules(rules({ approved: lan }))
    for (let count = 0; count < 20; count += 1) await sendUdp('10.9.0.2', { from: 41_000 })
    for (let count = 0; count < 3; count += 1) await tryTcp('10.9.0.2', 7_778)
    const events = await told(net, 4)
    expect(events.map(({ protocol }) => protocol)).toEqual([17, 6, 6, 6])
  })

  it('says nothing of what is approved, nor of what the link needs', async () => {
    await cable()
    const net = await open()
    await net.setRules(rules({ approved: lan }))
    await sendUdp('10.9.0.8')
    await sendUdp('fd09::8')
    await tryTcp('10.9.0.8', 7_778)
    await sleep(300)
    expect(net.drain(100)).toEqual([])
    expect((await net.totals()).counted).toBe(0)
  })
})

describe('in drop mode', () => {
  it('lets not one prohibited packet out, and those to approved destinations pass', async () => {
    const peer = await cable()
    const net = await open()
    await net.setRules(rules({ approved: lan, drops: true }))
    await sendEverything()
    const events = await told(net, 12)
    expect(
      [...new Set(events.map(({ act, family, protocol }) => `${act} ${family} ${protocol}`))].toSorted(),
    ).toEqual(everyKind)
    expect(events.every(({ isDropped }) => isDropped)).toBe(true)
    expect(
      Object.entries(peer.counts())
        .filter(([, count]) => count > 0)
        .map(([name]) => name),
    ).toEqual(onlyNeighbours)
    await sendUdp('10.9.0.8')
    await sendUdp('fd09::8')
    await expect.poll(() => peer.counts()).toMatchObject({ approved4: 1, approved6: 1 })
    const totals = await net.totals()
    expectAccounted(totals, { refused: totals.counted })
  })

  it('lets nothing at all out of a computer that stands alone', async () => {
    const peer = await cable({ isUp: false })
    const net = await open()
    await net.setRules(rules({ approved: loopback, drops: true }))
    bringUp()
    await sendEverything()
    await sleep(1_500)
    expect(peer.counts()).toMatchObject({ frames: 0 })
    expect((await net.totals()).refused).toBeGreaterThan(10)
    expect(await answers('127.0.0.1')).toBe(true)
    expect(await answers('::1')).toBe(true)
  })

  it('ends a connection that was approved when it began', async () => {
    const peer = await cable()
    const server = peer.start('node', ['-e', echoServer])
    await new Promise((resolve) => server.stdout?.once('data', resolve))
    const net = await open()
    await net.setRules(rules({ approved: [...lan, to('10.9.0.2/32')], drops: true }))
    const socket = connect(7_779, '10.9.0.2')
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('connect', resolve))
    await net.setRules(rules({ approved: loopback, drops: true }))
    const before = peer.counts()['established']
    socket.write('secret')
    await sleep(400)
    expect(peer.counts()['established']).toBe(before)
    const [dropped] = (await told(net, 1)).filter(({ protocol }) => protocol === 6)
    expect(dropped).toMatchObject({ act: 'outgoing', isDropped: true })
    socket.destroy()
    server.kill('SIGKILL')
  })
})

describe('packets of others', () => {
  it('lets only listed ones open a connection to this computer, and answers them', async () => {
    const peer = await cable()
    const net = await open()
    const server = createServer((socket) => socket.end('hello')).listen(2_222, '0.0.0.0')
    const listeners = [
      { prefix: '10.9.0.8/32', protocol: 'tcp' as const, ports: { first: 2_222, last: 2_222 }, note: '' },
    ]
    await net.setRules(rules({ approved: lan, listeners, drops: true }))
    expect(await dialFrom(peer, '10.9.0.8', 2_222)).toBe('hello')
    expect(net.drain(10)).toEqual([])
    expect(await dialFrom(peer, '10.9.0.2', 2_222)).toBe('')
    expect((await told(net, 1))[0]).toMatchObject({
      act: 'incoming',
      inInterface: 'v0',
      source: { address: '10.9.0.2' },
      destination: { address: '10.9.0.1', port: 2_222 },
    })
    server.close()
  })

  it('tells what is forwarded, and in drop mode passes none of it on', async () => {
    const peer = await cable()
    const other = await Peer.connect('w0', 'w1')
    peers.push(other)
    other.countAt('w1', { forwarded: 'udp dport 7777' })
    run('ip', ['addr', 'add', '10.10.0.1/24', 'dev', 'w0'])
    run('ip', ['link', 'set', 'w0', 'up'])
    other.run('ip', ['addr', 'add', '10.10.0.2/24', 'dev', 'w1'])
    run('sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
    peer.run('ip', ['route', 'add', '10.10.0.0/24', 'via', '10.9.0.1'])
    const net = await open()
    await net.setRules(rules({ approved: [...lan, to('10.10.0.0/24')], interfaces: ['v0', 'w0'] }))
    peer.run('bash', ['-c', 'echo x > /dev/udp/10.10.0.2/7777'])
    await expect.poll(() => other.counts()['forwarded']).toBe(1)
    expect((await told(net, 1))[0]).toMatchObject({
      act: 'forwarded',
      inInterface: 'v0',
      outInterface: 'w0',
      isDropped: false,
    })
    await net.setRules(rules({ approved: [...lan, to('10.10.0.0/24')], drops: true }))
    peer.run('bash', ['-c', 'echo x > /dev/udp/10.10.0.2/7777'])
    expect((await told(net, 1))[0]).toMatchObject({ act: 'forwarded', isDropped: true })
    expect(other.counts()['forwarded']).toBe(1)
  })

  it('counts a flood whole, tells of it as much as it can and declares the rest', async () => {
    const peer = await cable()
    const net = await open()
    await net.setRules(rules({ approved: lan, drops: true }))
    peer.run('node', ['-e', flood])
    await expect.poll(async () => (await net.totals()).counted, { timeout: 5_000 }).toBe(30_000)
    while (net.drain(1_000).length > 0) await sleep(5)
    const totals = await net.totals()
    expect(totals.lost).toBeGreaterThan(0)
    expect(totals.reported).toBeGreaterThanOrEqual(4_000)
    expectAccounted(totals, { refused: 30_000 })
  })
})

describe('a cut interface', () => {
  it('passes nothing in either direction while another one works', async () => {
    const peer = await cable()
    const other = await Peer.connect('w"0', 'w1')
    peers.push(other)
    run('ip', ['addr', 'add', '10.10.0.1/24', 'dev', 'w"0'])
    run('ip', ['link', 'set', 'w"0', 'up'])
    other.run('ip', ['addr', 'add', '10.10.0.2/24', 'dev', 'w1'])
    other.countAt('w1', { approved: 'udp dport 7777' })
    const approved = [...lan, to('10.10.0.0/24'), to('10.9.0.0/24')]
    const net = await open()
    await net.setRules(rules({ approved, drops: true, cut: ['v0'], interfaces: ['v0', 'w"0'] }))
    expect(net.lacks.join(' ')).toContain('w"0')
    await sleep(100)
    const before = peer.counts()['frames']
    await sendEverything()
    await sendUdp('10.10.0.2')
    expect(await dialFrom(peer, '10.9.0.8', 2_222)).toBe('')
    expect(peer.counts()['frames']).toBe(before)
    await expect.poll(() => other.counts()['approved']).toBe(1)
    await net.setRules(rules({ approved, drops: true, cut: ['w"0'] }))
    await sendUdp('10.10.0.2')
    await sendUdp('10.9.0.8')
    await expect.poll(() => peer.counts()['approved4']).toBe(1)
    expect(other.counts()['approved']).toBe(1)
  })

  it('is meant by its number, whatever its name looks like', async () => {
    await cable()
    for (const name of ['3', 'a*', 'lo"', 'é;{}\\', '\u0001']) {
      rename('v0', name)
      const net = await open()
      await net.setRules(rules({ approved: lan, drops: true, cut: [name], interfaces: [name] }))
      rename(name, 'v0')
      await sendUdp('10.9.0.8')
      const cut = run('nft', ['list', 'counter', 'inet', 'shoukou', 'cut'])
      expect(cut, name).not.toContain('packets 0 ')
      await net.close({ keep: false })
      nets.pop()
    }
  })
})

describe('tampering', () => {
  it('is noticed and made good at once, and the table of others is left alone', async () => {
    await cable()
    run('nft', ['-f', '-'], theirs)
    const net = await open()
    await net.setRules(rules({ approved: lan, drops: true }))
    await sendUdp('10.9.0.2')
    await told(net, 1)
    const { id } = net
    run('nft', ['flush', 'ruleset'])
    const [flushed] = await damages(net)
    expect(flushed).toMatchObject({ what: 'rules-flushed', isRestored: true })
    expect(flushed?.openMs).toBeLessThan(1_000)
    expect(net.id).not.toBe(id)
    expect(await sendUdp('10.9.0.2')).toBe('EPERM')
    await told(net, 1)
    expect((await net.totals()).counted).toBe(1)
    run('nft', ['add', 'element', 'inet', 'shoukou', 'any_ipv4', '{ 10.9.0.2 }'])
    expect(await damages(net)).toMatchObject([{ what: 'rules-altered', isRestored: true }])
    run('nft', ['insert', 'rule', 'inet', 'shoukou', 'output', 'accept'])
    expect(await damages(net)).toMatchObject([{ what: 'rules-altered', isRestored: true }])
    run('nft', ['add', 'table', 'inet', 'shoukou', '{ flags dormant; }'])
    expect(await damages(net)).toMatchObject([{ what: 'rules-altered', isRestored: true }])
    run('nft', ['delete', 'table', 'netdev', 'shoukou'])
    expect(await damages(net)).toMatchObject([{ what: 'rules-altered', isRestored: true }])
    expect(await sendUdp('10.9.0.2')).toBe('EPERM')
    run('nft', ['add', 'table', 'inet', 'theirs'])
    run('nft', ['-f', '-'], theirs)
    await sleep(200)
    expect(await net.inspect()).toEqual([])
    await net.close({ keep: false })
    nets.pop()
    expect(run('nft', ['list', 'tables'])).toBe('table inet theirs\n')
  })

  it('is not what a rename or an unplugged adapter looks like', async () => {
    await cable()
    run('ip', ['link', 'add', 'w0', 'type', 'veth', 'peer', 'name', 'w1'])
    const net = await open()
    await net.setRules(rules({ approved: lan, drops: true, interfaces: ['v0', 'w0'], cut: ['w0'] }))
    rename('v0', 'renamed')
    run('ip', ['link', 'del', 'w0'])
    run('nft', ['add', 'table', 'inet', 'theirs'])
    await sleep(300)
    expect(await net.inspect()).toEqual([])
    const { id } = net
    await net.setRules(rules({ approved: lan, drops: true, interfaces: ['renamed'] }))
    expect(net.id).toBe(id)
  })

  it('that set the counters back takes nothing from the totals', async () => {
    await cable()
    const net = await open()
    await net.setRules(rules({ approved: lan, drops: true }))
    await sendUdp('10.9.0.2')
    await told(net, 1)
    expect((await net.totals()).counted).toBe(1)
    run('nft', ['reset', 'counters'])
    expect((await net.totals()).counted).toBe(1)
    expect(await net.inspect()).toMatchObject([{ detail: 'counters were set back' }])
  })
})

describe('an agent that dies', () => {
  it('leaves the table in force, and the next one counts on: what nobody heard is declared', async () => {
    await cable()
    const statePath = join(folder, 'packet-net.json')
    const id = await killedAgent(statePath)
    expect(await sendUdp('10.9.0.2')).toBe('EPERM')
    expect(await sendUdp('10.9.0.8')).toBe('sent')
    const net = await open({ statePath })
    expect(net.id).toBe(id)
    expect(await net.totals()).toMatchObject({ counted: 1, reported: 0, lost: 1, refused: 1 })
    await net.setRules(rules({ approved: [...loopback, to('10.9.0.8/32')], drops: true }))
    expect(await net.inspect()).toEqual([])
    await sendUdp('10.9.0.2')
    await told(net, 1)
    expect(await net.totals()).toMatchObject({ counted: 2, reported: 1, lost: 1, refused: 2 })
  })

  it('does not hide what was done to its table meanwhile', async () => {
    await cable()
    const statePath = join(folder, 'packet-net.json')
    await killedAgent(statePath)
    run('nft', ['flush', 'ruleset'])
    const net = await open({ statePath })
    await net.setRules(rules({ approved: lan, drops: true }))
    expect(await net.inspect()).toMatchObject([{ what: 'rules-flushed', isRestored: true, openMs: null }])
  })

  it('and whose file is damaged declares all of it', async () => {
    await cable()
    const statePath = join(folder, 'packet-net.json')
    await killedAgent(statePath)
    await sendUdp('10.9.0.2')
    writeFileSync(statePath, '{')
    const net = await open({ statePath })
    expect(net.lacks.join(' ')).toContain('was damaged')
    expect(await net.totals()).toMatchObject({ counted: 1, reported: 0, lost: 1 })
  })

  it('whose table went with a restart of the computer has not been tampered with', async () => {
    const statePath = join(folder, 'packet-net.json')
    await killedAgent(statePath)
    run('nft', ['flush', 'ruleset'])
    const net = await open({ statePath, bootId: 'another' })
    await net.setRules(rules({ approved: lan, drops: true }))
    expect(await net.inspect()).toEqual([])
  })
})

describe('the longest policy that may be', () => {
  it('is put in force and judges as it says, however its parts overlap', async () => {
    await cable()
    const net = await open()
    const approved = Array.from({ length: LIMITS.approvedDestinationsMax }, (_, at) => {
      const firstPort = (at * 7) % 500
      return to(`10.${at % 9}.${at % 16}.0/${16 + (at % 9)}`, {
        protocol: 17,
        firstPort,
        lastPort: firstPort + 100,
      })
    })
    const listeners = approved.map(({ prefix, firstPort, lastPort }) => ({
      prefix: formatPrefix(prefix),
      protocol: 'tcp' as const,
      ports: { first: firstPort, last: lastPort },
      note: '',
    }))
    const all = [...approved, to('10.9.0.2/32', { protocol: 17, firstPort: 7_000, lastPort: 8_000 })]
    await net.setRules(rules({ approved: [...loopback, ...all], listeners, drops: true }))
    expect(await sendUdp('10.9.0.2')).toBe('sent')
    expect(await sendUdp('10.9.0.3')).toBe('EPERM')
    expect(await net.inspect()).toEqual([])
  })
})

describe('where it can not be', () => {
  it('says that nft is missing', async () => {
    const opened = await openPacketNet({ ...options(), nftPath: '/nowhere/nft' })
    expect(opened).toEqual({
      net: null,
      reason: 'nft is not installed',
      remedy: 'install nftables 1.0.0 or newer',
    })
  })
})

/** What the link itself needs: ARP and neighbour discovery. */
const onlyNeighbours = ['frames']
const everyKind = [
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
const theirs = 'table inet theirs {\n chain c {\n type filter hook output priority 0;\n counter\n }\n}\n'
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
const echoServer = `require('net').createServer((s) => s.on('error', () => {}).pipe(s)).listen(7779, '10.9.0.2', () => console.log('ready'))`
const flood = `const s = require('dgram').createSocket('udp4'); let n = 0
const go = () => { for (let i = 0; i < 100; i += 1) s.send('x', 5000 + (n % 50), '10.9.0.1'); n += 100; if (n < 30000) setImmediate(go); else setTimeout(() => s.close(), 200) }
go()`

function to(text: string, more: Partial<Destination> = {}): Destination {
  const prefix = parsePrefix(text)
  if (prefix === null) throw new Error(text)
  return { prefix, protocol: null, firstPort: 0, lastPort: 65_535, rule: 'approved-destination', ...more }
}

function rules(some: Partial<PacketRules>): PacketRules {
  return { approved: loopback, listeners: [], drops: false, cut: [], interfaces: ['v0'], ...some }
}

function options(): PacketNetOptions {
  return { poller, wallMs: Date.now, newId: randomUUID, bootId: 'this', statePath: null }
}

async function open(some: Partial<PacketNetOptions> = {}): Promise<PacketNet> {
  const opened = await openPacketNet({ ...options(), ...some })
  if (opened.net === null) throw new Error(`${opened.reason}: ${opened.remedy}`)
  nets.push(opened.net)
  return opened.net
}

/** A cable with the computer at .1 and a peer at .2, which also answers for the approved server at .8. */
async function cable({ isUp = true } = {}): Promise<Peer> {
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
function rename(from: string, name: string): void {
  run('ip', ['link', 'set', from, 'down'])
  run('ip', ['link', 'set', from, 'name', name])
  run('ip', ['link', 'set', name, 'up'])
}

function bringUp(): void {
  run('ip', ['addr', 'add', '10.9.0.1/24', 'dev', 'v0'])
  run('ip', ['addr', 'add', 'fd09::1/64', 'dev', 'v0', 'nodad'])
  run('ip', ['link', 'set', 'v0', 'up'])
}

async function sendEverything(): Promise<void> {
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

function sendUdp(address: string, { from = 0 } = {}): Promise<string> {
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
function tryTcp(host: string, port: number): Promise<boolean> {
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

async function answers(host: string): Promise<boolean> {
  const server = createServer().listen(0, host)
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const isOpen = await tryTcp(host, typeof address === 'object' && address !== null ? address.port : 0)
  server.close()
  return isOpen
}

/** What a connection from an address of the peer's is told by this computer. */
function dialFrom(peer: Peer, from: string, port: number): Promise<string> {
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

async function told(net: PacketNet, atLeast: number): Promise<PacketEvent[]> {
  const events: PacketEvent[] = []
  for (let count = 0; count < 100 && events.length < atLeast; count += 1) {
    events.push(...net.drain(1_000))
    await sleep(20)
  }
  return [...events, ...net.drain(1_000)]
}

async function damages(net: PacketNet): ReturnType<PacketNet['inspect']> {
  await sleep(50)
  return await net.inspect()
}

function expectAccounted(totals: NetTotals, { refused }: { readonly refused: number }): void {
  expect(totals.reported + totals.lost).toBe(totals.counted)
  expect(totals.prohibited).toBe(totals.counted)
  expect(totals.refused).toBe(refused)
}

async function killedAgent(statePath: string): Promise<string> {
  const program = join(import.meta.dirname, 'testing/keep-net-program.ts')
  const child = spawn(process.execPath, [program, statePath, '10.9.0.8/32'])
  const id = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()))
    child.once('close', () => reject(new Error('it ended')))
  })
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))
  return id
}
