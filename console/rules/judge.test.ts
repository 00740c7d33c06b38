import type { Fact } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { adapter, disk, policy, recordOf, usbKeyboard, usbStick } from '../../test/support/facts.ts'
import { judge } from './judge.ts'

const causes = (fact: Fact, inForce = policy(), hasEarlierJournal = false): string[] =>
  judge(recordOf(fact), { policy: inForce, hasEarlierJournal }).map((one) => one.type)

describe('a removable medium', () => {
  const plugged = (device = usbStick(), origin: 'appeared' | 'present-at-start' = 'appeared'): Fact => ({
    kind: 'usb.attached',
    origin,
    sighting: 'snapshot',
    device,
  })

  it('that no policy registers is a violation, with the device as evidence', () => {
    const [judgement] = judge(recordOf(plugged()), { policy: policy(), hasEarlierJournal: false })
    expect(judgement).toMatchObject({
      type: 'unregistered-media-inserted',
      evidence: { device: { serial: 'SN-0001' }, disk: null, outcome: 'detected', wouldBlock: true },
    })
  })

  it('that is registered by vendor, product and serial is none', () => {
    const registered = { vendorId: '46f4', productId: '0001', serial: 'SN-0001', note: '' }
    expect(causes(plugged(), policy({ registeredMedia: [registered] }))).toEqual([])
  })

  it.each([
    ['another serial', { serial: 'SN-0002' }],
    ['no serial at all', { serial: null }],
    ['another product', { productId: '0002' }],
    ['the same serial as other bytes', { serial: { b64: 'U04tMDAwMf8=' } }],
  ])('with %s is not the registered one', (_what, more) => {
    const registered = { vendorId: '46f4', productId: '0001', serial: 'SN-0001', note: '' }
    expect(causes(plugged(usbStick(more)), policy({ registeredMedia: [registered] }))).toHaveLength(1)
  })

  it('hidden in an alternate setting of a keyboard is one', () => {
    const both = usbKeyboard({ interfaces: [...usbKeyboard().interfaces, ...usbStick().interfaces] })
    expect(causes(plugged(both))).toEqual(['unregistered-media-inserted'])
    expect(causes(plugged(usbKeyboard()))).toEqual([])
  })

  it('that was there at enrolment is baseline, and plugging it in again is not', () => {
    const own = policy({}, { usb: [{ path: '1-1', vendorId: '46f4', productId: '0001', serial: 'SN-0001' }] })
    expect(
      causes({ kind: 'usb.attached', origin: 'baseline', sighting: 'snapshot', device: usbStick() }, own),
    ).toEqual([])
    expect(causes(plugged(usbStick(), 'present-at-start'), own)).toEqual([])
    expect(causes(plugged(usbStick({ path: '1-2' }), 'present-at-start'), own)).toHaveLength(1)
    expect(causes(plugged(), own)).toHaveLength(1)
  })

  it('that an earlier run of this boot told of is not told again', () => {
    expect(
      causes({ kind: 'usb.attached', origin: 'still-present', sighting: 'snapshot', device: usbStick() }),
    ).toEqual([])
  })

  it('that was gone before it could be read is judged by its interface events', () => {
    const gone: Fact = {
      kind: 'usb.attached',
      origin: 'appeared',
      sighting: 'event-only',
      device: usbStick(),
    }
    expect(causes(gone)).toEqual(['unregistered-media-inserted'])
  })
})

describe('a disk on another bus than USB', () => {
  const appeared = (device = disk()): Fact => ({
    kind: 'block.attached',
    origin: 'appeared',
    sighting: 'snapshot',
    device,
  })

  it('that appears is a medium, unless it is one of the computer’s own', () => {
    expect(causes(appeared())).toEqual(['unregistered-media-inserted'])
    const own = policy({}, { disks: [{ name: 'sdb', serial: null, wwn: null, sizeBytes: 1_048_576 }] })
    expect(causes(appeared(), own)).toEqual([])
    expect(causes(appeared(disk({ serial: 'X' })), own)).toHaveLength(1)
  })

  it('is left to its USB device, or to the software that made it', () => {
    expect(causes(appeared(disk({ bus: 'usb', usbPath: '1-1' })))).toEqual([])
    expect(causes(appeared(disk({ bus: 'loop' })))).toEqual([])
  })

  it('is judged when a medium comes into an empty drive', () => {
    expect(causes(appeared(disk({ bus: 'optical', sizeBytes: 0 })))).toEqual([])
    const before = disk({ bus: 'optical', sizeBytes: 0 })
    const inserted: Fact = { kind: 'block.changed', before, device: disk({ bus: 'optical' }) }
    expect(causes(inserted)).toEqual(['unregistered-media-inserted'])
    expect(causes({ kind: 'block.changed', before: disk(), device: before })).toEqual([])
  })
})

describe('a network adapter', () => {
  const added = (
    one = adapter(),
    origin: 'appeared' | 'baseline' | 'present-at-start' = 'appeared',
  ): Fact => ({
    kind: 'network.interface-added',
    origin,
    sighting: 'snapshot',
    interface: one,
  })
  const down = { isAdminUp: false, hasCarrier: false, operState: 'down' }

  it('of hardware is a violation as soon as it is there, even down', () => {
    expect(causes(added(adapter(down)))).toEqual(['unregistered-network-adapter'])
  })

  it('that is approved by MAC and bus path is none', () => {
    const approve = (busPath: string | null) =>
      policy({ approvedInterfaces: [{ mac: '52:54:00:12:34:56', busPath, note: '' }] })
    expect(causes(added(), approve('0000:00:03.0'))).toEqual([])
    expect(causes(added(), approve(null))).toEqual([])
    expect(causes(added(), approve('0000:00:04.0'))).toHaveLength(1)
  })

  it('made by software is judged when it comes to life', () => {
    const virtual = adapter({ nature: 'virtual', busPath: null, name: 'tun0', mac: null, ...down })
    expect(causes(added(virtual))).toEqual([])
    const live = { ...virtual, operState: 'up' }
    expect(causes({ kind: 'network.interface-changed', before: virtual, interface: live })).toEqual([
      'unregistered-network-adapter',
    ])
    expect(causes({ kind: 'network.interface-changed', before: live, interface: live })).toEqual([])
  })

  it('of the baseline is none, also after a reboot', () => {
    const own = policy(
      {},
      { interfaces: [{ name: 'eth0', mac: '52:54:00:12:34:56', busPath: '0000:00:03.0' }] },
    )
    expect(causes(added(adapter(), 'baseline'), own)).toEqual([])
    expect(causes(added(adapter(), 'present-at-start'), own)).toEqual([])
    expect(causes(added(adapter({ mac: '52:54:00:00:00:01' })), own)).toHaveLength(1)
  })

  it('of the baseline is known again as the port of a bond, and, made by software, by its name', () => {
    const own = policy(
      {},
      {
        interfaces: [
          { name: 'eth0', mac: '52:54:00:12:34:56', busPath: '0000:00:03.0' },
          { name: 'dummy0', mac: '5a:00:00:00:00:01', busPath: null },
        ],
      },
    )
    const lent = { mac: '52:54:00:00:00:77', permanentMac: '52:54:00:12:34:56' }
    expect(causes(added(adapter({ ...lent, masterIndex: 9 }), 'present-at-start'), own)).toEqual([])
    expect(causes(added(adapter(lent), 'present-at-start'), own)).toHaveLength(1)
    const made = { nature: 'virtual', busPath: null, mac: '5a:00:00:00:00:02' } as const
    expect(causes(added(adapter({ ...made, name: 'dummy0' }), 'present-at-start'), own)).toEqual([])
    expect(causes(added(adapter({ ...made, name: 'dummy1' }), 'present-at-start'), own)).toHaveLength(1)
  })

  it('is never loopback', () => {
    expect(causes(added(adapter({ nature: 'loopback' })), policy({ networkMode: 'standalone' }))).toEqual([])
  })
})

describe('a standalone computer', () => {
  const alone = policy({
    networkMode: 'standalone',
    approvedInterfaces: [{ mac: '52:54:00:12:34:56', busPath: null, note: '' }],
  })
  const down = adapter({ isAdminUp: true, hasCarrier: false, operState: 'down' })
  const address = { family: 'ipv6', address: 'fe80::1', prefixLength: 64, scope: 'link' } as const

  it('with a live link is a violation, also where the link was up at enrolment', () => {
    const up: Fact = {
      kind: 'network.interface-added',
      origin: 'baseline',
      sighting: 'snapshot',
      interface: adapter(),
    }
    expect(causes(up, alone)).toEqual(['standalone-network-connection'])
    expect(causes({ ...up, interface: down }, alone)).toEqual([])
  })

  it('is not accused of what a container engine set up: bridges and veths lead nowhere by themselves', () => {
    for (const medium of ['bridge', 'veth', 'bond'] as const) {
      const inner = { ...adapter({ nature: 'virtual', medium, busPath: null }), addresses: [address] }
      const start = { kind: 'network.interface-added', origin: 'baseline', sighting: 'snapshot' } as const
      expect(causes({ ...start, interface: inner }, alone)).toEqual([])
      const before = { ...inner, addresses: [], isAdminUp: false, operState: 'down' }
      expect(causes({ kind: 'network.interface-changed', before, interface: inner }, alone)).toEqual([])
    }
  })

  it('is judged once for each time that the link comes up', () => {
    expect(
      causes({ kind: 'network.interface-changed', before: down, interface: adapter() }, alone),
    ).toHaveLength(1)
    const withAddress = adapter({ addresses: [address] })
    expect(
      causes({ kind: 'network.interface-changed', before: adapter(), interface: withAddress }, alone),
    ).toEqual([])
  })

  it('that became one while its link was up is judged by the rule that this brought, not by all again', () => {
    const told = (rule: string, inForce = alone): string[] =>
      judge(
        recordOf(
          {
            kind: 'network.interface-added',
            origin: 'policy-changed',
            sighting: 'snapshot',
            interface: adapter({ mac: '52:54:00:00:00:99' }),
          },
          { decision: { outcome: 'detected', would: 'block', rule } },
        ),
        { policy: inForce, hasEarlierJournal: false },
      ).map((one) => one.type)
    expect(told('standalone-network-connection')).toEqual(['standalone-network-connection'])
    expect(told('unregistered-network-adapter')).toEqual(['unregistered-network-adapter'])
    expect(told('standalone-network-connection', policy())).toEqual([])
  })

  it('with an address and no carrier is a violation', () => {
    const lonely = { ...down, addresses: [address] }
    expect(
      causes({ kind: 'network.interface-changed', before: down, interface: lonely }, alone),
    ).toHaveLength(1)
  })
})

describe('a journal', () => {
  it('whose damaged segment was declared is no violation, and one whose segment vanished is', () => {
    const gap = (reason: 'segment-damaged' | 'segment-missing' | 'chain-mismatch'): Fact => ({
      kind: 'journal.gap',
      reason,
      firstSeq: 5,
      lastSeq: 9,
      setAside: null,
    })
    expect(causes(gap('segment-damaged'))).toEqual([])
    expect(causes(gap('segment-missing'))).toEqual(['log-gap-or-clock-tamper'])
    expect(causes(gap('chain-mismatch'))).toEqual(['log-gap-or-clock-tamper'])
  })

  it('that begins anew is one, unless it is the first', () => {
    const opened = (reason: 'enrolled' | 'journal-lost' | 'console-ahead'): Fact => ({
      kind: 'journal.opened',
      reason,
      previousEpoch: null,
      previousSeq: null,
    })
    expect(causes(opened('enrolled'))).toEqual([])
    expect(causes(opened('enrolled'), policy(), true)).toHaveLength(1)
    expect(causes(opened('journal-lost'))).toHaveLength(1)
    expect(causes(opened('console-ahead'))).toHaveLength(1)
  })

  it('tells of a clock set back beyond the limit, not of a correction', () => {
    const stepped = (byMs: number): Fact => ({ kind: 'clock.stepped', byMs, found: 'while-running' })
    expect(causes(stepped(-120_000))).toEqual([])
    expect(causes(stepped(-120_001))).toEqual(['log-gap-or-clock-tamper'])
    expect(causes(stepped(86_400_000))).toEqual([])
  })

  it('that says what it had to leave out, or that a queue overflowed, accuses nobody', () => {
    expect(
      causes({
        kind: 'journal.loss',
        counts: { 'file.activity': 9 },
        total: 9,
        firstWallMs: 1,
        lastWallMs: 2,
        isExact: true,
      }),
    ).toEqual([])
    expect(
      causes({ kind: 'sensor.overflow', sensor: 'usb', queue: 'uevent', rescanMs: 3, changesFound: 0 }),
    ).toEqual([])
  })
})
