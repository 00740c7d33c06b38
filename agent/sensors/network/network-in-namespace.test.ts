/** What an unkind network does to the sensor, on the real kernel, in a namespace of the test's own. */
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { type NetworkInterface, type Picture, type Route, rawTextKey, rawTextOf } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LazyPoller } from '../../base/poll-linux.ts'
import { needRoot, RecordingContext, withSensor } from '../testing/recording-context.ts'
import { createNetworkSensor, type NetworkSensorOptions } from './network-sensor.ts'
import type { PictureTables } from './picture-tables.ts'
import { enterOwnNamespace, type OwnNamespace } from './testing/own-namespace-linux.ts'

const run = promisify(execFile)

let poller: LazyPoller
let own: OwnNamespace
beforeEach(() => {
  needRoot()
  own = enterOwnNamespace()
  poller = new LazyPoller()
})
afterEach(async () => {
  await poller.close()
  own.leave()
})

const sensorOf = (more: Partial<NetworkSensorOptions> = {}) =>
  createNetworkSensor({ poller, sys: own.sys, sweepMs: 60_000, ...more })

const pictureOf = (tables: PictureTables): Picture => ({
  interfaces: [...tables.interfaces],
  routes: tables.routes.slice(0, 100),
  neighbours: tables.neighbours.slice(0, 100),
  rules: tables.rules.slice(0, 100),
  leases: [],
  dnsServers: [],
  wireless: [],
  sharing: [],
  sockets: [],
  sessionAccount: null,
  unread: [...tables.unread],
  omitted: 0,
})

/** The last that was told of each interface. */
function lastStates(context: RecordingContext): Map<number, NetworkInterface> {
  const states = new Map<number, NetworkInterface>()
  for (const fact of context.facts) {
    if (fact.kind === 'network.interface-removed') states.delete(fact.interface.index)
    if (fact.kind === 'network.interface-added' || fact.kind === 'network.interface-changed') {
      states.set(fact.interface.index, fact.interface)
    }
  }
  return states
}

function toldAddresses(context: RecordingContext): Set<string> {
  return new Set(
    context.facts.flatMap((fact) =>
      fact.kind === 'network.interface-added' || fact.kind === 'network.interface-changed'
        ? fact.interface.addresses.map((one) => one.address)
        : [],
    ),
  )
}

it('reads an interface whose name is control bytes and no UTF-8, without losing a byte of it', async () => {
  const names = [
    Buffer.from('a\u001b[2J\u0007'),
    Buffer.from([0x62, 0xff, 0xfe, 0x01]),
    Buffer.from('"\'<b>;$'),
  ]
  const context = new RecordingContext()
  await withSensor(sensorOf(), context, async () => {
    for (const name of names) {
      // Arguments of a process can't carry such bytes from here: a shell's printf writes them.
      const octal = [...name].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
      execFileSync('sh', ['-c', `ip link add "$(printf '${octal}')" type bridge`], { stdio: 'pipe' })
    }
    await context.until(() => context.named('network.interface-added').length >= names.length + 1)
  })
  const added = new Map(
    context.named('network.interface-added').map((fact) => [rawTextKey(fact.interface.name), fact]),
  )
  for (const name of names) {
    expect(added.get(rawTextKey(rawTextOf(name)))).toMatchObject({
      sighting: 'snapshot',
      interface: { medium: 'bridge', linkKind: 'bridge' },
    })
  }
})

it('tells 10,000 routes that come, in facts that fit, and that go', async () => {
  own.ip('link add skr0 type bridge')
  own.ip('link set skr0 up')
  own.ip('addr add 192.0.2.1/24 dev skr0')
  const lines = Array.from({ length: 10_000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24 via 192.0.2.254`)
  const context = new RecordingContext()
  const keysOf = (way: 'added' | 'removed'): number =>
    new Set(
      context
        .named('network.routes-changed')
        .flatMap((fact) =>
          fact[way].filter((one) => one.gateway === '192.0.2.254').map((one) => one.destination),
        ),
    ).size
  await withSensor(sensorOf(), context, async () => {
    own.ipBatch(lines.map((line) => `route add ${line}`))
    await context.until(() => keysOf('added') === 10_000, 10_000)
    own.ip('link set skr0 down')
    await context.until(() => keysOf('removed') === 10_000, 10_000)
  })
  expect(context.named('network.routes-changed').length).toBeLessThan(1_000)
}, 30_000)

it('finds 10,000 routes at its start, and still tells a change within a moment', async () => {
  own.ip('link add skr0 type bridge')
  own.ip('link set skr0 up')
  own.ip('addr add 192.0.2.1/24 dev skr0')
  own.ipBatch(
    Array.from({ length: 10_000 }, (_, at) => `route add 10.${at >> 8}.${at & 255}.0/24 via 192.0.2.254`),
  )
  const context = new RecordingContext()
  const sensor = sensorOf()
  await withSensor(sensor, context, async () => {
    expect(
      context.named('network.routes-changed').flatMap((fact) => fact.added).length,
    ).toBeGreaterThanOrEqual(10_000)
    for (let round = 0; round < 5; round += 1) {
      const sinceMs = performance.now()
      await run('ip', ['link', 'add', `skn${round}`, 'type', 'bridge'])
      await context.until(() =>
        context.named('network.interface-added').some((fact) => fact.interface.name === `skn${round}`),
      )
      expect(performance.now() - sinceMs).toBeLessThan(10_000)
    }
    expect(sensor.currentTables()?.routes.length).toBeGreaterThanOrEqual(10_000)
  })
}, 30_000)

it('tells each of 4,096 addresses, in a bounded number of bytes', async () => {
  const addresses = Array.from({ length: 4_096 }, (_, at) => `10.9.${at >> 8}.${at & 255}`)
  const context = new RecordingContext()
  await withSensor(sensorOf(), context, async () => {
    own.ip('link add ska0 type bridge')
    own.ipBatch(addresses.map((address) => `addr add ${address}/32 dev ska0`))
    await context.until(() => addresses.every((address) => toldAddresses(context).has(address)), 40_000)
  })
  const bytes = context.facts.reduce((sum, fact) => sum + JSON.stringify(fact).length, 0)
  expect(bytes).toBeLessThan(64 * 1_048_576)
  const last = [...lastStates(context).values()].find((one) => one.name === 'ska0')
  expect((last?.addresses.length ?? 0) + (last?.addressesOmitted ?? 0)).toBe(4_096)
  const again = new RecordingContext()
  await withSensor(sensorOf(), again, async () => undefined)
  const found = toldAddresses(again)
  expect(addresses.filter((address) => !found.has(address))).toEqual([])
}, 60_000)

it('tells every name of an interface that is renamed ten times a second, and never takes it for another', async () => {
  own.ip('link add skx0 type bridge')
  const context = new RecordingContext()
  await withSensor(sensorOf(), context, async () => {
    for (let round = 1; round <= 30; round += 1) {
      await run('ip', ['link', 'set', `skx${round - 1}`, 'name', `skx${round}`])
      await new Promise((resolve) => setTimeout(resolve, 90))
    }
    await context.until(() => [...lastStates(context).values()].some((one) => one.name === 'skx30'))
  })
  const names = context.named('network.interface-changed').map((fact) => fact.interface.name)
  expect(names.filter((name, at) => name !== names[at - 1])).toEqual(
    Array.from({ length: 30 }, (_, at) => `skx${at + 1}`),
  )
  expect(context.named('network.interface-removed')).toEqual([])
  expect(context.named('network.interface-changed').every((fact) => fact.interface.medium === 'bridge')).toBe(
    true,
  )
}, 20_000)

it('names what stands on what', async () => {
  own.ip('link add ske0 type veth peer name ske1')
  own.ip('link add link ske0 name skm0 type macvlan')
  own.ip('link add skb0 type bridge')
  const context = new RecordingContext()
  await withSensor(sensorOf(), context, async () => {
    own.ip('link set ske1 master skb0')
    await context.until(() => [...lastStates(context).values()].some((one) => one.masterIndex !== null))
    own.ip('link set ske1 nomaster')
    await context.until(() => [...lastStates(context).values()].every((one) => one.masterIndex === null))
  })
  const states = [...lastStates(context).values()]
  const index = (name: string) => states.find((one) => one.name === name)?.index
  expect(states.find((one) => one.name === 'skm0')).toMatchObject({
    medium: 'macvlan',
    lowerIndex: index('ske0'),
  })
  expect(states.find((one) => one.name === 'ske0')).toMatchObject({ medium: 'veth', lowerIndex: null })
  expect(states.find((one) => one.name === 'lo')).toMatchObject({ medium: 'loopback' })
})

it('takes a picture at its start, after changes, for a rule and for a gateway’s new hardware address', async () => {
  own.ip('link add skg0 type bridge')
  own.ip('link set skg0 up')
  own.ip('addr add 192.0.2.1/24 dev skg0')
  own.ip('route add default via 192.0.2.254')
  own.ip('neigh add 192.0.2.254 lladdr 02:00:00:00:00:fe dev skg0')
  const context = new RecordingContext()
  const pictures = () => context.named('network.picture')
  await withSensor(
    sensorOf({ readPicture: (tables) => Promise.resolve(pictureOf(tables)) }),
    context,
    async () => {
      await context.until(() => pictures().length === 1)
      expect(pictures()[0]).toMatchObject({ cause: 'start', picture: { rules: [], unread: [] } })
      own.ip('rule add from 192.0.2.0/24 table 100 pref 500')
      await context.until(() => pictures().some((fact) => fact.picture.rules.length === 1))
      const rule = { family: 'ipv4', priority: 500, text: 'from 192.0.2.0/24 lookup 100', table: 100 }
      expect(pictures().at(-1)).toMatchObject({ cause: 'changed', picture: { rules: [rule] } })
      own.ip('neigh replace 192.0.2.254 lladdr 02:00:00:00:00:66 dev skg0')
      const hasNew = () =>
        pictures().some((fact) => fact.picture.neighbours.some((one) => one.mac === '02:00:00:00:00:66'))
      await context.until(hasNew)
      own.ip('link set skg0 down')
      await context.until(
        () =>
          pictures()
            .at(-1)
            ?.picture.interfaces.some((one) => one.name === 'skg0' && !one.isAdminUp) === true,
      )
    },
  )
  const told = context.facts.findIndex(
    (fact) => fact.kind === 'network.interface-changed' && !fact.interface.isAdminUp,
  )
  const shown = context.facts.findIndex(
    (fact) =>
      fact.kind === 'network.picture' &&
      fact.picture.interfaces.some((one) => one.name === 'skg0' && !one.isAdminUp),
  )
  expect(told).toBeGreaterThan(0)
  expect(shown).toBeGreaterThan(told)
})

it('takes a picture within moments of forwarding being switched on, which no interface, address or route tells', async () => {
  const isForwarding = () => readFileSync('/proc/sys/net/ipv4/ip_forward', 'latin1').trim() === '1'
  const context = new RecordingContext()
  const pictures = () => context.named('network.picture')
  const readPicture = (tables: PictureTables) => {
    const detail = 'net.ipv4.ip_forward=1'
    const sharing = { service: 'forwarding-ipv4', detail, port: null, pid: null, program: null } as const
    return Promise.resolve({ ...pictureOf(tables), sharing: isForwarding() ? [sharing] : [] })
  }
  await withSensor(sensorOf({ readPicture, sweepMs: 60_000 }), context, async () => {
    await context.until(() => pictures().length === 1)
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
    await context.until(() => pictures().at(-1)?.picture.sharing.length === 1)
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '0')
    await context.until(() => pictures().at(-1)?.picture.sharing.length === 0)
  })
})

it('does nothing for a storm of neighbours, loses no link in it, and hears the gateway through it', async () => {
  own.ip('link add skg0 type bridge')
  own.ip('link set skg0 up')
  own.ip('addr add 10.0.0.1/8 dev skg0')
  own.ip('route add default via 10.255.255.254')
  own.ip('neigh add 10.255.255.254 lladdr 02:00:00:00:00:fe dev skg0')
  const context = new RecordingContext()
  const readPicture = (tables: PictureTables) => Promise.resolve(pictureOf(tables))
  await withSensor(sensorOf({ readPicture }), context, async () => {
    await context.until(() => context.named('network.picture').length === 1)
    const lines = Array.from(
      { length: 500 },
      (_, at) => `10.1.${at >> 8}.${at & 255} lladdr 02:00:00:00:01:01 dev skg0`,
    )
    for (let round = 0; round < 20; round += 1) {
      own.ipBatch(lines.map((line) => `neigh replace ${line} nud ${round % 2 === 0 ? 'stale' : 'reachable'}`))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(context.named('network.picture')).toHaveLength(1)
    expect(context.named('sensor.overflow')).toEqual([])
    own.ip('neigh replace 10.255.255.254 lladdr 02:00:00:00:00:66 dev skg0')
    await context.until(() => context.named('network.picture').length === 2)
    own.ip('link set skg0 down')
    await context.until(() => context.named('network.interface-changed').length > 0)
  })
}, 20_000)

it('has no tables before it looked nor after it ended', async () => {
  const sensor = sensorOf()
  expect(sensor.currentTables()).toBeNull()
  await withSensor(sensor, new RecordingContext(), async () => {
    expect(sensor.currentTables()?.interfaces).toMatchObject([{ name: 'lo', medium: 'loopback' }])
  })
  expect(sensor.currentTables()).toBeNull()
})

it('says so where the kernel gives it no netlink socket, and still finds links, addresses and routes', async () => {
  const script = new URL('testing/without-netlink.ts', import.meta.url)
  const { stdout } = await run(process.execPath, [script.pathname], { timeout: 20_000 })
  const said = JSON.parse(stdout) as {
    covers: readonly object[]
    unread: readonly string[]
    interfaces: readonly NetworkInterface[]
    routes: readonly Route[]
  }
  expect(said.covers).toEqual([
    {
      state: 'fallback',
      method: 'sysfs-sweep',
      reason: 'rtnetlink cannot be used: socket(AF_NETLINK) failed with errno 1.',
      remedy: 'needs a koffi build for this processor and permission to open AF_NETLINK sockets',
    },
  ])
  expect(said.unread).toEqual(['neighbours', 'rules'])
  const found = said.interfaces.find((one) => one.name === 'skp0')
  expect(found).toMatchObject({ medium: 'bridge', isAdminUp: true })
  const addresses = found?.addresses.map(
    ({ address, prefixLength, scope }) => `${address}/${prefixLength} ${scope}`,
  )
  expect(addresses).toEqual(expect.arrayContaining(['192.0.2.1/25 global', '2001:db8::1/64 global']))
  expect(said.routes).toContainEqual(expect.objectContaining({ prefixLength: 0, gateway: '192.0.2.126' }))
}, 30_000)
