import { seededRandom } from '@shoukou/protocol/fixtures/seeded-random.ts'
import { describe, expect, it } from 'vitest'
import type { ConnectionEvent } from '../../actions/connections/connection-net.ts'
import { FlowLedger, type FlowOwner, type FlowRecord } from './flow-ledger.ts'
import type { FlowLimits } from './flow-limits.ts'
import { connectTo, establishedOf, packetTo, processOf } from './testing/flow-events.ts'

const ownerOf = ({ process }: ConnectionEvent): FlowOwner =>
  process === null
    ? { key: 'nobody', program: null }
    : { key: `${String(process.path)}|${process.uid}`, program: null }

function bench(limits: Partial<FlowLimits> = {}) {
  let named = 0
  const ledger = new FlowLedger({
    newSeries: () => {
      named += 1
      return `series-${named}`
    },
    limits,
  })
  const records: FlowRecord[] = []
  const at = (nowMs: number) => ({ wallMs: 1_700_000_000_000 + nowMs, nowMs })
  return {
    ledger,
    records,
    take: (event: ConnectionEvent, nowMs: number) =>
      ledger.takeConnection('socket', event, ownerOf(event), 'public-address', at(nowMs)),
    packet: (event: ReturnType<typeof packetTo>, nowMs: number) =>
      ledger.takePacket(event, { key: 'nobody', program: null }, 'public-address', at(nowMs)),
    tell: (nowMs: number) => {
      const due = ledger.due(nowMs)
      records.push(...due)
      return due
    },
    tellAll: (nowMs: number) => {
      const due = ledger.all(nowMs)
      records.push(...due)
      return due
    },
  }
}

const countIn = (records: readonly FlowRecord[]): number =>
  records.flatMap(({ flows }) => flows).reduce((sum, { count }) => sum + count, 0)
const eventsIn = (records: readonly FlowRecord[]): number =>
  records.reduce((sum, { events }) => sum + events, 0)

describe('what is remembered', () => {
  it('has a bound over all series, and every event is told all the same', () => {
    const limits = { knownFlowsMax: 50, knownFlowsOfAllMax: 100, quietMs: 1_000 }
    const { take, tellAll, tell, records, ledger } = bench(limits)
    for (let n = 0; n < 2_000; n += 1) {
      const process = processOf(n % 20, { path: Buffer.from(`/opt/${n % 20}`) })
      take(connectTo(`203.0.${n >> 8}.${n & 255}`, 443, n % 20, { process }), n)
      if (n % 40 === 39) tellAll(n)
      expect(ledger.knownFlows).toBeLessThanOrEqual(100)
    }
    tellAll(2_000)
    expect(countIn(records)).toBe(2_000)
    expect(ledger.lostOf('socket')).toBe(0)
    tell(4_000)
    expect(ledger.knownFlows).toBe(0)
  })
})

describe('a series', () => {
  it('is told of at once, then in growing spans', () => {
    const { take, tell, ledger } = bench()
    take(connectTo('8.8.8.8', 443, 10), 0)
    expect(tell(0)).toMatchObject([
      { series: 'series-1', isFirst: true, flows: [{ count: 1, confidence: 'attempt' }] },
    ])
    const told: number[] = []
    for (let nowMs = 10; nowMs < 300_000; nowMs += 10) {
      if (nowMs % 100 === 0) take(connectTo('8.8.8.8', 443, 10), nowMs)
      if (tell(nowMs).length > 0) told.push(nowMs)
    }
    expect(told.slice(0, 5)).toEqual([1_000, 6_000, 36_000, 96_000, 156_000])
    expect(ledger.pendingOf('socket')).toBeGreaterThan(0)
  })

  it('tells of a peer that is new to it within a second, however long its span is', () => {
    const { take, tell } = bench()
    for (let nowMs = 0; nowMs <= 100_000; nowMs += 500) {
      take(connectTo('8.8.8.8', 443, 10), nowMs)
      tell(nowMs)
    }
    take(connectTo('9.9.9.9', 443, 10), 100_100)
    const told = tell(101_100).flatMap(({ flows }) => flows.map(({ peer }) => peer?.address))
    expect(told).toContain('9.9.9.9')
  })

  it('ends when it has been quiet, and a new one begins', () => {
    const { take, tell } = bench()
    take(connectTo('8.8.8.8', 443, 10), 0)
    tell(0)
    tell(600_000)
    take(connectTo('8.8.8.8', 443, 10), 600_001)
    expect(tell(600_001)).toMatchObject([{ series: 'series-2', isFirst: true }])
  })

  it('is one for all processes of a program and account, and tells them apart', () => {
    const { take, tell } = bench()
    take(connectTo('8.8.8.8', 443, 10), 0)
    take(connectTo('8.8.8.8', 443, 11), 0)
    take(connectTo('8.8.8.8', 443, 12, { process: processOf(12, { uid: 0 }) }), 0)
    const told = tell(0)
    expect(told.map(({ flows }) => flows.map(({ pid }) => pid))).toEqual([[10, 11], [12]])
  })

  it('is cut into records of two hundred flows, the first of which is first', () => {
    const { take, tell } = bench()
    for (let n = 0; n < 450; n += 1) take(connectTo(`8.8.${n >> 8}.${n & 255}`, 443, 10), 0)
    const told = tell(0)
    expect(told.map(({ flows, isFirst, continues }) => [flows.length, isFirst, continues])).toEqual([
      [200, true, true],
      [200, false, true],
      [50, false, false],
    ])
  })
})

describe('a connection that stands', () => {
  it('makes its attempt certain, and is not counted again', () => {
    const { take, tell, records } = bench()
    const attempt = connectTo('8.8.8.8', 443, 10)
    take(attempt, 0)
    take(establishedOf(attempt), 1)
    tell(1)
    expect(records.flatMap(({ flows }) => flows)).toMatchObject([
      { act: 'connect', pid: 10, count: 1, confidence: 'confirmed-reachability' },
    ])
  })

  it('is told within fifty milliseconds where its attempt was told before', () => {
    const { take, tell } = bench()
    const attempt = connectTo('8.8.8.8', 443, 10)
    take(attempt, 0)
    tell(0)
    take(establishedOf(attempt), 20)
    expect(tell(50)).toMatchObject([
      { isFirst: false, flows: [{ pid: 10, count: 0, confidence: 'confirmed-reachability' }] },
    ])
  })

  it('that nobody was seen to ask for is a flow by itself', () => {
    const { take, tell, records } = bench()
    take(establishedOf(connectTo('8.8.8.8', 443, 10)), 0)
    take({ ...establishedOf(connectTo('203.0.113.9', 50_001, 10)), act: 'accepted' }, 0)
    tell(0)
    expect(records.flatMap(({ flows }) => flows)).toMatchObject([
      { act: 'established', pid: null, peer: { address: '8.8.8.8', port: 443 } },
      { act: 'accepted', pid: null, peer: { address: '203.0.113.9', port: null }, local: { port: 40_000 } },
    ])
    expect(eventsIn(records)).toBe(0)
  })
})

describe('a packet', () => {
  it('of a program’s own connection adds the interface and that the link was there, and no count', () => {
    const { take, packet, tell, records } = bench()
    take(connectTo('8.8.8.8', 443, 10), 0)
    packet(packetTo('8.8.8.8', 443, { uid: 1000 }), 1)
    tell(1)
    expect(records).toHaveLength(1)
    expect(records[0]?.flows).toMatchObject([{ count: 1, interface: 'eth0', confidence: 'link-up', pid: 10 }])
    packet(packetTo('8.8.8.8', 443, { uid: 1000 }), 5_000)
    expect(tell(700_000)).toEqual([])
  })

  it('to the same peer by another account belongs to nobody known', () => {
    const { take, packet, tell, records } = bench()
    take(connectTo('8.8.8.8', 443, 10), 0)
    packet(packetTo('8.8.8.8', 443, { uid: 7 }), 1)
    tell(251)
    expect(records.map(({ net, flows }) => [net, flows[0]?.pid])).toEqual([
      ['socket', 10],
      ['packet', null],
    ])
  })

  it('that was dropped, or whose attempt was refused, is never counted as somebody’s own', () => {
    const { take, packet, tell, records } = bench()
    take(connectTo('8.8.8.8', 443, 10, { isRefused: true }), 0)
    packet(packetTo('8.8.8.8', 443), 1)
    take(connectTo('9.9.9.9', 443, 10), 2)
    packet(packetTo('9.9.9.9', 443, { isDropped: true }), 3)
    tell(300)
    const packets = records
      .filter(({ net }) => net === 'packet')
      .flatMap(({ flows }) => flows)
      .toSorted((a, b) => a.refused - b.refused)
    expect(packets).toMatchObject([
      { peer: { address: '8.8.8.8' }, refused: 0, confidence: 'link-up' },
      { peer: { address: '9.9.9.9' }, refused: 1, confidence: 'attempt' },
    ])
  })

  it('waits a moment for the call that is read after it, and is told with that', () => {
    const { ledger, take, packet, tell, tellAll, records } = bench()
    packet(packetTo('8.8.8.8', 443), 0)
    expect(tell(10)).toEqual([])
    expect(ledger.pendingOf('packet')).toBe(1)
    expect(ledger.nextDueMs).toBe(250)
    take(connectTo('8.8.8.8', 443, 10), 100)
    tell(100)
    tell(251)
    tellAll(2_000)
    expect(new Set(records.map(({ net }) => net))).toEqual(new Set(['socket']))
    expect(countIn(records)).toBe(1)
    expect(ledger.joinedPackets).toBe(1)
    expect(ledger.pendingOf('packet')).toBe(0)
  })

  it('without a program is a series by its peer and protocol, and a sweep over many peers is one', () => {
    const { packet, tell, records } = bench({ packetSeriesMax: 3 })
    const ping = (address: string) => packetTo(address, null, { protocol: 1 })
    packet(ping('8.8.8.8'), 0)
    tell(0)
    packet(ping('9.9.9.9'), 1_000)
    tell(1_000)
    expect(records.map(({ isFirst }) => isFirst)).toEqual([true, true])
    for (let host = 1; host <= 100; host += 1) packet(ping(`10.9.9.${host}`), 2_000)
    tell(2_000)
    expect(new Set(records.map(({ series }) => series)).size).toBe(4)
    expect(countIn(records)).toBe(102)
  })

  it('from outside is one flow for each caller and port of ours, not for each of his', () => {
    const { packet, tell, records } = bench()
    for (let port = 50_000; port < 50_100; port += 1) {
      const source = { address: '10.1.0.77', port }
      const destination = { address: '10.1.0.20', port: 22 }
      packet(
        packetTo('', null, { act: 'incoming', family: 'ipv4', source, destination, inInterface: 'eth0' }),
        0,
      )
    }
    tell(0)
    expect(records.flatMap(({ flows }) => flows)).toMatchObject([
      { act: 'incoming', count: 100, peer: { address: '10.1.0.77', port: null }, local: { port: 22 } },
    ])
  })
})

describe('the sum', () => {
  it('of twenty thousand attempts by fifty processes to a hundred peers is exactly that, within a second', () => {
    const { take, tell, tellAll, records, ledger } = bench()
    const startedMs = performance.now()
    for (let n = 0; n < 20_000; n += 1) {
      take(connectTo(`203.0.113.${n % 100}`, 443, 1_000 + (n % 50)), n / 40)
      if (n % 4_096 === 0) tell(n / 40)
    }
    tell(5_000)
    tellAll(5_000)
    expect(performance.now() - startedMs).toBeLessThan(1_500)
    expect(countIn(records)).toBe(20_000)
    expect(eventsIn(records)).toBe(20_000)
    expect(ledger.lostOf('socket')).toBe(0)
    expect(new Set(records.map(({ series }) => series)).size).toBe(1)
  })

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'of what was told and what was declared lost is what came, in a storm beyond every bound (%i)',
    (seed) => {
      const random = seededRandom(seed)
      const below = (n: number): number => random.int(n)
      const limits = { seriesMax: 5, pendingFlowsMax: 40, knownFlowsMax: 10, cookiesMax: 16, peersMax: 16 }
      const { take, packet, tell, tellAll, records, ledger } = bench(limits)
      const before: ConnectionEvent[] = []
      let [attempts, refused, packets] = [0, 0, 0]
      let nowMs = 0
      for (let n = 0; n < 4_000; n += 1) {
        nowMs += below(400)
        const kind = below(10)
        if (kind < 6) {
          const process = processOf(below(9), { uid: below(7), path: Buffer.from(`/bin/${below(9)}`) })
          const isRefused = below(3) === 0
          const act = (['connect', 'send', 'socket'] as const)[below(3)] ?? 'connect'
          const event = connectTo(`8.8.8.${below(9)}`, below(5), 1, { process, isRefused, act })
          take(event, nowMs)
          before.push(event)
          attempts += 1
          if (isRefused) refused += 1
        } else if (kind < 8) {
          const attempt = before[below(before.length)]
          if (attempt !== undefined) take(establishedOf(attempt), nowMs)
        } else {
          packet(packetTo(`8.8.8.${below(9)}`, below(5), { isDropped: below(2) === 0 }), nowMs)
          packets += 1
        }
        if (below(20) === 0) tell(nowMs)
      }
      tellAll(nowMs)
      const ofNet = (net: string) => records.filter((record) => record.net === net)
      const counted = ofNet('socket').flatMap(({ flows }) => flows.filter(({ act }) => act !== 'established'))
      const sum = counted.reduce((total, { count }) => total + count, 0)
      expect(sum + ledger.lostOf('socket')).toBe(attempts)
      expect(eventsIn(ofNet('socket'))).toBe(sum)
      expect(counted.reduce((total, flow) => total + flow.refused, 0)).toBeLessThanOrEqual(refused)
      expect(countIn(ofNet('packet')) + ledger.lostOf('packet') + ledger.joinedPackets).toBe(packets)
      expect(ledger.lostOf('socket')).toBeGreaterThan(0)
      expect(ledger.pendingOf('socket')).toBe(0)
      expect(records.every(({ flows }) => flows.length > 0 && flows.length <= 200)).toBe(true)
    },
  )
})
