import { type NetworkInterface } from '@shoukou/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import {
  adapterOf,
  GOOD_PICTURE,
  packetSocket,
  pictureOf,
  routeOf,
  sharingOf,
} from '../../policy/network/testing/pictures.ts'
import { endBench, NetworkBench, startedBench, tether } from './testing/network-bench.ts'

const wait = { timeout: 30_000, interval: 5 }
let bench = new NetworkBench()

async function started(parts?: Parameters<typeof startedBench>[0]): Promise<NetworkBench> {
  bench = await startedBench(parts)
  return bench
}

afterEach(() => endBench(bench))

describe('the nets', () => {
  it('that could not be put right are not said to be in force, until they are', async () => {
    const { kernel, control } = await started({ mode: 'enforce' })
    const damage = { what: 'program-detached', detail: 'connect4', isRestored: false, openMs: null }
    kernel.connections.damages.push(damage)
    const states = () => bench.facts('control.state').map(({ state, cause }) => `${state} ${cause}`)
    await expect.poll(states, wait).toEqual(['in-force start', 'partly tampered'])
    expect(control?.coverage).toMatchObject([
      { sensor: 'connections', state: 'fallback', reason: 'program-detached: connect4' },
    ])
    await expect.poll(states, wait).toHaveLength(3)
    expect(states().at(-1)).toBe('in-force again')
    expect(control?.coverage).toMatchObject([{ sensor: 'connections', state: 'watching' }])
  }, 15_000)

  it('are opened anew where the table of the second could not be taken away', async () => {
    const { kernel } = await started({ mode: 'enforce' })
    kernel.failing = 'close packets'
    bench.setPolicy({ mode: 'observe' })
    await bench.settled()
    kernel.failing = null
    bench.setPolicy({ mode: 'enforce' })
    await bench.settled()
    expect(kernel.acts.filter((act) => act === 'open packets')).toHaveLength(2)
    expect(kernel.packets).toMatchObject({ isOpen: true, rules: { drops: true } })
  })

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

  it('are told again by the next run where no record held them when the agent was killed', async () => {
    await started({ mode: 'observe' })
    bench.storing = new Promise(() => undefined)
    bench.see(pictureOf({ ...GOOD_PICTURE, interfaces: [...GOOD_PICTURE.interfaces.slice(1), tether] }))
    await bench.settled()
    await bench.kill()
    bench.storing = Promise.resolve()
    bench.told.length = 0
    await bench.start()
    bench.see(bench.kernel.picture)
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
