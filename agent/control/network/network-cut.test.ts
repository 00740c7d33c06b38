import { alwaysReachable } from '@shoukou/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import {
  adapterOf,
  GOOD_PICTURE,
  neighbourOf,
  ownRoutes,
  routeOf,
} from '../../policy/network/testing/pictures.ts'
import { CONSOLE_ADDRESS, endBench, NetworkBench, startedBench, tether } from './testing/network-bench.ts'

const wait = { timeout: 30_000, interval: 5 }
let bench = new NetworkBench()

async function started(parts?: Parameters<typeof startedBench>[0]): Promise<NetworkBench> {
  bench = await startedBench(parts)
  return bench
}

afterEach(() => endBench(bench))

describe('a cut', () => {
  it('drops everything, sets the link down, then unauthorises the device, in this order', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    await bench.settled()
    kernel.acts.length = 0
    bench.appear(tether)
    await expect
      .poll(() => bench.acted(), wait)
      .toContain('cut unregistered-network-adapter: packet-table done, link-down done, unauthorise done')
    const first = (what: string) => kernel.acts.findIndex((act) => act.startsWith(what))
    expect(first('packet-rules drop cut usb0')).toBeLessThan(first('link-down usb0'))
    expect(first('link-down usb0')).toBeLessThan(first('unauthorise 1-1'))
    expect(kernel.packets.rules?.cut).toEqual(['usb0'])
  })

  it('is one deed, though the interface and what it is are both reasons', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    bench.appear(tether)
    await expect.poll(() => bench.acted().length, wait).toBe(1)
    await bench.settled()
    expect(bench.conditions()).toContain('began tether-up appeared blocked')
    expect(bench.acted()).toHaveLength(1)
    expect(kernel.acts.filter((act) => act.startsWith('link-down'))).toEqual(['link-down usb0'])
  })

  it('begins at once after the fact', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    await bench.settled()
    const startedMs = performance.now()
    bench.appear(tether)
    await expect
      .poll(() => kernel.acts.some((act) => act.includes('cut usb0')), { timeout: 1_000, interval: 1 })
      .toBe(true)
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })

  it('sets the link down although the packet net hangs', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    await bench.settled()
    kernel.hanging = 'packet-rules drop cut'
    bench.appear(tether)
    await expect.poll(() => kernel.acts.includes('link-down usb0'), wait).toBe(true)
    kernel.hanging = null
    await expect.poll(() => bench.acted().length, wait).toBeGreaterThan(0)
  })

  it('goes on after a step that failed, and says so by itself', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    kernel.failing = 'link-down'
    bench.appear(tether)
    await expect
      .poll(() => bench.acted(), wait)
      .toContain('cut unregistered-network-adapter: packet-table done, link-down failed, unauthorise done')
    await bench.settled()
    expect(bench.facts('control.state').find(({ cause }) => cause === 'cut-failed')).toMatchObject({
      state: 'partly',
      reason: 'usb0 was to be cut, and link-down failed: EPERM',
    })
  })

  it('follows an interface that is renamed, and is over when it has gone', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    bench.appear(tether)
    await expect.poll(() => kernel.packets.rules?.cut, wait).toEqual(['usb0'])
    bench.change(tether, { ...tether, name: 'eth0:evil' })
    await expect.poll(() => kernel.packets.rules?.cut, wait).toEqual(['eth0:evil'])
    bench.fact({ kind: 'network.interface-removed', interface: { ...tether, name: 'eth0:evil' } })
    await expect.poll(() => kernel.packets.rules?.cut, wait).toEqual([])
  })

  it('comes again when somebody sets the link up again', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    bench.appear(tether)
    await expect.poll(() => bench.acted().length, wait).toBeGreaterThan(0)
    const down = { ...tether, isAdminUp: false, hasCarrier: false }
    bench.change(tether, down)
    await bench.settled()
    kernel.acts.length = 0
    bench.change(down, tether)
    await expect.poll(() => kernel.acts.includes('link-down usb0'), wait).toBe(true)
  })

  it('is in force again before the sensors look, after a restart, and told once', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    bench.appear(tether)
    await expect.poll(() => bench.acted().length, wait).toBeGreaterThan(0)
    await bench.kill()
    bench.told.length = 0
    kernel.acts.length = 0
    bench.interfacesAtStart = [...GOOD_PICTURE.interfaces, tether]
    await bench.start()
    expect(kernel.packets.rules).toMatchObject({ cut: ['usb0'], interfaces: ['eth0', 'usb0'] })
    expect(kernel.acts.filter((act) => act.startsWith('packet-rules'))).toEqual([
      'packet-rules drop cut usb0',
    ])
    bench.appear(tether, 'still-present')
    await bench.settled()
    expect(kernel.acts.filter((act) => act.startsWith('link-down'))).toEqual(['link-down usb0'])
  })

  it('never happens in observe and alarm mode', async () => {
    for (const mode of ['observe', 'alarm'] as const) {
      await started({ mode })
      bench.see(GOOD_PICTURE)
      bench.appear(tether)
      await bench.settled()
      expect(bench.acted()).toEqual([])
      expect(bench.kernel.acts.some((act) => act.startsWith('link-down'))).toBe(false)
      await bench.stop()
    }
  })

  it('happens to what is there already when the mode becomes enforce', async () => {
    const { kernel } = await started({ mode: 'observe' })
    bench.see(GOOD_PICTURE)
    bench.appear(tether)
    await bench.settled()
    bench.setPolicy({ mode: 'enforce' })
    await expect.poll(() => kernel.acts.includes('link-down usb0'), wait).toBe(true)
  })

  it('ends for an adapter that a new policy knows', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    const eth1 = adapterOf(3, 'eth1', ['10.1.3.3/16'])
    bench.appear(eth1)
    await expect.poll(() => kernel.packets.rules?.cut, wait).toEqual(['eth1'])
    const approvedInterfaces = [{ mac: '52:54:00:00:00:03', busPath: null, note: '' }]
    bench.setPolicy({ mode: 'enforce', settings: { approvedInterfaces } })
    await expect.poll(() => kernel.packets.rules?.cut, wait).toEqual([])
    await bench.settled()
    expect(bench.acted()).toContain('restored policy: packet-table done')
  })

  it('spares the unit’s own adapter that the console is reached by, on a computer that may have no link', async () => {
    const { kernel } = await started({ mode: 'enforce', settings: { networkMode: 'standalone' } })
    bench.see(GOOD_PICTURE)
    await bench.settled()
    expect(kernel.acts.some((act) => act.startsWith('link-down'))).toBe(false)
    expect(bench.acted()).toEqual(['cut standalone-network-connection: link-down skipped'])
  })
})

describe('an interface in place of one of the same name', () => {
  it('is dropped wholly as the one before it was, although it came at once', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    bench.appear(tether)
    await bench.settled()
    const cuts = () => kernel.acts.filter((act) => act === 'packet-rules drop cut usb0').length
    const before = cuts()
    expect(before).toBeGreaterThan(0)
    bench.fact({ kind: 'network.interface-removed', interface: tether })
    bench.appear({ ...tether, index: 8 })
    await bench.settled()
    expect(cuts()).toBeGreaterThan(before)
  })
})

describe('an own adapter on a wrong network', () => {
  const wrong = {
    ...GOOD_PICTURE,
    routes: [routeOf(2, { gateway: '10.1.0.254' })],
    neighbours: [neighbourOf(2, '10.1.0.254', '02:00:00:00:00:99')],
  }

  it('leaves the computer nothing but its console, until it is right again', async () => {
    const { kernel } = await started()
    bench.see(wrong)
    await bench.settled()
    expect(bench.acted()).toEqual(['isolated unapproved-gateway: connection-guard done, packet-table done'])
    const console = [{ address: CONSOLE_ADDRESS, port: 8444 }]
    const rules = bench.policy.settings.network ?? null
    const only = alwaysReachable({ networkMode: 'classified-lan', rules, console })
    const servers = [...(rules?.dhcpServers ?? []), '255.255.255.255', 'ff02::1:2']
    expect(only.filter(({ rule }) => rule === 'approved-dhcp').length).toBeGreaterThanOrEqual(servers.length)
    expect(kernel.connections.rules).toMatchObject({ approved: only, refuses: true })
    expect(kernel.packets.rules).toMatchObject({ approved: only, drops: true, listeners: [] })
    expect(kernel.acts.some((act) => act.startsWith('link-down'))).toBe(false)
    bench.fact({
      kind: 'network.routes-changed',
      origin: 'appeared',
      added: [...ownRoutes],
      removed: wrong.routes,
      continues: false,
    })
    await bench.settled()
    expect(bench.acted().at(-1)).toBe('restored unapproved-gateway: connection-guard done, packet-table done')
    expect(kernel.connections.rules?.approved.length).toBeGreaterThan(only.length)
  })

  it('stays isolated over a restart, before anything was looked at', async () => {
    const { kernel } = await started()
    bench.see(wrong)
    await bench.settled()
    await bench.kill()
    kernel.acts.length = 0
    await bench.start()
    expect(kernel.connections.rules?.approved.some(({ rule }) => rule === 'approved-destination')).toBe(false)
    bench.see(wrong)
    await bench.settled()
    expect(bench.acted().filter((each) => each.startsWith('restored'))).toEqual([])
  })
})

describe('isolation by the console', () => {
  const order = (name: 'isolate' | 'end-isolation', reason: string) => ({
    ...{ v: 1 as const, id: `order-${name}`, agent: 'agent-1', issuedAtMs: 1 },
    name,
    reason,
  })

  it('holds over any mode and over restarts, and no policy lifts it', async () => {
    const { kernel, control } = await started({ mode: 'observe' })
    expect(await control?.carryOut(order('isolate', 'lost laptop'))).toBe('done')
    expect(kernel.connections.rules).toMatchObject({ refuses: true })
    expect(bench.facts('network.acted')).toMatchObject([
      { act: 'isolated', cause: 'command', order: 'order-isolate', reason: 'lost laptop' },
    ])
    expect(
      bench
        .facts('control.state')
        .at(-1)
        ?.layers.map(({ layer }) => layer),
    ).toContain('isolation')
    bench.setPolicy({ mode: 'alarm' })
    await bench.settled()
    expect(kernel.connections.rules).toMatchObject({ refuses: true })
    await bench.kill()
    bench.bootId = 'boot-2'
    kernel.connections.rules = null
    const again = await bench.start()
    expect(kernel.connections.rules).toMatchObject({ refuses: true })
    expect(again.status).toMatchObject({ isIsolated: true, isolationReason: 'lost laptop' })
    await bench.stop()
    expect(kernel.acts.at(-1)).toBe('close packets kept')
  })

  it('asks no name server where the console is, and needs none', async () => {
    const { control } = await started({ mode: 'observe' })
    await control?.carryOut(order('isolate', 'drill'))
    bench.resolves = 0
    control?.onLinkTrouble()
    expect(await control?.consoleAddresses()).toEqual([CONSOLE_ADDRESS])
    expect(bench.resolves).toBe(0)
    await control?.carryOut(order('end-isolation', 'over'))
    bench.consoleAddresses = ['10.1.0.10']
    expect(await control?.consoleAddresses()).toEqual(['10.1.0.10'])
  })

  it('ends by the console’s word, once', async () => {
    const { kernel, control } = await started({ mode: 'observe' })
    await control?.carryOut(order('isolate', 'drill'))
    expect(await control?.carryOut(order('end-isolation', 'drill over'))).toBe('done')
    expect(kernel.connections.rules).toMatchObject({ refuses: false })
    expect(kernel.packets.rules).toBeNull()
    expect(bench.facts('network.acted').at(-1)).toMatchObject({ act: 'released', reason: 'drill over' })
    expect(await control?.carryOut(order('end-isolation', 'again'))).toBe('no-isolation')
  })

  it('that stands on one leg is partly done, and says which failed', async () => {
    const { kernel, control } = await started({ mode: 'observe' })
    kernel.hasPackets = false
    expect(await control?.carryOut(order('isolate', 'drill'))).toBe('partly-failed')
    expect(bench.acted()).toEqual([
      'isolated command: remember done, connection-guard done, packet-table failed',
    ])
  })

  it('waits while control is released by hand', async () => {
    bench = new NetworkBench()
    bench.isReleased = true
    const control = await bench.start()
    expect(await control.carryOut(order('isolate', 'drill'))).toBe('partly-failed')
    expect(bench.kernel.connections.rules).toMatchObject({ refuses: false })
  })
})
