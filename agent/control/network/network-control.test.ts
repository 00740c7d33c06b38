import { alwaysReachable, FACT_SCHEMAS, type NetworkInterface } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { afterEach, describe, expect, it } from 'vitest'
import {
  adapterOf,
  GOOD_PICTURE,
  neighbourOf,
  ownRoutes,
  packetSocket,
  pictureOf,
  routeOf,
  sharingOf,
} from '../../policy/network/testing/pictures.ts'
import { connectTo, establishedOf, packetTo, processOf } from './testing/flow-events.ts'
import { CONSOLE_ADDRESS, NetworkBench } from './testing/network-bench.ts'

const wait = { timeout: 5_000, interval: 5 }
let bench = new NetworkBench()

async function started(
  parts: Parameters<NetworkBench['setPolicy']>[0] = { mode: 'enforce' },
): Promise<NetworkBench> {
  bench = new NetworkBench()
  bench.setPolicy(parts)
  await bench.start()
  return bench
}

/** What is told is what its kind requires: a record that is not would never leave the computer. */
afterEach(async () => {
  await bench.stop()
  for (const { fact } of bench.told) {
    const faults = [...Compile(FACT_SCHEMAS[fact.kind]).Errors(fact)].map(({ instancePath }) => instancePath)
    expect(faults, fact.kind).toEqual([])
  }
})

const tether = adapterOf(7, 'usb0', ['192.168.42.5/24'], {
  usbPath: '1-1',
  busPath: '1-1:1.0',
  medium: 'usb-tether',
  tether: 'rndis',
})

describe('the nets', () => {
  it('only look on in observe mode, and go with the agent', async () => {
    const { kernel, control } = await started({ mode: 'observe' })
    expect(kernel.acts).toEqual(['open connections', 'connection-rules look'])
    expect(control?.coverage).toMatchObject([
      { sensor: 'connections', state: 'watching', method: 'cgroup-ebpf' },
    ])
    await bench.stop()
    expect(kernel.acts.slice(2)).toEqual(['close connections'])
    expect(kernel.connections.rules).toBeNull()
    expect(bench.facts('control.state')).toEqual([])
  })

  it('count in alarm mode and stop nothing', async () => {
    const { kernel } = await started({ mode: 'alarm' })
    expect(kernel.connections.rules).toMatchObject({ refuses: false })
    expect(kernel.packets.rules).toMatchObject({ drops: false })
  })

  it('refuse where policy enforces, and stay in force when the agent ends', async () => {
    const { kernel } = await started()
    expect(kernel.connections.rules).toMatchObject({ refuses: true, refusesRaw: false })
    expect(kernel.packets.rules).toMatchObject({ drops: true })
    expect(bench.facts('control.state')).toMatchObject([
      {
        group: 'network',
        state: 'in-force',
        layers: [{ layer: 'connection-guard' }, { layer: 'packet-table' }, { layer: 'frame-table' }],
      },
    ])
    await bench.stop()
    expect(kernel.acts.slice(-2)).toEqual(['close connections kept', 'close packets kept'])
  })

  it('never shut the agent off from its console', async () => {
    const { kernel } = await started({ settings: { networkMode: 'standalone' }, mode: 'enforce' })
    const to = kernel.connections.rules?.approved.filter(({ rule }) => rule === 'console-link')
    expect(to).toMatchObject([
      { prefix: { bytes: [10, 1, 0, 9], length: 32 }, firstPort: 8444, lastPort: 8444 },
    ])
  })

  it('follow the console to where it went, and keep its last address while nobody can be asked', async () => {
    const { kernel } = await started()
    await bench.stop()
    bench.consoleAddresses = []
    await bench.start()
    const consoles = () =>
      kernel.connections.rules?.approved.flatMap(({ rule, prefix }) =>
        rule === 'console-link' ? [prefix.bytes] : [],
      )
    expect(consoles()).toEqual([[10, 1, 0, 9]])
    await bench.stop()
    bench.consoleAddresses = ['10.1.0.10']
    await bench.start()
    await expect.poll(consoles, wait).toEqual([[10, 1, 0, 10]])
  })

  it('only look on where the unit has not said which network is its own, whatever is asked', async () => {
    const { kernel } = await started({ mode: 'enforce', rules: null })
    expect(kernel.connections.rules).toMatchObject({ refuses: false })
    expect(kernel.packets.rules).toBeNull()
  })

  it('follow the mode, and are let go of when it ends', async () => {
    const { kernel } = await started()
    bench.setPolicy({ mode: 'observe' })
    await bench.settled()
    expect(kernel.connections.rules).toMatchObject({ refuses: false })
    expect(kernel.packets.rules).toBeNull()
    expect(bench.facts('control.state').at(-1)).toMatchObject({ state: 'released', cause: 'policy' })
  })

  it('of an earlier run that was killed are cleared where nothing is to be counted any more', async () => {
    const { kernel } = await started({ mode: 'alarm' })
    await bench.kill()
    bench.setPolicy({ mode: 'observe' })
    expect(kernel.packets.rules).not.toBeNull()
    await bench.start()
    expect(kernel.packets.rules).toBeNull()
  })

  it('that one of is missing is partly in force, and no watching', async () => {
    bench = new NetworkBench()
    bench.kernel.hasPackets = false
    bench.setPolicy({ mode: 'enforce' })
    const control = await bench.start()
    expect(bench.facts('control.state')).toMatchObject([{ state: 'partly', reason: 'nft is missing' }])
    expect(bench.kernel.connections.rules).toMatchObject({ refusesRaw: true })
    expect(control.coverage).toMatchObject([
      { state: 'fallback', reason: 'nft is missing', remedy: 'install nftables' },
    ])
  })

  it('fall back to a coarser way, and to none, each with why and what would mend it', async () => {
    bench = new NetworkBench()
    bench.kernel.hasConnections = false
    const control = await bench.start()
    const reason = 'this kernel has no cgroup eBPF'
    expect(control.coverage).toMatchObject([
      { state: 'fallback', method: 'conntrack', reason, remedy: 'a newer kernel' },
    ])
    await bench.stop()
    bench.kernel.hasCoarse = false
    const again = await bench.start()
    expect(again.coverage).toMatchObject([{ state: 'not-watched', method: 'none', remedy: 'a newer kernel' }])
  })

  it('that somebody altered are tampering, told with what was restored', async () => {
    const { kernel } = await started()
    kernel.packets.damages.push({
      what: 'rules-flushed',
      detail: 'inet shoukou',
      isRestored: true,
      openMs: 12,
    })
    await expect
      .poll(() => bench.facts('control.tampered'), wait)
      .toMatchObject([
        { group: 'network', layer: 'packet-table', what: 'rules-flushed', isRestored: true, openMs: 12 },
      ])
    expect(bench.told.find(({ fact }) => fact.kind === 'control.tampered')?.decision?.rule).toBe(
      'agent-tamper',
    )
  })
})

describe('conditions', () => {
  it('are told when they begin, with the proof, and when they end', async () => {
    await started({ mode: 'observe' })
    bench.see(GOOD_PICTURE)
    const sockets = [packetSocket('tcpdump', 0)]
    bench.kernel.picture = { ...GOOD_PICTURE, sockets, sessionAccount: 'zhang' }
    bench.appear(tether)
    await bench.settled()
    bench.fact({ kind: 'network.interface-removed', interface: tether })
    await bench.settled()
    const about = bench.conditions().filter((each) => each.includes('tether'))
    expect(about).toEqual(['began tether-up appeared detected', 'ended tether-up'])
    const began = bench.facts('network.condition').find(({ condition }) => condition === 'tether-up')
    expect(began?.picture).toMatchObject({ sockets, sessionAccount: 'zhang' })
    expect(began?.picture?.interfaces[0]).toMatchObject({ name: 'usb0' })
    expect(began?.sinceWallMs).toBeGreaterThan(0)
  })

  it('that lasted a moment between two pictures are told all the same', async () => {
    await started({ mode: 'observe' })
    bench.see(GOOD_PICTURE)
    const eth0 = GOOD_PICTURE.interfaces.find(({ name }) => name === 'eth0') as NetworkInterface
    bench.change(eth0, { ...eth0, addresses: adapterOf(2, 'x', ['8.8.4.4/24']).addresses })
    bench.change({ ...eth0, addresses: adapterOf(2, 'x', ['8.8.4.4/24']).addresses }, eth0)
    await bench.settled()
    expect(bench.conditions()).toEqual(['began public-address appeared detected', 'ended public-address'])
  })

  it('are told once over restarts of the agent in one boot, and anew in another', async () => {
    await started({ mode: 'observe' })
    const picture = pictureOf({ ...GOOD_PICTURE, interfaces: [...GOOD_PICTURE.interfaces.slice(1), tether] })
    bench.see(picture)
    await bench.settled()
    expect(bench.conditions().filter((each) => each.includes('tether'))).toEqual([
      'began tether-up present-at-start detected',
    ])
    await bench.kill()
    bench.told.length = 0
    await bench.start()
    bench.see(picture)
    await bench.settled()
    expect(bench.conditions()).toEqual([])
    await bench.stop()
    await bench.start()
    bench.see(GOOD_PICTURE)
    await bench.settled()
    expect(bench.conditions().filter((each) => each.includes('tether'))).toEqual(['ended tether-up'])
    await bench.stop()
    bench.told.length = 0
    bench.bootId = 'boot-2'
    await bench.start()
    bench.see(picture)
    await bench.settled()
    expect(bench.conditions()).toContain('began tether-up present-at-start detected')
  })

  it('that a new policy forbids are told by that', async () => {
    await started({ mode: 'observe', rules: null })
    bench.see({ ...GOOD_PICTURE, dnsServers: ['10.1.0.99'] })
    await bench.settled()
    expect(bench.conditions()).toEqual([])
    bench.setPolicy({ mode: 'observe' })
    await bench.settled()
    expect(bench.conditions()).toEqual(['began unapproved-dns appeared detected'])
  })

  it('of how a computer was set up at enrolment are its own from then on; a way out is not', async () => {
    bench = new NetworkBench()
    bench.isFirstStart = true
    await bench.start()
    const eth9 = adapterOf(9, 'eth9', ['8.8.4.4/24'])
    const picture = {
      ...GOOD_PICTURE,
      interfaces: [...GOOD_PICTURE.interfaces, eth9],
      sharing: [sharingOf('forwarding-ipv4', 'all')],
    }
    bench.see(picture)
    await bench.settled()
    expect(bench.conditions()).toContain('began forwarding baseline allowed')
    expect(bench.conditions()).toContain('began public-address present-at-start detected')
    await bench.stop()
    bench.told.length = 0
    bench.isFirstStart = false
    bench.bootId = 'boot-2'
    await bench.start()
    bench.see({ ...picture, sharing: [...picture.sharing, sharingOf('forwarding-ipv6', 'all')] })
    await bench.settled()
    expect(bench.conditions()).toContain('began forwarding baseline allowed')
    expect(bench.conditions()).toContain('began forwarding present-at-start detected')
  })

  it('are not ended by a picture that could not read them', async () => {
    await started({ mode: 'observe' })
    const picture = { ...GOOD_PICTURE, dnsServers: ['10.1.0.99'] }
    bench.see(picture)
    bench.see({ ...picture, dnsServers: [], unread: ['dns'] }, 'changed')
    await bench.settled()
    expect(bench.conditions()).toEqual(['began unapproved-dns present-at-start detected'])
  })

  it('say nothing before the sensor has told all that is there', async () => {
    await started()
    for (const adapter of GOOD_PICTURE.interfaces) bench.appear(adapter, 'still-present')
    const added = [routeOf(2, { gateway: '10.1.0.254' })]
    bench.fact({
      kind: 'network.routes-changed',
      origin: 'still-present',
      added,
      removed: [],
      continues: false,
    })
    await bench.settled()
    expect(bench.conditions()).toEqual([])
  })
})

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

  it('begins within fifty milliseconds of the fact', async () => {
    const { kernel } = await started()
    bench.see(GOOD_PICTURE)
    await bench.settled()
    const startedMs = performance.now()
    bench.appear(tether)
    await expect
      .poll(() => kernel.acts.some((act) => act.includes('cut usb0')), { timeout: 1_000, interval: 1 })
      .toBe(true)
    expect(performance.now() - startedMs).toBeLessThan(50)
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
    const only = alwaysReachable({ networkMode: 'classified-lan', rules: null, console })
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

describe('connections', () => {
  it('are told within fifty milliseconds, with who it was', async () => {
    const { kernel } = await started({ mode: 'observe' })
    bench.see(GOOD_PICTURE)
    kernel.cgroups.set(1n, '/user.slice/user-1000.slice/session-3.scope')
    kernel.processes.set(10, { path: Buffer.from('/usr/bin/curl'), loginUid: 0, cgroup: null })
    const startedMs = performance.now()
    kernel.connect(connectTo('8.8.8.8', 443, 10, { process: processOf(10, { namespace: 7n }) }))
    await expect
      .poll(() => bench.facts('network.connections').length, { timeout: 1_000, interval: 1 })
      .toBe(1)
    expect(performance.now() - startedMs).toBeLessThan(50)
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
    expect((user + system) / 1e6).toBeLessThan(4)
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
