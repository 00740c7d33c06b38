/**
 * Connections as fast as the machine makes them: counted, told, refused, none lost.
 *
 * On this computer's own kernel: needs root, a cgroup2 tree, BTF and gcc, and fails where one is missing. Only a cgroup
 * that the test makes is looked at; everything connects in a network namespace of its own.
 */
import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { all, drainAll, greatStorm, NetLab, nothing, refusing, totalsOf } from './testing/net-lab.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let lab: NetLab

beforeEach(async () => {
  lab = await NetLab.begin()
})
afterEach(() => lab.end())

describe('connections as fast as the machine makes them', () => {
  it('are counted and told one by one, each with its process, none lost', async () => {
    const net = await lab.netWith(nothing)
    const { events, storm: told } = await lab.stormBeside(net, greatStorm)
    expect(net.totals()).toEqual(totalsOf(20_000))
    expect(told).toMatchObject({ refused: 0 })
    const byPid = Map.groupBy(events, (event) => event.process?.pid)
    expect(new Set(byPid.keys())).toEqual(new Set(told.pids))
    for (const ofOne of byPid.values()) expect(ofOne).toHaveLength(400)
    const addresses = Map.groupBy(events, (event) => event.peer?.address)
    expect(addresses.size).toBe(100)
    for (const ofOne of addresses.values()) expect(ofOne).toHaveLength(200)
    expect(new Set(events.map((event) => event.cookie)).size).toBe(20_000)
    const cgroupId = statSync(lab.area.cgroup, { bigint: true }).ino
    for (const { act, family, protocol, socketType, peer, local, process, isRefused } of events) {
      if (peer?.port !== 9 || process === null) throw new Error('not what was connected to')
      const owner = { ...process, path: process.path?.toString(), name: process.name.toString() }
      if (act !== 'connect' || family !== 'ipv4' || protocol !== 6 || socketType !== 1 || local !== null)
        throw new Error('not what was asked')
      if (owner.path !== lab.area.program || owner.name !== 'connect-storm' || owner.cgroupId !== cgroupId)
        throw new Error(`not who asked: ${owner.path}, ${owner.name}`)
      if (owner.uid !== 0 || owner.gid !== 0 || owner.namespace === 0n || isRefused)
        throw new Error('not how it was asked')
    }
    const times = events.map((event) => event.bootNs)
    expect(times.at(-1)).toBeGreaterThan(times[0] ?? 0n)
  })

  it('are refused, every one, before a packet exists', async () => {
    const net = await lab.netWith(refusing)
    const { events, storm: told } = await lab.stormBeside(net, greatStorm)
    expect(told.refused).toBe(20_000)
    expect(net.totals()).toEqual(totalsOf(20_000, 20_000))
    expect(events.every((event) => event.isRefused)).toBe(true)
  })

  it.each([
    ['TCP over IPv6', 'tcp', 'fd00::%d', 'connect', 6, 'ipv6'],
    ['UDP over IPv4', 'udp', '10.0.0.%d', 'connect', 17, 'ipv4'],
    ['UDP over IPv6', 'udp', 'fd00::%d', 'connect', 17, 'ipv6'],
    ['datagrams over IPv4', 'send', '127.0.1.%d', 'send', 17, 'ipv4'],
    ['datagrams over IPv6', 'send', 'fd00::%d', 'send', 17, 'ipv6'],
  ] as const)('of %s as well', async (_, way, hosts, act, protocol, family) => {
    const net = await lab.netWith(refusing)
    const { events, storm: told } = await lab.stormBeside(net, { way, hosts, processes: 10, each: 200 })
    expect(told.refused).toBe(2_000)
    expect(net.totals()).toEqual(totalsOf(2_000, 2_000))
    expect(new Set(events.map((event) => event.process?.pid))).toEqual(new Set(told.pids))
    for (const event of events) expect(event).toMatchObject({ act, protocol, family, isRefused: true })
  })

  it('of processes that each live for one alone are told with the path of each', async () => {
    const net = await lab.netWith(refusing)
    const { program } = lab.area
    const paths = new Set<string | undefined>()
    const pids = new Set<number | undefined>()
    net.onReady(() => {
      for (const { process } of drainAll(net)) {
        paths.add(process?.path?.toString())
        pids.add(process?.pid)
      }
    })
    const each = `echo tcp 10.0.0.1 9 | ${program} > /dev/null`
    await lab.area.run(['sh', '-c', `seq 300 | xargs -P 10 -n 1 sh -c '${each}'`])
    await expect.poll(() => net.totals().reported).toBe(300)
    expect([...paths]).toEqual([program])
    expect(pids.size).toBe(300)
    expect(net.counters()).toMatchObject({ prohibited: 300, pathsLost: 0 })
  })

  it('that find no room in the ring are declared', async () => {
    const net = await lab.netWith(nothing, { ringBytes: 65_536 })
    await lab.area.storm({ ...greatStorm, processes: 10 })
    const events = drainAll(net)
    const { counted, reported, lost } = net.totals()
    expect(counted).toBe(4_000)
    expect(reported).toBe(events.length)
    expect(events.length).toBeGreaterThan(300)
    expect(reported + lost).toBe(4_000)
    await lab.area.ask('tcp 127.0.0.1 9')
    expect(drainAll(net)).toHaveLength(1)
  })

  it('that are approved are counted and nothing more, whatever other rules come meanwhile', async () => {
    const wide = { approved: [all('127.0.0.0/8')], refuses: true, refusesRaw: false }
    const narrow = { ...wide, approved: [all('127.0.1.0/24', { protocol: 6 })] }
    const net = await lab.netWith(wide)
    const over = new AbortController()
    const ended = lab.area.storm(greatStorm).finally(() => {
      over.abort()
    })
    let changes = 0
    for (; !over.signal.aborted; changes += 1) {
      await net.setRules(changes % 2 === 0 ? narrow : wide)
      await sleep(1)
    }
    expect(await ended).toMatchObject({ refused: 0 })
    expect(changes).toBeGreaterThan(5)
    expect(net.totals()).toEqual({ ...totalsOf(0), counted: 20_000, approved: 20_000 })
    expect(drainAll(net)).toEqual([])
  })
})
