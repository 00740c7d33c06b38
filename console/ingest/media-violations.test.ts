import { type Decision, type Fact, usbInstanceOf } from '@shoukou/protocol'
import { identityKeys } from '@shoukou/protocol/media/compare-passports.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { disk, usbStick } from '../../test/support/facts.ts'
import type { MediumRow } from '../store/media-ports.ts'
import { type IngestBench, openIngestBench, type TestComputer } from './testing/ingest-bench.ts'
import {
  allowed,
  attached,
  detached,
  examined,
  passportOf,
  refused,
  stick,
  toExamine,
} from './testing/media-facts.ts'

let bench: IngestBench
let computer: TestComputer
const enforcing = {
  modes: { media: 'enforce', network: 'observe', files: 'observe' },
  level: 'secret',
} as const

beforeEach(async () => {
  bench = await openIngestBench()
  computer = await bench.computer(enforcing)
})
afterEach(() => bench[Symbol.asyncDispose]())

/** Puts the very stick, or one like it, into the register. */
async function register(
  number = 'YM-0001',
  passport = passportOf(stick),
  more: Partial<Pick<MediumRow, 'computers' | 'state' | 'registeredAt'>> = {},
): Promise<void> {
  await bench.store.writeMedia(
    [
      {
        medium: {
          number,
          level: 'secret',
          kind: 'usb-stick',
          custodian: 'c',
          department: 'd',
          computers: null,
          users: null,
          right: 'read-write',
          validFromMs: 0,
          validUntilMs: null,
          note: '',
          state: 'issued',
          version: 1,
          registeredAt: 1,
          registeredBy: 'sec',
          changedAt: 1,
          passport,
          seal: null,
          sealsVoidBeforeMs: null,
          sealWrittenAt: null,
          dueBackMs: null,
          ...more,
        },
        baseVersion: null,
        keys: identityKeys(passport),
        events: [],
      },
    ],
    null,
  )
}

describe('a stick that the register can’t know', () => {
  it('is a violation at once, and the examination after it makes no second', async () => {
    await computer.send(attached(), { decision: toExamine })
    expect(await computer.types()).toEqual(['unregistered-media-inserted'])
    await computer.send(examined(), { decision: refused('unregistered-media-inserted') })
    const [violation, ...more] = await computer.violations()
    expect(more).toEqual([])
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({ outcome: 'blocked', exposure: 'none' })
  })

  it('is one violation again when it is plugged in again under the very same numbers', async () => {
    for (let plug = 0; plug < 3; plug += 1) {
      await computer.send(attached(), { decision: toExamine })
      await computer.send(examined(), { decision: refused('unregistered-media-inserted') })
      await computer.send(detached())
    }
    expect(await computer.types()).toEqual(Array.from({ length: 3 }, () => 'unregistered-media-inserted'))
  })

  it('is one violation in one frame, and its medium is found from it', async () => {
    computer.hold(attached(), { decision: toExamine })
    computer.hold(examined(), { decision: refused('unregistered-media-inserted') })
    await computer.flush()
    const [violation] = await computer.violations()
    const [sighting] = await bench.store.sightingsOfViolation(violation?.id ?? 0)
    expect(sighting).toMatchObject({
      agent: computer.agent,
      isExamined: true,
      instance: usbInstanceOf(stick),
    })
    expect(sighting?.passport).toEqual(passportOf(stick))
  })

  it('is not said to have been shut where nothing proves it', async () => {
    await computer.send(attached(usbStick({ authorized: true })), { decision: toExamine })
    const [violation] = await computer.violations()
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({ exposure: 'not-verified' })
  })
})

describe('a stick that the register may know', () => {
  /** What the airlock read bears no number of a registered one. */
  const unnumbered = passportOf({ ...stick, serial: null })
  beforeEach(() => register())

  it('is no violation until it is examined, and none where it is the registered one', async () => {
    await computer.send(attached(), { decision: toExamine })
    expect(await computer.types()).toEqual([])
    await computer.send(examined({ number: 'YM-0001', level: 'secret', right: 'read-write' }), {
      decision: allowed('registered-medium'),
    })
    await computer.send(detached())
    expect(await computer.types()).toEqual([])
  })

  it('with another serial is not waited for', async () => {
    await computer.send(attached({ ...stick, serial: 'SN-0002' }), { decision: toExamine })
    expect(await computer.types()).toEqual(['unregistered-media-inserted'])
  })

  it('is waited for as soon as it is registered', async () => {
    const other = { ...stick, serial: 'SN-0002' }
    await register('YM-0002', passportOf(other))
    await computer.send(attached(other), { decision: toExamine })
    expect(await computer.types()).toEqual([])
  })

  it('is a violation by its examination where it is another one', async () => {
    await computer.send(attached(), { decision: toExamine })
    await computer.send(examined({ passport: unnumbered }), {
      decision: refused('unregistered-media-inserted'),
    })
    const [violation] = await computer.violations()
    expect(violation?.key).toMatch(/^unregistered-media-inserted:.*:1$/)
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({ method: 'airlock', exposure: 'none' })
  })

  it('that was pulled out before it was examined is told as what it is: not examined', async () => {
    await computer.send(attached(), { decision: toExamine })
    await computer.send(detached())
    const [violation] = await computer.violations()
    expect(violation).toMatchObject({ seq: 1 })
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({ method: 'never' })
  })

  it('that was pulled out while it was read is one insertion, with what was read of it, and is not there', async () => {
    const other = { ...stick, serial: 'SN-0009' }
    await computer.send(attached(other), { decision: refused('unregistered-media-inserted') })
    await computer.send(detached(other))
    await computer.send(examined({ passport: passportOf(other), device: other }), {
      decision: refused('unregistered-media-inserted'),
    })
    expect(await computer.types()).toEqual(['unregistered-media-inserted'])
    expect(await bench.store.presentMedia(computer.agent)).toEqual([])
    // The next one is another.
    await computer.send(attached(other), { decision: refused('unregistered-media-inserted') })
    expect(await computer.types()).toHaveLength(2)
  })

  it('that a killed agent examines after its restart is not accused meanwhile', async () => {
    await computer.send(attached(), { decision: toExamine })
    await computer.send({ kind: 'agent.started', previous: 'unclean-stop', pid: 2, uid: 0 })
    await computer.send(attached(stick, 'still-present'), { decision: toExamine })
    await computer.send(
      examined({ number: 'YM-0001', level: 'secret', right: 'read-write', origin: 'still-present' }),
      { decision: allowed('registered-medium') },
    )
    await computer.send(detached())
    expect(await computer.types()).toEqual([])
  })

  it('that no restarted agent ever told of again is raised, also when the console was restarted', async () => {
    await computer.send(attached(), { decision: toExamine })
    await computer.send({ kind: 'agent.started', previous: 'unclean-stop', pid: 2, uid: 0 })
    bench.restart()
    await computer.reconnect()
    await computer.send({ kind: 'policy.applied', version: 1, digest: 'a'.repeat(64) }, { bootMs: 30_000 })
    expect(await computer.types()).toEqual([])
    await computer.send({ kind: 'policy.applied', version: 1, digest: 'a'.repeat(64) }, { bootMs: 90_000 })
    expect(await computer.types()).toEqual(['unregistered-media-inserted'])
    expect(await bench.store.presentMedia(computer.agent)).toEqual([])
  })

  it('that the computer was switched off over is raised at the next boot, once', async () => {
    await computer.send(attached(), { decision: toExamine })
    for (const bootId of ['b2', 'b3'])
      await computer.send({ kind: 'agent.started', previous: 'unclean-stop', pid: 2, uid: 0 }, { bootId })
    expect(await computer.types()).toEqual(['unregistered-media-inserted'])
  })

  it('told in observe mode is judged by the same rules', async () => {
    const detected = (rule: string): Decision => ({ outcome: 'detected', would: 'block', rule })
    await computer.send(attached(), { decision: detected('medium-to-be-examined') })
    await computer.send(examined({ passport: unnumbered }), {
      decision: detected('unregistered-media-inserted'),
    })
    const [violation] = await computer.violations()
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({
      outcome: 'detected',
      exposure: 'not-verified',
    })
  })
})

describe('a medium that the agent takes for a stranger, and the register knows', () => {
  const strange = refused('unregistered-media-inserted')

  it('is what the register makes of it: of another computer, withdrawn, or registered since', async () => {
    await register('YM-0001', passportOf(stick), { computers: ['JM-9999'] })
    await computer.send(attached(), { decision: toExamine })
    await computer.send(examined(), { decision: strange })
    expect(await computer.types()).toEqual(['media-not-assigned'])

    const lost = { ...stick, path: '1-2', serial: 'SN-0002' }
    await register('YM-0002', passportOf(lost), { state: 'missing' })
    await computer.send(attached(lost), { decision: toExamine })
    await computer.send(examined({ device: lost }), { decision: strange })
    const violation = (await computer.violations()).at(-1)
    expect(violation?.type).toBe('media-status-invalid')
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({
      status: 'lost',
      medium: { number: 'YM-0002' },
    })

    const fresh = { ...stick, path: '1-3', serial: 'SN-0003' }
    await register('YM-0003', passportOf(fresh))
    await computer.send(attached(fresh), { decision: toExamine })
    await computer.send(examined({ device: fresh }), { decision: strange })
    expect(await computer.types()).toHaveLength(2)
  })

  it('and that was registered only after it was plugged in, was unregistered then', async () => {
    await register('YM-0001', passportOf(stick), { registeredAt: bench.now + 1 })
    await computer.send(attached(), { decision: toExamine })
    await computer.send(examined(), { decision: strange })
    expect(await computer.types()).toEqual(['unregistered-media-inserted'])
  })

  it('by its number while its size differs, is a copy', async () => {
    await register()
    await computer.send(attached(), { decision: toExamine })
    await computer.send(examined({ passport: passportOf(stick, { sizeBytes: 1 }) }), { decision: strange })
    const [violation, ...more] = await computer.violations()
    expect(more).toEqual([])
    expect(violation?.type).toBe('media-identity-mismatch')
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({ number: 'YM-0001', observedSizeBytes: 1 })
  })
})

describe('a registered medium', () => {
  it.each([
    'unclassified-media-on-classified-host',
    'classified-media-on-unclassified-host',
    'high-media-on-low-host',
    'media-not-assigned',
    'media-status-invalid',
    'media-identity-mismatch',
  ] as const)('that is refused as %s is that violation, once a stay', async (rule) => {
    await register()
    await computer.send(attached(), { decision: toExamine })
    await computer.send(examined({ number: 'YM-0001', level: 'internal' }), { decision: refused(rule) })
    await computer.send(examined({ number: 'YM-0001', level: 'internal', origin: 'policy-changed' }), {
      decision: refused(rule),
    })
    expect(await computer.types()).toEqual([rule])
  })

  it.each(['lower-level-medium', 'one-way-import', 'granted', 'baseline', 'registered-medium'])(
    'that is let in as %s is none',
    async (rule) => {
      await register()
      await computer.send(attached(), { decision: toExamine })
      await computer.send(examined({ number: 'YM-0001', level: 'secret', right: 'read-only' }), {
        decision: allowed(rule),
      })
      expect(await computer.types()).toEqual([])
      expect(await bench.store.presentMedia(computer.agent)).toMatchObject([{ rule, right: 'read-only' }])
    },
  )

  it('of a lower level that is written to is one violation for the stay, and reading it is none', async () => {
    await register()
    await computer.send(attached(), { decision: toExamine })
    const place = { usbPath: stick.path, disk: 'sdb', instance: usbInstanceOf(stick) }
    await computer.send(examined({ number: 'YM-0001', level: 'confidential', right: 'read-only', place }), {
      decision: allowed('lower-level-medium'),
    })
    const mount = {
      source: '/dev/sdb1',
      target: '/media/x',
      fileSystem: 'vfat',
      options: 'rw',
      number: '8:17',
    }
    await computer.send({ kind: 'mount.added', origin: 'appeared', mount: { ...mount, isOnMedium: true } })
    const file = (path: string, source: 'event' | 'rescan', root = '/media/x'): Fact => ({
      kind: 'file.activity',
      operation: 'created',
      entry: 'file',
      root,
      path,
      renamedFrom: null,
      sizeBytes: 9,
      isOnMedium: true,
      source,
    })
    await computer.send(file('brought/along.txt', 'rescan'))
    await computer.send(file('elsewhere.txt', 'event', '/media/y'))
    expect(await computer.types()).toEqual([])
    await computer.sendTogether(file('a/first.doc', 'event'), file('second.doc', 'event'))
    const [violation, ...more] = await computer.violations()
    expect(more).toEqual([])
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({
      medium: { number: 'YM-0001', level: 'confidential' },
      files: [{ name: 'first.doc', path: 'a/first.doc' }],
    })
  })

  it('has its right changed by a grant, which is no violation, nor is a lock', async () => {
    await computer.send(attached(), { decision: toExamine })
    await computer.send(examined(), { decision: refused('unregistered-media-inserted') })
    const place = { usbPath: stick.path, disk: null, instance: usbInstanceOf(stick) }
    const grant = {
      id: 'g',
      source: 'spoken',
      reason: null,
      minutes: 30,
      counter: 7,
      place,
      passport: null,
    } as const
    await computer.send({ kind: 'grant.changed', state: 'locked', right: 'none', ...grant })
    await computer.send({ kind: 'grant.changed', state: 'granted', right: 'read-only', ...grant })
    expect(await bench.store.presentMedia(computer.agent)).toMatchObject([
      { rule: 'granted', right: 'read-only' },
    ])
    const steps = { steps: [], exposedMs: null }
    await computer.send({
      kind: 'media.access',
      place,
      number: null,
      right: 'none',
      cause: 'expired',
      ...steps,
    })
    expect(await bench.store.presentMedia(computer.agent)).toMatchObject([{ right: 'none' }])
    await computer.send({ kind: 'media.access', place, number: null, right: 'none', cause: 'gone', ...steps })
    expect(await bench.store.presentMedia(computer.agent)).toEqual([])
    expect(await computer.types()).toEqual(['unregistered-media-inserted'])
  })
})

describe('a card in a reader', () => {
  const reader = usbStick({ path: '1-3', device: 7, vendorId: '058f', serial: null, authorized: false })
  const empty = disk({ name: 'sdc', bus: 'usb', usbPath: '1-3', sizeBytes: 0 })
  const full = { ...empty, sizeBytes: 8_000_000 }
  const place = { usbPath: '1-3', disk: 'sdc', instance: 'disk:sdc#12' }
  const insert: Fact = { kind: 'block.changed', before: empty, device: full }

  beforeEach(async () => {
    await register('YM-0009', passportOf(reader))
    await computer.send(attached(reader), { decision: toExamine })
    const acted = { vendorId: '058f', productId: '0001', act: 'admitted', cause: 'empty-reader' } as const
    const at = { usbPath: '1-3', disk: null, instance: usbInstanceOf(reader) }
    await computer.send({ kind: 'usb.acted', place: at, ...acted, steps: [] })
    const come: Fact = { kind: 'block.attached', origin: 'appeared', sighting: 'snapshot', device: empty }
    await computer.send(come, { decision: allowed('empty-drive') })
    expect(await computer.types()).toEqual([])
  })

  it('is judged by its examination', async () => {
    await computer.send(insert, { decision: toExamine })
    expect(await computer.types()).toEqual([])
    await computer.send(examined({ place, device: reader }), {
      decision: refused('unregistered-media-inserted'),
    })
    expect(await computer.types()).toEqual(['unregistered-media-inserted'])
  })

  it('is judged by itself where it was pulled out before, and the empty reader never is', async () => {
    await computer.send(insert, { decision: toExamine })
    await computer.send({ kind: 'block.changed', before: full, device: empty })
    await computer.send(detached(reader))
    expect(await computer.types()).toEqual(['unregistered-media-inserted'])
  })

  it('is a new insertion each time', async () => {
    for (const sequence of [12, 13]) {
      await computer.send(insert, { decision: toExamine })
      await computer.send(
        examined({ place: { ...place, instance: `disk:sdc#${sequence}` }, device: reader }),
        { decision: refused('unregistered-media-inserted') },
      )
      await computer.send({ kind: 'block.changed', before: full, device: empty })
    }
    expect(await computer.types()).toHaveLength(2)
  })
})
