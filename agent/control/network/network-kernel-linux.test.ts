/** Network control over the real first net, in a cgroup of its own: what programs did is told whole and by their names. */
import type { Flow } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConnectingCgroup } from '../../actions/connections/testing/connecting-cgroup.ts'
import { openBootClock } from '../../base/boot-clock-linux.ts'
import { LazyPoller } from '../../base/poll-linux.ts'
import { GOOD_PICTURE } from '../../policy/network/testing/pictures.ts'
import { CgroupPaths } from './cgroup-paths-linux.ts'
import { openNetworkKernel } from './network-kernel-linux.ts'
import { Accounts, readProcess } from './processes-linux.ts'
import { NetworkBench } from './testing/network-bench.ts'

const wait = { timeout: 20_000, interval: 20 }
let area: ConnectingCgroup
let poller: LazyPoller
let bench: NetworkBench

beforeEach(async () => {
  area = new ConnectingCgroup()
  poller = new LazyPoller()
  bench = new NetworkBench()
  const boot = await openBootClock()
  const kernel = await openNetworkKernel({
    poller,
    clock: { wallMs: () => Date.now(), bootMs: () => boot.nowMs(), bootId: boot.bootId },
    readPicture: async () => GOOD_PICTURE,
    packetStatePath: '/dev/null',
    connections: { cgroup: area.cgroup, pins: area.pins },
  })
  // The second net would be that of this computer.
  const none = { net: null, reason: 'not in a test', remedy: 'none' }
  bench.otherKernel = { ...kernel, openPackets: async () => none, openCoarse: async () => none }
})

afterEach(async () => {
  bench.setPolicy({ mode: 'observe' })
  await bench.stop()
  await poller.close()
  area[Symbol.dispose]()
})

const flows = (): Flow[] => bench.facts('network.connections').flatMap((fact) => fact.flows)
const isAttempt = ({ act }: Flow): boolean => act === 'connect' || act === 'send' || act === 'socket'
const told = (): number =>
  flows()
    .filter(isAttempt)
    .reduce((sum, { count }) => sum + count, 0)

describe('connections of real programs', { timeout: 60_000 }, () => {
  it.each(['observe', 'enforce'] as const)(
    'are all told, by the process and program that made them: twenty thousand in a burst (%s)',
    async (mode) => {
      bench.setPolicy({ mode })
      await bench.start()
      const cpu = process.cpuUsage()
      const storm = await area.storm({ way: 'tcp', hosts: '192.0.2.%d', processes: 50, each: 400 })
      await expect.poll(() => bench.facts('network.counted').at(-1)?.totals.reported, wait).toBe(20_000)
      const { user, system } = process.cpuUsage(cpu)
      expect((user + system) / 1e6).toBeLessThan(30)
      expect(bench.facts('network.counted').at(-1)?.totals).toMatchObject({
        ...{ counted: 20_000, prohibited: 20_000, lost: 0 },
        refused: mode === 'enforce' ? 20_000 : 0,
      })
      expect(storm.refused).toBe(mode === 'enforce' ? 20_000 : 0)
      expect(told()).toBe(20_000)
      const byPid = Map.groupBy(flows(), ({ pid }) => pid)
      expect(new Set(byPid.keys())).toEqual(new Set(storm.pids))
      for (const own of byPid.values()) expect(own.reduce((sum, { count }) => sum + count, 0)).toBe(400)
      const programs = bench.facts('network.connections').map(({ program }) => program)
      expect(new Set(programs.map((program) => program?.path))).toEqual(new Set([area.program]))
      expect(programs[0]).toMatchObject({ uid: 0, account: 'root', isOtherNamespace: true })
      expect(new Set(bench.facts('network.connections').map(({ series }) => series)).size).toBe(1)
    },
  )

  it('that nobody has told of are not told of: what is approved', async () => {
    bench.setPolicy({ mode: 'observe' })
    await bench.start()
    await area.ask('tcp 10.1.2.3 80', 'tcp 127.0.0.1 1', 'udp 192.0.2.7 123')
    await expect.poll(() => flows().length, wait).toBeGreaterThan(0)
    await bench.settled()
    expect(flows().map(({ peer, rule }) => [peer?.address, rule])).toEqual([
      ['192.0.2.7', 'outside-approved'],
    ])
  })

  it('go on being refused while no agent runs, and what they were is declared by the next', async () => {
    bench.setPolicy({ mode: 'enforce' })
    await bench.start()
    await bench.stop()
    expect(await area.ask('tcp 192.0.2.7 80')).toEqual([1])
    await bench.start()
    await expect
      .poll(() => bench.facts('network.counted').at(-1)?.totals, wait)
      .toMatchObject({
        prohibited: 1,
        reported: 1,
        refused: 1,
      })
  })
})

describe('what /proc says', () => {
  it('of this process is its program and its cgroup', async () => {
    const read = await readProcess(process.pid)
    expect(read?.path?.toString()).toContain('node')
    expect(read?.cgroup).toMatch(/^\//)
    expect(await readProcess(4_194_304)).toBeNull()
  })

  it('of accounts is their names, and nothing of those that there are not', async () => {
    expect(await new Accounts().nameOf(0)).toBe('root')
    expect(await new Accounts().nameOf(4_000_000_000)).toBeNull()
    expect(await new Accounts('/nowhere').nameOf(0)).toBeNull()
  })

  it('of a cgroup is its path by its number, also of one that came a moment ago', async () => {
    const paths = new CgroupPaths(area.cgroup)
    const child = area.addChild('inner')
    expect(await paths.of(child.id)).toBe('/inner')
    expect(await paths.of(1n)).toBeNull()
  })
})
