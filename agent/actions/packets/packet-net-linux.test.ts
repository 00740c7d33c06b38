import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatPrefix, LIMITS } from '@shoukou/protocol'
import { describe, expect, it, vi } from 'vitest'
import { openPacketNet } from './packet-net-linux.ts'
import { Peer, run } from './testing/own-network-linux.ts'
import {
  answers,
  bringUp,
  cable,
  closeNet,
  dialFrom,
  echoServer,
  everyKind,
  expectAccounted,
  flood,
  lan,
  loopback,
  onlyNeighbours,
  open,
  options,
  peers,
  rename,
  rules,
  sendEverything,
  sendUdp,
  to,
  told,
  tryTcp,
  useOwnNetwork,
} from './testing/packet-bench-linux.ts'

// Each starts some ten programs; on a machine that is busy that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
useOwnNetwork()

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
      await closeNet(net)
    }
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
