import type { Fact, Record } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { disk, recordOf, usbKeyboard, usbStick } from '../../test/support/facts.ts'
import { openStaysMax, type Stay, type StayStep, stepStays } from './stays.ts'

/** Runs facts through one journal; returns every step. */
function run(facts: readonly (Fact | [Fact, Partial<Record>])[], before: readonly Stay[] = []): StayStep[] {
  const steps: StayStep[] = []
  for (const [at, one] of facts.entries()) {
    const [fact, more] = Array.isArray(one) ? one : [one, {}]
    const open: readonly Stay[] = steps.at(-1)?.open ?? before
    steps.push(stepStays(open, recordOf(fact, { seq: at + 1, bootMs: 1_000 + at, ...more })))
  }
  return steps
}
const last = (steps: readonly StayStep[]): StayStep => {
  const step = steps.at(-1)
  if (step === undefined) throw new Error('no step')
  return step
}

const attached = (device = usbStick(), origin: 'appeared' | 'still-present' = 'appeared'): Fact => ({
  kind: 'usb.attached',
  origin,
  sighting: 'snapshot',
  device,
})
const detached = (device = usbStick()): Fact => ({ kind: 'usb.detached', sighting: 'snapshot', device })
const started: Fact = { kind: 'agent.started', previous: 'unclean-stop', pid: 1, uid: 0 }
const applied: Fact = { kind: 'policy.applied', version: 1, digest: 'a'.repeat(64) }

describe('a stay', () => {
  it('begins with storage and with nothing else', () => {
    expect(last(run([attached()])).open).toMatchObject([{ id: 'e1:1', instance: 'usb:1-1#1.2' }])
    expect(last(run([attached(usbKeyboard())])).open).toEqual([])
  })

  it('ends where another device stands on its port, though nobody saw it go', () => {
    const steps = run([attached(), attached(usbStick({ device: 9 }))])
    expect(last(steps).open).toMatchObject([{ id: 'e1:2' }])
    expect(last(steps).changed).toMatchObject([{ id: 'e1:1', endedAt: 1_790_000_000_000 }, { id: 'e1:2' }])
  })

  it('is not ended by a detachment of the one before it that is told late', () => {
    expect(last(run([attached(usbStick({ device: 9 })), detached()])).open).toHaveLength(1)
    const nameless = usbStick({ bus: null, device: null })
    expect(last(run([attached(usbStick({ device: 9 })), detached(nameless)])).open).toEqual([])
  })

  it('of a stick is not ended when the kernel gives its disk up, one of a bare disk is', () => {
    const block = (kind: 'block.attached' | 'block.detached', device = disk()): Fact =>
      kind === 'block.attached'
        ? { kind, origin: 'appeared', sighting: 'snapshot', device }
        : { kind, sighting: 'snapshot', device }
    const behind = disk({ bus: 'usb', usbPath: '1-1' })
    expect(
      last(run([attached(), block('block.attached', behind), block('block.detached', behind)])).open,
    ).toMatchObject([{ id: 'e1:1', disk: null }])
    expect(last(run([block('block.attached')])).open).toHaveLength(1)
    expect(last(run([block('block.attached'), block('block.detached')])).open).toEqual([])
  })

  it('is one with the medium that its device reports only after it has spun up', () => {
    const empty = disk({ bus: 'usb', usbPath: '1-1', sizeBytes: 0 })
    const full = { ...empty, sizeBytes: 9_000 }
    const change: Fact = { kind: 'block.changed', before: empty, device: full }
    expect(last(run([attached(), change])).open).toMatchObject([{ id: 'e1:1', disk: 's:sdb' }])
    expect(last(run([attached(), [change, { bootMs: 100_000 }]])).open).toMatchObject([
      { by: 'usb' },
      { by: 'disk', usbPath: 's:1-1' },
    ])
  })

  it('that ended does not begin again when it is told late that nothing of it could be read', () => {
    const unread: Fact = {
      kind: 'media.examined',
      origin: 'appeared',
      place: { usbPath: '1-1', disk: null, instance: 'usb:1-1#1.2' },
      method: 'none',
      passport: null,
      seal: { state: 'unread', reason: null, id: null },
      identity: { result: 'unknown', source: 'none', number: null, level: null, reasons: [] },
      right: 'none',
      faults: ['gone before it could be examined'],
      tookMs: 0,
    }
    expect(last(run([attached(), detached(), unread]))).toMatchObject({ open: [], stay: null, isNew: false })
    expect(last(run([attached(), unread])).open).toMatchObject([{ id: 'e1:1', isExamined: true }])
  })

  it('of a card ends when it is taken out of a reader that stays plugged', () => {
    const full = disk({ bus: 'usb', usbPath: '1-1' })
    const empty = { ...full, sizeBytes: 0 }
    const come: Fact = { kind: 'block.attached', origin: 'appeared', sighting: 'snapshot', device: full }
    const out: Fact = { kind: 'block.changed', before: full, device: empty }
    expect(last(run([attached(), come, out])).open).toEqual([])
    const next: Fact = { kind: 'block.changed', before: empty, device: full }
    expect(last(run([attached(), come, out, next])).open).toMatchObject([{ id: 'e1:4', by: 'disk' }])
  })

  it('is none of the computer’s own disks', () => {
    const own: Fact = { kind: 'block.attached', origin: 'baseline', sighting: 'snapshot', device: disk() }
    const decision = { outcome: 'allowed', would: 'allow', rule: 'baseline' } as const
    expect(last(run([[own, { decision }]])).open).toEqual([])
  })

  it('ends with its boot', () => {
    const steps = run([attached(), [applied, { bootId: 'b2' }]])
    expect(last(steps).open).toEqual([])
  })

  it('that a restarted agent tells of again goes on, and one that it does not is over after a minute', () => {
    const again = run([
      attached(),
      started,
      attached(usbStick(), 'still-present'),
      [applied, { bootMs: 90_000 }],
    ])
    expect(last(again).open).toMatchObject([{ id: 'e1:1', isConfirmed: true }])
    expect(again.map((step) => step.isNew)).toEqual([true, false, false, false])
    const gone = run([attached(), started, [applied, { bootMs: 90_000 }]])
    expect(last(gone).open).toEqual([])
  })

  it('is found by the files on its disk’s partitions, and not by those of a disk with a longer name', () => {
    const mount = (source: string): Fact => ({
      kind: 'mount.added',
      origin: 'appeared',
      mount: { source, target: '/m', fileSystem: 'vfat', options: '', number: '8:17', isOnMedium: true },
    })
    const nvme = disk({ name: 'nvme1n1', bus: 'nvme' })
    const come = (device = disk()): Fact => ({
      kind: 'block.attached',
      origin: 'appeared',
      sighting: 'snapshot',
      device,
    })
    const mountsOf = (device: typeof nvme, source: string) =>
      last(run([come(device), mount(source)])).open[0]?.mounts
    expect(mountsOf(disk(), '/dev/sdb1')).toEqual(['s:/m'])
    expect(mountsOf(disk(), '/dev/sdb')).toEqual(['s:/m'])
    expect(mountsOf(disk(), '/dev/sdba1')).toEqual([])
    expect(mountsOf(nvme, '/dev/nvme1n1p2')).toEqual(['s:/m'])
    expect(mountsOf(nvme, '/dev/nvme1n12')).toEqual([])
  })

  it('is given up oldest first where there are more than any bus holds', () => {
    const many = Array.from({ length: openStaysMax + 1 }, (_, at) =>
      attached(usbStick({ path: `1-${at}`, device: at })),
    )
    const steps = run(many)
    expect(last(steps).open).toHaveLength(openStaysMax)
    expect(last(steps).changed[0]).toMatchObject({ id: 'e1:1', endedAt: 1_790_000_000_000 })
  })
})
