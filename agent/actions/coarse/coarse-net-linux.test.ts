import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LazyPoller } from '../../base/poll-linux.ts'
import type { ConnectionEvent } from '../connections/connection-net.ts'
import { enterOwnNetwork, Peer, run } from '../packets/testing/own-network-linux.ts'
import type { CoarseNet } from './coarse-net.ts'
import { openCoarseNet } from './coarse-net-linux.ts'

// Each starts some ten programs; on a machine that is busy that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let poller: LazyPoller
let peer: Peer
let coarse: CoarseNet | null = null

beforeEach(async () => {
  await enterOwnNetwork()
  poller = new LazyPoller()
  peer = await Peer.connect('v0', 'v1')
  for (const address of ['10.9.0.2/24', 'fd09::2/64']) peer.run('ip', ['addr', 'add', address, 'dev', 'v1'])
  run('ip', ['addr', 'add', '10.9.0.1/24', 'dev', 'v0'])
  run('ip', ['link', 'set', 'v0', 'up'])
})
afterEach(async () => {
  await coarse?.net.close()
  coarse = null
  await poller.close()
  peer.close()
})

describe('where some rule has connection tracking work', () => {
  beforeEach(() => run('nft', ['-f', '-'], tracking))

  it('tells a datagram whose program has long gone, and the program where it still lives', async () => {
    const net = await open()
    expect(net.method).toBe('conntrack')
    run('bash', ['-c', 'echo x > /dev/udp/10.9.0.2/7777'])
    const [gone] = await told(net)
    expect(gone).toMatchObject({ act: 'send', protocol: 17, peer: { address: '10.9.0.2', port: 7_777 } })
    const child = spawn('bash', ['-c', 'exec 3<>/dev/tcp/10.9.0.9/7778'])
    const [living] = await told(net)
    expect(living).toMatchObject({ act: 'connect', protocol: 6, peer: { address: '10.9.0.9', port: 7_778 } })
    expect(living?.process?.pid).toBe(child.pid)
    expect(living?.process?.name.toString()).toBe('bash')
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(net.net.totals()).toMatchObject({ counted: 2, reported: 2, lost: 0 })
  })

  it('says nothing of what stays within the computer', async () => {
    const net = await open()
    run('bash', ['-c', 'echo x > /dev/udp/127.0.0.1/7777'])
    await sleep(100)
    expect(net.net.drain(10)).toEqual([])
  })
})

describe('where nothing asks for connection tracking', () => {
  it('finds out, and sees the sockets that stand', async () => {
    const net = await open()
    expect(net.method).toBe('socket-sweep')
    expect(net.lacks.join(' ')).toContain('every 250 ms')
    const child = spawn('bash', ['-c', 'exec 3<>/dev/udp/10.9.0.2/7777; sleep 5'])
    const [event] = await told(net)
    expect(event).toMatchObject({ act: 'connect', protocol: 17, peer: { address: '10.9.0.2', port: 7_777 } })
    expect(event?.process?.name.toString()).toMatch(/bash|sleep/)
    await sleep(600)
    expect(net.net.drain(10)).toEqual([])
    child.kill('SIGKILL')
  })
})

describe('where connection tracking begins to work later', () => {
  it('changes over as soon as the kernel tells of a flow', async () => {
    const net = await open()
    expect(net.method).toBe('socket-sweep')
    run('nft', ['-f', '-'], tracking)
    run('bash', ['-c', 'echo x > /dev/udp/10.9.0.2/7777'])
    expect(await told(net)).toMatchObject([{ act: 'send', peer: { address: '10.9.0.2', port: 7_777 } }])
    expect(net.method).toBe('conntrack')
  })
})

const tracking =
  'table inet theirs {\n chain c {\n type filter hook output priority 0\n ct state new counter\n }\n}\n'

async function open(): Promise<CoarseNet> {
  const opened = await openCoarseNet({
    poller,
    id: 'this',
    wallMs: Date.now,
    bootNs: () => process.hrtime.bigint(),
  })
  if (opened.net === null) throw new Error(opened.reason)
  coarse = opened.net
  return opened.net
}

async function told({ net }: CoarseNet): Promise<readonly ConnectionEvent[]> {
  for (let count = 0; count < 100; count += 1) {
    const events = net.drain(100)
    if (events.length > 0) return events
    await sleep(20)
  }
  return []
}
