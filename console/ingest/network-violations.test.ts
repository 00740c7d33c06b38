import type { Fact } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { adapter } from '../../test/support/facts.ts'
import {
  added,
  allowedBy,
  condition,
  connections,
  detected,
  eth0,
  flow,
  hardware,
  over,
  picture,
  tether,
  told,
} from '../rules/testing/network-facts.ts'
import { type IngestBench, openIngestBench, type TestComputer } from './testing/ingest-bench.ts'

let bench: IngestBench
let computer: TestComputer
const block = { decision: detected('rule') }
const down = { isAdminUp: false, hasCarrier: false, operState: 'down', addresses: [] }
const started: Fact = { kind: 'agent.started', previous: 'clean-stop', pid: 1, uid: 0 }

beforeEach(async () => {
  bench = await openIngestBench()
  computer = await bench.computer()
})
afterEach(() => bench[Symbol.asyncDispose]())

/** Types of what is open, and of what is over. */
async function standing(): Promise<{ open: string[]; over: string[] }> {
  const all = await computer.violations()
  const typesOf = (isOver: boolean) =>
    all.filter(({ endedAt }) => (endedAt !== null) === isOver).map(({ type }) => type)
  return { open: typesOf(false), over: typesOf(true) }
}

describe('one incident', () => {
  it('is one violation of each meaning: a phone’s adapter, the condition that it brings, another network, two networks', async () => {
    await computer.send(added())
    await computer.send(condition('tether-up'), block)
    await computer.send(condition('foreign-network'), block)
    await computer.send(condition('unapproved-gateway'), block)
    await computer.send(condition('unapproved-dhcp'), block)
    await computer.send(condition('second-default-route', { others: [eth0] }), block)
    await computer.send(condition('two-networks', { others: [eth0] }), block)
    expect(await computer.types()).toEqual([
      'phone-tethering',
      'nonclassified-network-connection',
      'dual-homing',
    ])
  })

  it('is told on two adapters as two', async () => {
    await computer.send(condition('foreign-network'), block)
    const other = adapter({ index: 8, name: 'usb1' })
    await computer.send(condition('foreign-network', { key: 'foreign-network|8', interface: other }), block)
    expect((await standing()).open).toHaveLength(2)
  })

  it('is each parameter by itself: another MAC of the adapter hides no other MAC of its gateway', async () => {
    await computer.send(condition('mac-differs', { expected: '02:00:00:00:00:02' }), block)
    const gateway = { peerMac: '02:00:00:00:00:01', expected: '02:00:00:00:00:02' }
    await computer.send(condition('gateway-mac-differs', gateway), block)
    const named = { interface: null, confidence: 'attempt' } as const
    for (const address of ['8.8.8.8', '9.9.9.9']) {
      const peer = { address, port: 53 }
      await computer.send(condition('unapproved-dns', { ...named, key: `dns|${address}`, peer }), block)
    }
    const all = await computer.violations()
    const fields = all.map(({ evidence }) => JSON.parse(evidence).differences[0].field)
    expect(fields).toEqual(['mac', 'gateway', 'dns'])
  })

  it('is over where another policy allows what goes on, and begins again where one forbids it', async () => {
    const two = condition('two-networks', { others: [eth0] })
    await computer.send(two, block)
    const again = { ...two, origin: 'policy-changed' } as const
    await computer.send(again, { decision: allowedBy('approved-networks') })
    expect(await standing()).toEqual({ open: [], over: ['dual-homing'] })
    await computer.send(again, block)
    expect(await standing()).toEqual({ open: ['dual-homing'], over: ['dual-homing'] })
  })

  it('ends with the last condition that says the same, and not before', async () => {
    const [network, gateway] = [condition('foreign-network'), condition('unapproved-gateway')]
    await computer.send(network, block)
    await computer.send(gateway, block)
    await computer.send(over(network))
    expect((await standing()).open).toEqual(['nonclassified-network-connection'])
    bench.now += 5_000
    await computer.send(over(gateway))
    const [violation] = await computer.violations()
    expect(violation?.endedAt).toBe(bench.now)
  })

  it('that comes again is a new violation, also within one batch', async () => {
    const air = condition('wireless-associated')
    await computer.sendTogether(air, over(air), air)
    expect(await standing()).toEqual({ open: ['wireless-link-up'], over: ['wireless-link-up'] })
    await computer.sendTogether(over(air), air, over(air))
    expect(await standing()).toEqual({
      open: [],
      over: ['wireless-link-up', 'wireless-link-up', 'wireless-link-up'],
    })
  })

  it('is over when its interface goes; a physical adapter that is only set down is still there', async () => {
    await computer.send(added())
    await computer.send({
      kind: 'network.interface-changed',
      before: tether,
      interface: { ...tether, ...down },
    })
    expect((await standing()).open).toEqual(['phone-tethering'])
    await computer.send({ kind: 'network.interface-removed', interface: tether })
    expect(await standing()).toEqual({ open: [], over: ['phone-tethering'] })
    await computer.send(added({ ...tether, index: 9 }))
    expect((await standing()).open).toEqual(['phone-tethering'])
  })

  it('of a standalone computer’s link is over with the link', async () => {
    const alone = await bench.computer({ networkMode: 'standalone' })
    computer = alone
    const lan = adapter({ medium: 'wired' })
    const unplugged = { ...lan, ...down }
    await alone.send({ kind: 'network.interface-changed', before: unplugged, interface: lan })
    await alone.send({ kind: 'network.interface-changed', before: lan, interface: unplugged })
    await alone.send({ kind: 'network.interface-changed', before: unplugged, interface: lan })
    expect(await standing()).toEqual({
      open: ['standalone-network-connection'],
      over: ['standalone-network-connection'],
    })
  })

  it('of a radio is over when it is switched off or gone, and begins anew when it is switched on', async () => {
    const radio = hardware()
    await computer.send(told(radio))
    await computer.send(told(radio, { change: 'changed', before: radio }))
    await computer.send(told(hardware({ state: 'blocked' }), { change: 'changed', before: radio }))
    expect(await standing()).toEqual({ open: [], over: ['bluetooth-enabled'] })
    await computer.send(told(radio, { change: 'changed', before: hardware({ state: 'blocked' }) }))
    await computer.send(told(radio, { change: 'gone' }))
    expect(await standing()).toEqual({ open: [], over: ['bluetooth-enabled', 'bluetooth-enabled'] })
  })

  it('that is allowed is shown as open and is no violation', async () => {
    await computer.send(condition('forwarding', { interface: null }), { decision: allowedBy('baseline') })
    expect(await computer.types()).toEqual([])
    expect(await bench.store.openConditions(computer.agent)).toMatchObject([
      { condition: 'forwarding', outcome: 'allowed' },
    ])
  })
})

describe('a restart', () => {
  it('of the console forgets nothing that is open', async () => {
    await computer.send(condition('foreign-network'), block)
    bench.restart()
    await computer.reconnect()
    await computer.send(condition('unapproved-gateway'), block)
    await computer.send(over(condition('foreign-network')))
    expect((await standing()).open).toEqual(['nonclassified-network-connection'])
    await computer.send(over(condition('unapproved-gateway')))
    expect(await standing()).toEqual({ open: [], over: ['nonclassified-network-connection'] })
  })

  it('of the agent: what ended meanwhile is over by its key, what it does not speak of goes on', async () => {
    await computer.send(condition('foreign-network'), block)
    await computer.send(condition('wireless-associated'), block)
    await computer.send(started)
    const gone = {
      ...over(condition('wireless-associated')),
      origin: 'still-present',
      interface: null,
    } as const
    await computer.send(gone)
    await computer.send(added(eth0, 'still-present'), { bootMs: 900_000 })
    expect(await standing()).toEqual({
      open: ['nonclassified-network-connection'],
      over: ['wireless-link-up'],
    })
  })

  it('of the computer ends everything of the boot before, and what is so again is told anew', async () => {
    await computer.send(added())
    await computer.send(condition('foreign-network'), block)
    await computer.send(started, { bootId: 'b2' })
    expect((await standing()).open).toEqual([])
    expect(await bench.store.openConditions(computer.agent)).toEqual([])
    await computer.send(condition('foreign-network', { origin: 'present-at-start' }), {
      ...block,
      bootId: 'b2',
    })
    expect((await standing()).open).toEqual(['nonclassified-network-connection'])
  })
})

describe('a series of connections', () => {
  const answered = flow({
    act: 'established',
    confidence: 'confirmed-reachability',
    local: { address: '192.168.42.129', port: 9 },
  })
  it('is one attempt, however many records it has', async () => {
    await computer.send(connections([flow()]), block)
    await computer.send(connections([flow({ count: 9 })], { isFirst: false }), block)
    expect(await computer.types()).toEqual(['external-connection-attempt'])
    await computer.send(connections([flow()], { series: 's-2' }), block)
    expect(await computer.types()).toHaveLength(2)
  })

  it('that only later goes where it may not is told then', async () => {
    const mdns = flow({ act: 'send', protocol: 17, peer: { address: '224.0.0.251', port: 5353 } })
    await computer.send(connections([mdns]), block)
    expect(await computer.types()).toEqual([])
    await computer.send(connections([flow()], { isFirst: false }), block)
    expect(await computer.types()).toEqual(['external-connection-attempt'])
  })

  it('that reaches the Internet later is told as that once more, with the newest picture as proof', async () => {
    await computer.send({ kind: 'network.picture', cause: 'changed', picture: picture() })
    await computer.send(connections([flow()]), block)
    bench.restart()
    await computer.reconnect()
    await computer.send(connections([answered], { isFirst: false }), block)
    await computer.send(connections([answered], { isFirst: false }), block)
    const all = await computer.violations()
    expect(all.map(({ type }) => type)).toEqual(['external-connection-attempt', 'internet-connection'])
    expect(JSON.parse(all[1]?.evidence ?? '')).toMatchObject({
      interface: { name: 'usb0' },
      gateways: ['192.168.42.1'],
      found: { picture: { sessionAccount: 'user' } },
    })
  })

  it('that was the Internet from the beginning is no attempt beside it', async () => {
    await computer.send(connections([answered]), block)
    await computer.send(connections([flow()], { isFirst: false }), block)
    expect(await computer.types()).toEqual(['internet-connection'])
  })

  it('of passed-on packets is one story with forwarding that is switched on', async () => {
    await computer.send(condition('forwarding', { interface: null }), block)
    const passed = flow({ act: 'forwarded', pid: null, peer: { address: '10.9.9.9', port: 80 } })
    await computer.send(connections([passed], { net: 'packet', program: null }), block)
    expect(await computer.types()).toEqual(['connection-sharing'])
  })
})

describe('control that was lifted at the computer', () => {
  const released: Fact = {
    kind: 'control.state',
    group: 'media',
    state: 'released',
    cause: 'released-by-hand',
    reason: 'locked out',
    layers: [],
  }

  it('is one violation, however often the agent starts and says it again; the next release is another', async () => {
    computer = await bench.computer({ modes: { media: 'enforce', network: 'observe', files: 'observe' } })
    await computer.send(released)
    await computer.send(started)
    await computer.send(released)
    expect(await computer.types()).toEqual(['agent-tamper'])
    await computer.send({ ...released, state: 'in-force', cause: 'policy', reason: null })
    expect(await standing()).toEqual({ open: [], over: ['agent-tamper'] })
    await computer.send(released)
    expect(await computer.types()).toEqual(['agent-tamper', 'agent-tamper'])
  })
})
