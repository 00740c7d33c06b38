import { describe, expect, it } from 'vitest'
import type { BlockDevice, NetworkInterface, UsbDevice } from '../events/shapes.ts'
import { HOSTILE_TEXTS } from '../fixtures/hostile-texts.ts'
import { rawTextOf } from '../raw-text.ts'
import type { EvidenceOf } from '../violations.ts'
import { type Headlined, headline } from './headline.ts'
import { durationInWords } from './wording.ts'

const device: UsbDevice = {
  path: '1-1',
  bus: 1,
  device: 2,
  vendorId: '0781',
  productId: '5581',
  deviceRelease: null,
  deviceClass: '00',
  serial: 'X1',
  manufacturer: 'SanDisk',
  product: 'Ultra',
  speedMbps: 480,
  authorized: true,
  interfaces: [{ configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '50' }],
  descriptors: null,
  descriptorFaults: [],
}
const disk: BlockDevice = {
  name: 'sdb',
  number: '8:16',
  bus: 'usb',
  sizeBytes: 1,
  isRemovable: true,
  isReadOnly: false,
  vendor: null,
  model: null,
  serial: null,
  wwn: null,
  usbPath: '1-1',
}
const adapter: NetworkInterface = {
  index: 2,
  name: 'eth1',
  mac: '52:54:00:12:34:56',
  hardwareType: 1,
  nature: 'physical',
  linkKind: null,
  busPath: null,
  usbPath: null,
  driver: null,
  isWireless: false,
  isAdminUp: true,
  hasCarrier: true,
  operState: 'up',
  addresses: [],
}
const inserted: EvidenceOf<'unregistered-media-inserted'> = {
  device,
  disk,
  origin: 'appeared',
  sighting: 'snapshot',
  outcome: 'detected',
  wouldBlock: true,
}
const where = { level: 'secret', computer: 'JM-0231' } as const
const isolated = (text: string): string => `\u2068${text}\u2069`

function both(violation: Headlined): [string, string] {
  return [headline(violation, 'zh'), headline(violation, 'en')]
}

function media(more: Partial<typeof inserted>): [string, string] {
  return both({ ...where, id: 'unregistered-media-inserted', evidence: { ...inserted, ...more } })
}

describe('the headline of an unregistered medium', () => {
  it('says what, where, at which level and how it ended', () => {
    expect(media({})).toEqual([
      `未登记U盘接入机密计算机 JM-0231，已检测到（观察模式，未阻断）：${isolated('Ultra')}`,
      `An unregistered USB stick was plugged into JM-0231 (Secret 机密); detected only, observe mode: ${isolated('Ultra')}`,
    ])
  })

  it('says blocked only where it was', () => {
    expect(media({ outcome: 'blocked' })[0]).toContain('，已阻断')
    expect(media({ outcome: 'blocked' })[1]).toContain('; blocked')
    expect(media({ outcome: 'allowed' })[1]).toContain('; not blocked, allowed by policy')
    expect(media({ wouldBlock: false })[1]).toContain('; detected only, not blocked')
  })

  it('does not say plugged in of what was there before', () => {
    const [zh, en] = media({ origin: 'present-at-start' })
    expect(zh).toContain('监控启动时未登记U盘已接在机密计算机 JM-0231 上')
    expect(en).toContain('was already in JM-0231 (Secret 机密) when the agent started')
  })

  it('calls a thing by no more than is known of it', () => {
    expect(media({ disk: { ...disk, bus: 'mmc' }, device: null })[1]).toContain('An unregistered memory card')
    expect(media({ disk: { ...disk, bus: 'ata' }, device: null })[1]).toContain(
      'An unregistered storage device',
    )
    expect(media({ disk: null, device: { ...device, interfaces: [] } })[1]).toContain(
      'An unregistered USB device',
    )
    expect(media({ disk: null, device: null })[0]).toContain('未登记存储设备')
  })

  it('says that it was gone before it could be read', () => {
    const [zh, en] = media({
      sighting: 'event-only',
      disk: null,
      device: { ...device, product: null, interfaces: [] },
    })
    expect(zh).toContain('未及读取详情即已拔出')
    expect(en).toMatch(/gone before it could be read: 0781:5581$/)
  })

  it.each(HOSTILE_TEXTS)('is one harmless line whatever the device is called: $name', ({ bytes }) => {
    for (const text of media({ device: { ...device, product: rawTextOf(bytes) } })) {
      expect(text.replaceAll(/[\u2068\u2069]/g, '')).not.toMatch(
        /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
      )
      expect(text.match(/\u2068/g)).toHaveLength(1)
      expect(text.match(/\u2069$/)).not.toBeNull()
      expect(text.length).toBeLessThan(400)
    }
  })

  it.each(HOSTILE_TEXTS)('is one harmless line whatever the computer is called: $name', ({ bytes }) => {
    const computer = Buffer.from(bytes).toString('utf8')
    const [zh, en] = both({ ...where, computer, id: 'unregistered-media-inserted', evidence: inserted })
    for (const text of [zh, en])
      expect(text.replaceAll(/[\u2068\u2069]/g, '')).not.toMatch(
        /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
      )
  })
})

describe('the headline of a network adapter', () => {
  const of = (more: Partial<EvidenceOf<'unregistered-network-adapter'>>) =>
    both({
      ...where,
      id: 'unregistered-network-adapter',
      evidence: { interface: adapter, origin: 'appeared', sighting: 'snapshot', ...more },
    })

  it('names the adapter and its address', () => {
    expect(of({})).toEqual([
      `机密计算机 JM-0231 接入未登记网卡：${isolated('eth1')}，MAC 52:54:00:12:34:56`,
      `An unregistered network adapter appeared on JM-0231 (Secret 机密): ${isolated('eth1')}, MAC 52:54:00:12:34:56`,
    ])
  })

  it('tells wireless and virtual ones apart, and one that was there before', () => {
    expect(of({ interface: { ...adapter, isWireless: true } })[0]).toContain('未登记无线网卡')
    expect(of({ interface: { ...adapter, nature: 'virtual' } })[1]).toContain(
      'An unregistered virtual network adapter',
    )
    expect(of({ origin: 'present-at-start' })[1]).toContain('was already on JM-0231')
    expect(of({ interface: { ...adapter, mac: null }, sighting: 'event-only' })[0]).toContain(
      '未及读取详情即已消失',
    )
  })
})

describe('the headline of a link on a stand-alone computer', () => {
  const of = (addresses: NetworkInterface['addresses']) =>
    both({
      ...where,
      id: 'standalone-network-connection',
      evidence: { interface: { ...adapter, addresses }, origin: 'appeared', linkSinceMs: 1 },
    })

  it('says where there is no address yet', () => {
    expect(of([])).toEqual([
      `单机使用的机密计算机 JM-0231 出现网络连接，尚无地址：${isolated('eth1')}`,
      `A network link is up on the stand-alone computer JM-0231 (Secret 机密); no address yet: ${isolated('eth1')}`,
    ])
  })

  it('shows the address that reaches furthest, and how many there are', () => {
    const [zh, en] = of([
      { family: 'ipv6', address: 'fe80::1', prefixLength: 64, scope: 'link' },
      { family: 'ipv4', address: '192.168.1.5', prefixLength: 24, scope: 'global' },
    ])
    expect(zh).toContain('地址 192.168.1.5 等 2 个')
    expect(en).toContain('address 192.168.1.5 and 1 more')
  })
})

describe('the headline of silence', () => {
  const of = (wasCleanStop: boolean) =>
    both({
      ...where,
      id: 'agent-silent',
      evidence: { lastSeenMs: 1, lastSeq: 4, limitMs: 60_000, silentMs: 3_725_000, wasCleanStop },
    })

  it('says for how long and what the limit is', () => {
    expect(of(false)).toEqual([
      '机密计算机 JM-0231 的监控已失联 1 小时 2 分钟（上限 1 分钟）',
      'Nothing has been heard from the agent on JM-0231 (Secret 机密) for 1 hour 2 minutes (limit 1 minute)',
    ])
  })

  it('does not call a clean stop a loss of contact', () => {
    expect(of(true)[0]).toContain('正常停止后')
    expect(of(true)[1]).toContain('stopped in good order')
  })
})

describe('the headline of a log that does not hold', () => {
  const head = 'a'.repeat(64)
  const base = { epoch: 'e', firstSeq: 4, lastSeq: 9, expectedHead: null, claimedHead: null, byMs: null }
  const of = (evidence: EvidenceOf<'log-gap-or-clock-tamper'>) =>
    both({ ...where, id: 'log-gap-or-clock-tamper', evidence })

  it('names the cause and the records', () => {
    expect(of({ cause: 'chain-broken', ...base, lastSeq: 4, expectedHead: head, claimedHead: head })).toEqual(
      [
        '机密计算机 JM-0231 的日志哈希链在第 4 条处断裂',
        'The log of JM-0231 (Secret 机密) breaks its hash chain at record 4',
      ],
    )
    expect(of({ cause: 'undeclared-gap', ...base })[1]).toContain('records 4-9')
    expect(of({ cause: 'journal-lost', ...base, firstSeq: null, lastSeq: null })).toEqual([
      '机密计算机 JM-0231 的日志丢失，已另起新日志',
      'The log of JM-0231 (Secret 机密) was lost and begun anew',
    ])
    expect(of({ cause: 'clock-set-back', ...base, byMs: -7_260_000 })).toEqual([
      '机密计算机 JM-0231 的时钟被调回 2 小时 1 分钟',
      'The clock of JM-0231 (Secret 机密) was set back by 2 hours 1 minute',
    ])
  })

  it('has a sentence of its own for each cause', () => {
    const causes = [
      'journal-rolled-back',
      'segment-missing',
      'chain-mismatch',
      'undeclared-gap',
      'replayed-differently',
    ] as const
    const sentences = causes.flatMap((cause) => of({ cause, ...base }))
    expect(new Set(sentences).size).toBe(causes.length * 2)
  })
})

describe('the headline of any other violation', () => {
  it('is its name in the catalogue, and the computer', () => {
    const missing: Headlined = {
      ...where,
      level: 'confidential',
      id: 'usage-log-missing',
      evidence: { account: 'x', sessionStartedAtMs: 1, sessionEndedAtMs: null, daysLate: 2 },
    }
    expect(both(missing)).toEqual([
      '秘密计算机 JM-0231：未履行使用登记',
      'Session without a usage-log entry: JM-0231 (Confidential 秘密)',
    ])
  })
})

describe('a duration in words', () => {
  it.each([
    [0, '0 秒', '0 seconds'],
    [999, '0 秒', '0 seconds'],
    [1_000, '1 秒', '1 second'],
    [61_000, '1 分钟 1 秒', '1 minute 1 second'],
    [3_600_000, '1 小时', '1 hour'],
    [3_601_000, '1 小时', '1 hour'],
    [90_000_000, '1 天 1 小时', '1 day 1 hour'],
    [-5, '0 秒', '0 seconds'],
  ])('of %d ms', (ms, zh, en) => {
    expect(durationInWords(ms, 'zh')).toBe(zh)
    expect(durationInWords(ms, 'en')).toBe(en)
  })
})
