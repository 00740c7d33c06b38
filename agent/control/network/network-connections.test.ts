import { afterEach, describe, expect, it } from 'vitest'
import { GOOD_PICTURE } from '../../policy/network/testing/pictures.ts'
import { connectTo, establishedOf, packetTo, processOf } from './testing/flow-events.ts'
import { endBench, NetworkBench, startedBench } from './testing/network-bench.ts'

const wait = { timeout: 30_000, interval: 5 }
let bench = new NetworkBench()

async function started(parts?: Parameters<typeof startedBench>[0]): Promise<NetworkBench> {
  bench = await startedBench(parts)
  return bench
}

afterEach(() => endBench(bench))

describe('connections', () => {
  it('are told at once, with who it was', async () => {
    const { kernel } = await started({ mode: 'observe' })
    bench.see(GOOD_PICTURE)
    kernel.cgroups.set(1n, '/user.slice/user-1000.slice/session-3.scope')
    kernel.processes.set(10, { path: Buffer.from('/usr/bin/curl'), loginUid: 0, cgroup: null })
    const startedMs = performance.now()
    kernel.connect(connectTo('8.8.8.8', 443, 10, { process: processOf(10, { namespace: 7n }) }))
    await expect
      .poll(() => bench.facts('network.connections').length, { timeout: 1_000, interval: 1 })
      .toBe(1)
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    const [told] = bench.told.filter(({ fact }) => fact.kind === 'network.connections')
    expect(told).toMatchObject({
      sensor: 'connections',
      decision: { outcome: 'detected', would: 'block', rule: 'public-address' },
      fact: {
        net: 'socket',
        isFirst: true,
        program: {
          name: 'curl',
          path: '/usr/bin/curl',
          uid: 1000,
          account: 'zhang',
          sessionAccount: 'root',
          unit: 'session-3.scope',
          container: null,
          isOtherNamespace: true,
        },
        flows: [{ act: 'connect', pid: 10, peer: { address: '8.8.8.8', port: 443 }, rule: 'public-address' }],
        picture: { interfaces: [{ name: 'lo' }, { name: 'eth0' }] },
      },
    })
  })

  it('come out whole from a storm: twenty thousand, by fifty processes to a hundred peers', async () => {
    const { kernel } = await started()
    const cpu = process.cpuUsage()
    for (let n = 0; n < 20_000; n += 1) {
      kernel.connect(connectTo(`203.0.113.${n % 100}`, 443, 1_000 + (n % 50)))
      if (n % 2_000 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await expect.poll(() => bench.facts('network.counted').at(-1)?.totals.reported, wait).toBe(20_000)
    const { user, system } = process.cpuUsage(cpu)
    expect((user + system) / 1e6).toBeLessThan(30)
    const flows = bench.facts('network.connections').flatMap((fact) => fact.flows)
    expect(flows.reduce((sum, { count }) => sum + count, 0)).toBe(20_000)
    expect(flows.reduce((sum, { refused }) => sum + refused, 0)).toBe(20_000)
    expect(bench.facts('network.counted').at(-1)?.totals).toEqual({
      counted: 20_000,
      approved: 0,
      prohibited: 20_000,
      reported: 20_000,
      lost: 0,
      refused: 20_000,
    })
  })

  it('that were taken and not told before a kill are declared lost by the next run', async () => {
    const { kernel } = await started({ mode: 'observe' })
    kernel.connect(connectTo('8.8.8.8', 443, 10))
    await expect.poll(() => bench.facts('network.connections').length, wait).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    kernel.connect(connectTo('8.8.8.8', 443, 10), connectTo('8.8.8.8', 443, 10))
    await bench.kill()
    bench.told.length = 0
    await bench.start()
    kernel.connect(connectTo('9.9.9.9', 443, 10))
    await expect
      .poll(() => bench.facts('network.counted').at(-1)?.totals, wait)
      .toMatchObject({
        prohibited: 4,
        reported: 2,
        lost: 2,
      })
  })

  it.each([
    ['a kill', () => bench.kill()],
    ['an orderly end', () => bench.stop()],
  ])('that were taken before the very first record are declared lost after %s', async (_end, end) => {
    const { kernel } = await started({ mode: 'enforce' })
    bench.storing = new Promise(() => undefined)
    kernel.connect(connectTo('8.8.8.8', 443, 10), connectTo('8.8.8.8', 443, 10))
    await expect.poll(() => bench.facts('network.connections').length, wait).toBe(1)
    await end()
    bench.storing = Promise.resolve()
    bench.told.length = 0
    await bench.start()
    kernel.connect(connectTo('9.9.9.9', 443, 10))
    await expect
      .poll(() => bench.facts('network.counted').at(-1)?.totals, wait)
      .toMatchObject({ prohibited: 3, reported: 1, lost: 2 })
  })

  it('stay declared lost over every orderly restart', async () => {
    const { kernel } = await started({ mode: 'enforce' })
    bench.storing = new Promise(() => undefined)
    kernel.connect(connectTo('8.8.8.8', 443, 10))
    await expect.poll(() => bench.facts('network.connections').length, wait).toBe(1)
    await bench.kill()
    bench.storing = Promise.resolve()
    for (let run = 1; run <= 3; run += 1) {
      await bench.start()
      kernel.connect(connectTo('9.9.9.9', 443, 10))
      await expect.poll(() => bench.facts('network.counted').at(-1)?.totals.reported, wait).toBe(run)
      expect(bench.facts('network.counted').at(-1)?.totals).toMatchObject({ prohibited: run + 1, lost: 1 })
      await bench.stop()
    }
  })

  it('of a net that is let go of are in its last counters, whatever the disk takes', async () => {
    const { kernel } = await started({ mode: 'enforce' })
    await bench.settled()
    bench.storing = new Promise((resolve) => setTimeout(resolve, 300))
    kernel.send(packetTo('8.8.8.8', null, { protocol: 1 }), packetTo('8.8.8.8', null, { protocol: 1 }))
    await expect.poll(() => bench.facts('network.connections').length, wait).toBe(1)
    bench.setPolicy({ mode: 'observe' })
    await expect.poll(() => kernel.packets.isOpen, wait).toBe(false)
    const counted = bench.facts('network.counted').filter(({ net }) => net === 'packet')
    expect(counted.at(-1)?.totals).toMatchObject({ prohibited: 2, reported: 2, lost: 0 })
  })

  it('are counted again once a slow disk has the last record', async () => {
    const { kernel } = await started({ mode: 'enforce' })
    await bench.settled()
    bench.storing = new Promise((resolve) => setTimeout(resolve, 1_500))
    kernel.send(packetTo('8.8.8.8', null, { protocol: 1 }))
    const counted = () =>
      bench
        .facts('network.counted')
        .filter(({ net }) => net === 'packet')
        .map(({ totals: { prohibited, reported } }) => [prohibited, reported])
    await expect.poll(counted, { timeout: 20_000 }).toContainEqual([1, 0])
    await expect.poll(counted, { timeout: 20_000 }).toContainEqual([1, 1])
  })

  it('are told although the net could not be read once', async () => {
    const { kernel } = await started({ mode: 'enforce' })
    const { connections } = kernel
    const take = connections.take.bind(connections)
    let faults = 0
    connections.take = (...asked) => {
      faults += 1
      if (faults === 1) throw new Error('the kernel has no memory')
      return take(...asked)
    }
    kernel.connect(connectTo('8.8.8.8', 443, 10))
    await expect.poll(() => bench.facts('network.connections').length, wait).toBe(1)
  })

  it('are told although nothing can be looked up about who made them', async () => {
    const { kernel } = await started({ mode: 'enforce' })
    const broken = () => Promise.reject(new Error('/proc can not be read'))
    const { readProcess, accountOf } = kernel
    Object.assign(kernel, { readProcess: broken, accountOf: broken })
    kernel.connect(connectTo('8.8.8.8', 443, 10))
    kernel.send(packetTo('9.9.9.9', null, { protocol: 1, uid: 1000 }))
    await expect.poll(() => bench.facts('network.connections').length, wait).toBe(2)
    const told = bench.facts('network.connections').find(({ net }) => net === 'socket')
    expect(told).toMatchObject({ program: { uid: 1000 }, flows: [{ pid: 10 }] })
    Object.assign(kernel, { readProcess, accountOf })
  })

  it('of a coarser net are judged here, and what is approved is nobody’s business', async () => {
    bench = new NetworkBench()
    bench.kernel.hasConnections = false
    await bench.start()
    const { coarse } = bench.kernel
    const seen = [connectTo('10.1.0.7', 443, 10), connectTo('8.8.8.8', 443, 10)]
    coarse.tell(
      seen,
      () => false,
      () => true,
    )
    await expect
      .poll(() => bench.facts('network.counted').at(-1), wait)
      .toMatchObject({
        net: 'conntrack',
        totals: { counted: 2, approved: 1, prohibited: 1, reported: 1 },
      })
    expect(
      bench.facts('network.connections').flatMap(({ flows }) => flows.map(({ peer }) => peer?.address)),
    ).toEqual(['8.8.8.8'])
  })

  it('that others make to this computer accuse nobody where the unit lets them', async () => {
    const listeners = [
      { prefix: '10.1.0.0/16', protocol: 'tcp' as const, ports: { first: 22, last: 22 }, note: '' },
    ]
    const { kernel } = await started({ mode: 'observe', rules: { listeners } })
    const accepted = (address: string, port: number) => ({
      ...establishedOf(connectTo(address, 50_000, 0)),
      act: 'accepted' as const,
      local: { address: '10.1.0.20', port },
    })
    kernel.connect(accepted('10.1.0.7', 22), accepted('10.1.0.7', 23), accepted('192.168.1.1', 22))
    await expect.poll(() => bench.facts('network.connections').length, wait).toBe(1)
    const [fact] = bench.facts('network.connections')
    expect(fact?.flows.map(({ peer, local, rule }) => [peer?.address, local?.port, rule])).toEqual([
      ['10.1.0.7', 23, 'unapproved-listener'],
      ['192.168.1.1', 22, 'unapproved-listener'],
    ])
  })

  it('of packets that nobody asked for are flows without a process', async () => {
    const { kernel } = await started()
    kernel.send(packetTo('8.8.8.8', null, { protocol: 1, uid: 0 }))
    await expect
      .poll(() => bench.facts('network.connections'), wait)
      .toMatchObject([
        {
          net: 'packet',
          program: { uid: 0, account: 'root' },
          flows: [{ act: 'outgoing', pid: null, refused: 1 }],
        },
      ])
  })
})

describe('probing', () => {
  const probe = { address: '10.1.0.5', port: 80, everyMinutes: 5 }

  it('happens where policy orders it, and is told', async () => {
    const { kernel } = await started({ mode: 'observe', rules: { probe } })
    await expect
      .poll(() => bench.facts('network.probed'), wait)
      .toMatchObject([{ target: { address: '10.1.0.5', port: 80 }, result: 'answered' }])
    expect(kernel.acts).toContain('probe 10.1.0.5 80')
  })

  it('never asks what the same policy does not approve, nor anything without an order', async () => {
    const outside = { ...probe, address: '8.8.8.8' }
    const { kernel } = await started({ mode: 'observe', rules: { probe: outside } })
    await bench.settled()
    bench.setPolicy({ mode: 'observe' })
    await bench.settled()
    expect(kernel.acts.filter((act) => act.startsWith('probe'))).toEqual([])
  })
})
