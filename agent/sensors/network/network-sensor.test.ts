import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { showRawText } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LazyPoller } from '../../base/poll-linux.ts'
import { baselineKeys } from '../baseline-keys.ts'
import { takeBaseline } from '../take-baseline-linux.ts'
import { needRoot, RecordingContext, withSensor } from '../testing/recording-context.ts'
import { createNetworkSensor } from './network-sensor.ts'
import { readNetwork } from './read-network-linux.ts'
import { Rtnetlink } from './rtnetlink-linux.ts'

const name = `sk${process.pid}a`
const peer = `sk${process.pid}b`
const ip = (...words: string[]): void => {
  execFileSync('ip', words, { stdio: 'pipe' })
}

let poller: LazyPoller
beforeEach(() => {
  needRoot()
  poller = new LazyPoller()
})
afterEach(async () => {
  await poller.close()
  try {
    ip('link', 'del', name)
  } catch {
    // The test has removed it itself.
  }
})

/** States of the interface under test, in the order told. */
function storyOf(context: RecordingContext): string[] {
  return context.facts.flatMap((fact) => {
    if (fact.kind === 'network.interface-added' && fact.interface.name === name)
      return [`added ${fact.sighting}`]
    if (fact.kind === 'network.interface-removed' && fact.interface.name === name) return ['removed']
    if (fact.kind !== 'network.interface-changed' || fact.before.name !== name) return []
    const { isAdminUp, hasCarrier, addresses, name: after } = fact.interface
    const own = addresses.map((one) => one.address).filter((one) => !one.startsWith('fe80'))
    return [
      [
        isAdminUp ? 'up' : 'down',
        hasCarrier ? 'carrier' : '-',
        String(after === name ? '' : 'renamed'),
        ...own,
      ]
        .join(' ')
        .trim(),
    ]
  })
}

it('tells an interface, its states, addresses, routes, new name and end, as they happen', async () => {
  const context = new RecordingContext()
  await withSensor(createNetworkSensor({ poller, sweepMs: 60_000 }), context, async () => {
    const sinceMs = performance.now()
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', peer)
    await context.until(() => storyOf(context).includes('added snapshot'))
    const added = context.facts.findIndex(
      (fact) => fact.kind === 'network.interface-added' && fact.interface.name === name,
    )
    expect((context.factTimesMs[added] ?? 0) - sinceMs).toBeLessThan(10_000)
    ip('link', 'set', peer, 'up')
    ip('link', 'set', name, 'up')
    ip('addr', 'add', '198.51.100.9/24', 'dev', name)
    ip('route', 'add', '203.0.113.0/24', 'via', '198.51.100.1', 'metric', '77')
    await context.until(() =>
      context.named('network.routes-changed').some((fact) => fact.added.some((route) => route.metric === 77)),
    )
    ip('link', 'set', name, 'mtu', '1400')
    ip('link', 'del', name)
    await context.until(() => storyOf(context).includes('removed'))
    await context.until(() =>
      context
        .named('network.routes-changed')
        .some((fact) => fact.removed.some((route) => route.metric === 77)),
    )
  })
  expect(storyOf(context)).toEqual(expect.arrayContaining(['up carrier', 'up carrier  198.51.100.9']))
  expect(context.covers).toEqual([{ state: 'watching', method: 'rtnetlink', reason: null, remedy: null }])
})

it('does not lose what came and went while nobody could look', async () => {
  const context = new RecordingContext()
  await withSensor(createNetworkSensor({ poller, sweepMs: 60_000 }), context, async () => {
    // One child for all of it: this process is held until it has ended.
    const script = [
      `link add ${name} type veth peer name ${peer}`,
      `link set ${peer} up`,
      `link set ${name} up`,
      `addr add 198.51.100.7/24 dev ${name}`,
      `link set ${name} down`,
      `link del ${name}`,
    ]
    execFileSync('ip', ['-batch', '-'], { input: `${script.join('\n')}\n`, stdio: 'pipe' })
    await context.until(() => storyOf(context).includes('removed'))
  })
  const story = storyOf(context)
  expect(story[0]).toBe('added event-only')
  expect(story.at(-1)).toBe('removed')
  expect(story).toContain('up carrier  198.51.100.7')
})

it('finds by comparing what an overflow swallowed, within a second, and says so', async () => {
  const context = new RecordingContext()
  const sensor = createNetworkSensor({ poller, sweepMs: 60_000, receiveBufferBytes: 1 })
  await withSensor(sensor, context, async () => {
    const script = [`link add ${name} type bridge`]
    for (let count = 1; count <= 100; count += 1) script.push(`addr add 198.51.100.${count}/32 dev ${name}`)
    execFileSync('ip', ['-batch', '-'], { input: `${script.join('\n')}\n`, stdio: 'pipe' })
    await context.until(() => context.named('sensor.overflow').length > 0)
  })
  const told = context.named('sensor.overflow')[0]
  expect(told).toMatchObject({ sensor: 'network', queue: 'netlink-route' })
  expect(told?.rescanMs).toBeLessThan(1_000)
  expect(told?.changesFound).toBeGreaterThan(0)
  const last = context.facts.findLast(
    (fact) =>
      (fact.kind === 'network.interface-added' || fact.kind === 'network.interface-changed') &&
      fact.interface.name === name,
  )
  const addresses = last !== undefined && 'interface' in last ? (last.interface?.addresses ?? []) : []
  expect(addresses.filter((one) => one.family === 'ipv4')).toHaveLength(100)
})

it('tells this computer’s own interfaces and their routes as its baseline', async () => {
  const baseline = await takeBaseline()
  const context = new RecordingContext({ baseline, knowledge: { baseline: baselineKeys(baseline) } })
  await withSensor(createNetworkSensor({ poller }), context, async () => undefined)
  const added = context
    .named('network.interface-added')
    .filter((fact) => !showRawText(fact.interface.name).startsWith('sk'))
  expect(added.length).toBeGreaterThan(0)
  expect(added.filter((fact) => fact.origin !== 'baseline')).toEqual([])
})

it('sees the same links and main routes without rtnetlink', async () => {
  ip('link', 'add', name, 'address', '02:00:00:00:00:aa', 'type', 'bridge')
  ip('link', 'set', name, 'up')
  ip('addr', 'add', '198.51.100.9/24', 'dev', name)
  const slow = await readNetwork('/sys', '/proc')
  const rtnetlink = await Rtnetlink.open({ poller, receiveBufferBytes: 65_536, onReady: () => undefined })
  const fast = rtnetlink.dump()
  if (fast === null) throw new Error('no whole dump')
  rtnetlink.close()
  const linkOf = (dump: typeof fast) => {
    const found = dump.links.find((link) => link.name?.toString() === name)
    return [found?.index, found?.mac, found?.hardwareType, (found?.flags ?? 0) & 0x10001, found?.operState]
  }
  const routesOf = (dump: typeof fast) =>
    dump.routes
      .filter((route) => route.table === 254)
      .map(({ destination, prefixLength, gateway, index, metric }) =>
        JSON.stringify([destination, prefixLength, gateway, index, metric]),
      )
      .toSorted()
  expect(linkOf(slow)).toEqual(linkOf(fast))
  expect(routesOf(slow)).toEqual(routesOf(fast))
})

it('is blind where there is neither rtnetlink nor sysfs, and says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shoukou-net-'))
  writeFileSync(join(folder, 'empty'), '')
  const refusing = {
    get: () => Promise.reject(new Error('koffi did not load')),
    close: () => Promise.resolve(),
  }
  const context = new RecordingContext()
  const options = { poller: refusing as unknown as LazyPoller, sys: folder, proc: folder }
  await withSensor(createNetworkSensor(options), context, async () => undefined)
  expect(context.covers[0]).toMatchObject({ state: 'not-watched' })
  const slower = new RecordingContext()
  await withSensor(
    createNetworkSensor({ ...options, sys: '/sys', proc: '/proc' }),
    slower,
    async () => undefined,
  )
  expect(slower.covers[0]).toMatchObject({ state: 'fallback', method: 'sysfs-sweep' })
  expect(slower.covers[0]?.reason).toContain('koffi did not load')
  expect(slower.named('network.interface-added').length).toBeGreaterThan(0)
  rmSync(folder, { recursive: true })
})
