import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import type { UsbDevice } from '../events/shapes.ts'
import { HOSTILE_TEXTS } from '../fixtures/hostile-texts.ts'
import { rawTextOf } from '../raw-text.ts'
import { type EvidenceOf, VIOLATIONS, type ViolationId } from '../violations.ts'
import { type Headlined, headline } from './headline.ts'

const where = { level: 'secret', computer: 'JM-0231' } as const
const both = (violation: Headlined): [string, string] => {
  expect([...Compile(VIOLATIONS[violation.id].evidence).Errors(violation.evidence)], violation.id).toEqual([])
  return [headline(violation, 'zh'), headline(violation, 'en')]
}
const isolated = (text: string): string => `\u2068${text}\u2069`

const device: UsbDevice = {
  path: '1-1',
  bus: 1,
  device: 2,
  vendorId: '0781',
  productId: '5581',
  deviceRelease: null,
  deviceClass: '00',
  serial: 'X1',
  manufacturer: null,
  product: 'Ultra',
  speedMbps: 480,
  authorized: false,
  interfaces: [{ configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '50' }],
  descriptors: null,
  descriptorFaults: [],
}
const bus = { busPath: '1-1', vendorId: '0781', productId: '5581', serial: null, model: null }
const shut = { outcome: 'blocked', wouldBlock: true, exposure: 'none' } as const
const medium = { number: 'U-12', level: 'confidential' } as const

type Inserted = EvidenceOf<'unregistered-media-inserted'>
const inserted = (more: Partial<Inserted>): [string, string] =>
  both({
    ...where,
    id: 'unregistered-media-inserted',
    evidence: { device, disk: null, origin: 'appeared', sighting: 'snapshot', ...shut, ...more },
  })

describe('the headline of a medium that was shut', () => {
  it('says that no byte was exposed only where the record proves it', () => {
    expect(inserted({})).toEqual([
      `未登记U盘接入机密计算机 JM-0231，已阻断，无数据暴露：${isolated('Ultra')}`,
      `An unregistered USB stick was plugged into JM-0231 (Secret 机密); blocked, no byte exposed: ${isolated('Ultra')}`,
    ])
    const [zh, en] = inserted({ exposure: 'not-verified' })
    expect(zh).toContain('已阻断，是否有数据暴露未经证实')
    expect(en).toContain('blocked, exposure not verified')
    expect(inserted({ outcome: 'detected' })[1]).not.toContain('exposed')
    expect(inserted({ outcome: 'allowed' })[1]).not.toContain('exposed')
  })

  it('does not call unregistered what was never examined', () => {
    const [zh, en] = inserted({ method: 'never' })
    expect(zh).toContain('未能检查，是否登记无法证实')
    expect(zh).not.toContain('未登记')
    expect(en).toMatch(/^A USB stick in JM-0231 \(Secret 机密\) was not examined; whether it is registered/)
  })

  it('does not either where the examination could not be made', () => {
    expect(inserted({ method: 'none', passport: null })[0]).not.toContain('未登记')
    expect(inserted({ method: 'airlock', passport: null })[0]).toContain('未登记')
  })

  it('names what came with it in one device', () => {
    expect(inserted({ isComposite: true })[1]).toContain('USB stick with other functions beside was plugged')
  })
})

describe('the headline of a registered medium', () => {
  it('names the medium and its level, in Chinese in both languages', () => {
    const hostLevel = 'secret'
    expect(
      both({ ...where, id: 'high-media-on-low-host', evidence: { medium, hostLevel, ...shut } }),
    ).toEqual([
      '高密级介质 U-12（秘密）接入机密计算机 JM-0231，已阻断，无数据暴露',
      'Higher-level medium U-12 (Confidential 秘密) was plugged into JM-0231 (Secret 机密); blocked, no byte exposed',
    ])
  })

  it.each([
    ['expired', '已过有效期的介质', ', expired,'],
    ['user', '使用人未获分配', 'to whose user it is not assigned'],
    ['computer', '该计算机未获分配', 'to which it is not assigned'],
    [null, '未获分配', 'to which or to whose user'],
  ] as const)('says which part of its assignment fails: %s', (fault, inZh, inEn) => {
    const evidence = { medium, assignedComputers: [], assignedUsers: [], account: null, fault, ...shut }
    const [zh, en] = both({ ...where, id: 'media-not-assigned', evidence })
    expect(zh).toContain(inZh)
    expect(en).toContain(inEn)
  })

  it('names both places of one identity, and accuses neither', () => {
    const evidence = {
      number: 'U-12',
      registered: bus,
      observed: bus,
      registeredSizeBytes: null,
      observedSizeBytes: null,
      elsewhere: [{ computer: 'JM-0007', atMs: 1 }],
    }
    expect(both({ ...where, id: 'media-identity-mismatch', evidence })).toEqual([
      '介质 U-12 的标识同时出现在多处：机密计算机 JM-0231、JM-0007',
      'The identity of medium U-12 is in more than one place: JM-0231 (Secret 机密), JM-0007',
    ])
  })

  it('says what became of it', () => {
    const evidence = { medium, status: 'suspended', ...shut } as const
    expect(both({ ...where, id: 'media-status-invalid', evidence })[0]).toBe(
      '已暂停使用的介质 U-12（秘密）接入机密计算机 JM-0231，已阻断，无数据暴露',
    )
  })
})

describe('the headline of a device on a USB port', () => {
  it('tells the story of one that came back as another', () => {
    const before = {
      vendorId: '12d1',
      productId: '1f01',
      functions: ['storage-optical'],
      port: '1-1.1',
      gapMs: 900,
    }
    const evidence = {
      interface: null,
      origin: 'appeared',
      sighting: 'snapshot',
      device: { ...bus, vendorId: '12d1', productId: '14dc' },
      outcome: 'blocked',
      wouldBlock: true,
      functions: ['network'],
      before,
    } as const
    const named = { ...evidence, functions: ['network'], before }
    expect(both({ ...where, id: 'unregistered-network-adapter', evidence: named })).toEqual([
      `未登记USB网卡接入机密计算机 JM-0231（此前在端口 ${isolated('1-1.1')} 上是 光驱 12d1:1f01），已阻断：12d1:14dc`,
      `An unregistered USB network adapter was plugged into JM-0231 (Secret 机密) (on port ${isolated('1-1.1')} it had just been CD-ROM 12d1:1f01); blocked: 12d1:14dc`,
    ])
  })

  it.each(['suspicious-composite', 'malformed-descriptors', 'unread-descriptors'] as const)(
    'says of a peripheral why it was refused: %s',
    (why) => {
      const evidence = {
        device: bus,
        origin: 'appeared',
        firstSeenAtMs: 1,
        why,
        functions: ['keyboard'],
      } as const
      const [zh, en] = both({
        ...where,
        id: 'unregistered-peripheral',
        evidence: { ...evidence, functions: ['keyboard'] },
      })
      expect(zh).toContain('USB设备接入机密计算机 JM-0231（键盘）')
      expect(en).toMatch(/^A USB device .* was plugged into JM-0231 \(Secret 机密\) \(keyboard\)/)
    },
  )

  it.each(HOSTILE_TEXTS)('is one harmless line whatever the device is called: $name', ({ bytes }) => {
    const product = rawTextOf(bytes)
    const receiver = { ...bus, model: product }
    const told: Headlined[] = [
      {
        ...where,
        id: 'phone-or-camera-connected',
        evidence: { device: { ...device, product }, mode: 'mtp' },
      },
      { ...where, id: 'wireless-input-device', evidence: { receiver } },
      {
        ...where,
        id: 'unregistered-peripheral',
        evidence: { device: receiver, origin: 'appeared', firstSeenAtMs: 1 },
      },
    ]
    for (const text of told.flatMap(both)) {
      expect(text.replaceAll(/[\u2068\u2069]/g, '')).not.toMatch(
        /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
      )
      expect(text.match(/\u2068/g)).toHaveLength(1)
    }
  })
})

it('words a release of the denial without naming a person', () => {
  const evidence = {
    what: 'control-released',
    path: null,
    expectedHash: null,
    observedHash: null,
    serviceState: 'administrator',
    account: null,
    reason: 'locked out',
  } as const
  expect(both({ ...where, id: 'agent-tamper', evidence })[0]).toBe(
    '机密计算机 JM-0231 的介质管控在本机被解除，策略要求仍为阻断',
  )
})

describe('evidence stored before media control', () => {
  const mac = { name: 'eth1', mac: null, hardwareType: 1, nature: 'physical', linkKind: null, busPath: null }
  const state = { usbPath: null, driver: null, isWireless: false, isAdminUp: true, hasCarrier: true }
  const adapter = { index: 2, ...mac, ...state, operState: 'up', addresses: [] }
  const old: readonly [ViolationId, object][] = [
    [
      'unregistered-media-inserted',
      { device, disk: null, origin: 'appeared', sighting: 'snapshot', outcome: 'detected', wouldBlock: true },
    ],
    ['unregistered-network-adapter', { interface: adapter, origin: 'appeared', sighting: 'snapshot' }],
    ['high-media-on-low-host', { medium, hostLevel: 'secret' }],
    ['media-status-invalid', { medium, status: 'lost' }],
    ['unregistered-peripheral', { device: bus, origin: 'appeared', firstSeenAtMs: 1 }],
  ]
  it.each(old)('of %s stays valid', (id, evidence) => {
    expect(Compile(VIOLATIONS[id].evidence).Check(evidence)).toBe(true)
  })
})
