import { makeCode, openSeal } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { readImage } from '../examination/fixtures/image.ts'
import { diskOf, openControlBench, SPOKEN_KEY, sealOf, stick } from './testing/control-bench.ts'

const image = readImage('mbr-fat32')
const uas = stick({
  interfaces: [{ configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '62' }],
})
const observe = { modes: { media: 'observe', network: 'observe', files: 'observe' } } as const
const last = <T>(list: readonly T[]): T | undefined => list.at(-1)

describe('media control while it enforces', () => {
  it('denies before anything is looked at', async () => {
    const bench = await openControlBench({ image })
    expect(bench.kernel.acts).toEqual(['enforce'])
    expect(bench.facts('control.state')).toMatchObject([{ state: 'in-force', cause: 'start' }])
  })

  it('says what of the denial does not stand, so that nobody takes the computer for controlled', async () => {
    const bench = await openControlBench({ image })
    expect(bench.control.trouble).toBeNull()
    bench.kernel.absent = 'device-guard'
    await bench.setPolicy(observe)
    await bench.setPolicy({ modes: { media: 'enforce', network: 'observe', files: 'observe' } })
    expect(bench.control.trouble).toBe('not in force: device-guard')
    expect(last(bench.facts('control.state'))).toMatchObject({ state: 'partly' })
  })

  it('examines an unregistered stick in the airlock and binds nothing, ever', async () => {
    const bench = await openControlBench({ image })
    await bench.plugStick()
    expect(bench.kernel.acts).toEqual(['enforce', 'authorize 1-1', 'remove 1-1'])
    expect(bench.kernel.hasDisk('sda')).toBe(false)
    expect(bench.facts('media.examined')).toMatchObject([
      { method: 'airlock', right: 'none', identity: { result: 'unknown', source: 'none' } },
    ])
    expect(bench.rules('media.examined')).toEqual(['unregistered-media-inserted'])
    expect(bench.facts('media.access')).toMatchObject([{ right: 'none', exposedMs: 0 }])
  })

  it('lets a registered stick in only after its record, shut until its right stands', async () => {
    const { signed } = sealOf(image)
    const bench = await openControlBench({ image, media: { seals: [signed] } })
    await bench.plugStick()
    expect(bench.kernel.acts).toEqual([
      'enforce',
      'authorize 1-1',
      'probe 1-1',
      'access sda agent-alone',
      'access sda lease read-write',
    ])
    expect(bench.told.map(({ fact }) => fact.kind)).toEqual([
      'control.state',
      'media.examined',
      'media.access',
    ])
    expect(bench.facts('media.examined')).toMatchObject([
      { right: 'read-write', identity: { result: 'match', number: 'YM-0001', level: 'confidential' } },
    ])
  })

  it('makes a lower-level medium read-only before anybody may open it', async () => {
    const { signed } = sealOf(image)
    const bench = await openControlBench({ image, media: { seals: [signed] }, settings: { level: 'secret' } })
    await bench.plugStick()
    expect(bench.kernel.acts.slice(-5)).toEqual([
      'access sda agent-alone',
      'access sda agent-alone',
      'read-only sda',
      'view sda',
      'access loop0 lease read-only',
    ])
    // SCSI commands of whoever may open the disk pass its write protection by: nobody may.
    expect(bench.kernel.access.get('sda')).toEqual({ kind: 'agent-alone' })
    expect(bench.rules('media.examined')).toEqual(['lower-level-medium'])
  })

  it('keeps a medium out that could only be read through a view, where there is none', async () => {
    const { signed } = sealOf(image)
    const bench = await openControlBench({
      image,
      media: { seals: [signed] },
      settings: { level: 'secret' },
    })
    bench.kernel.failing = 'view'
    await bench.plugStick()
    expect(bench.kernel.access.get('sda')).toEqual({ kind: 'nobody' })
    expect(last(bench.facts('media.access'))).toMatchObject({ right: 'none', cause: 'no-read-only-view' })
  })

  it('refuses the second of two devices that say they are one', async () => {
    const { signed } = sealOf(image)
    const bench = await openControlBench({ image, media: { seals: [signed] } })
    await bench.plugStick()
    bench.kernel.plug('1-2', { image: readImage('mbr-ntfs'), disk: 'sdb', canAirlock: true })
    const twin = stick({ path: '1-2', device: 6 })
    const decision = { outcome: 'blocked', would: 'block', rule: 'medium-to-be-examined' } as const
    bench.control.onDecided(
      { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: twin },
      decision,
    )
    await bench.settled()
    expect(bench.rules('media.examined')).toEqual(['registered-medium', 'media-identity-mismatch'])
    expect(bench.kernel.hasDisk('sdb')).toBe(false)
  })

  it('accuses nobody of a copy where two devices say they are one and neither is registered', async () => {
    const bench = await openControlBench({ image })
    await bench.plugStick()
    bench.kernel.plug('1-2', { image, disk: 'sdb', canAirlock: true })
    const decision = { outcome: 'blocked', would: 'block', rule: 'medium-to-be-examined' } as const
    bench.control.onDecided(
      {
        kind: 'usb.attached',
        origin: 'appeared',
        sighting: 'snapshot',
        device: stick({ path: '1-2', device: 6 }),
      },
      decision,
    )
    await bench.settled()
    expect(bench.rules('media.examined')).toEqual([
      'unregistered-media-inserted',
      'unregistered-media-inserted',
    ])
  })

  it('keeps a medium out that could not be made read-only', async () => {
    const { signed } = sealOf(image)
    const bench = await openControlBench({ image, media: { seals: [signed] }, settings: { level: 'secret' } })
    bench.kernel.failing = 'read-only'
    await bench.plugStick()
    expect(bench.kernel.access.get('sda')).toEqual({ kind: 'nobody' })
    expect(last(bench.facts('media.access'))).toMatchObject({ right: 'none', cause: 'not-made-read-only' })
  })

  it('binds no driver to a device without a bulk-only setting that nothing registered is like', async () => {
    const bench = await openControlBench({ image })
    await bench.plugStick(uas)
    expect(bench.kernel.acts).toEqual(['enforce', 'remove 1-1'])
    const [examined] = bench.facts('media.examined')
    expect(examined).toMatchObject({
      method: 'none',
      right: 'none',
      passport: { usb: { serial: '60A44C3FACC2' } },
    })
    expect(examined?.faults[0]).toContain('nothing registered is like it')
  })

  it('looks at one that may be registered through a disk that nobody else may open', async () => {
    const { signed } = sealOf(readImage('gpt'))
    const bench = await openControlBench({ image, media: { seals: [signed] } })
    await bench.plugStick(uas)
    expect(bench.kernel.acts).toEqual([
      'enforce',
      'authorize 1-1',
      'probe 1-1',
      'access sda agent-alone',
      'access sda nobody',
      'remove 1-1',
    ])
    expect(bench.facts('media.examined')).toMatchObject([{ method: 'guarded', right: 'none' }])
  })

  it('refuses such a device unseen where the kernel can guard nothing', async () => {
    const bench = await openControlBench({ image })
    bench.kernel.canGuard = false
    await bench.plugStick(uas)
    expect(bench.kernel.acts).not.toContain('probe 1-1')
    expect(bench.facts('media.examined')).toMatchObject([{ method: 'none', right: 'none' }])
    expect(bench.facts('media.examined')[0]?.faults[0]).toContain('can guard none')
  })

  it('measures how long a disk stood open that it could only take off its bus', async () => {
    const bench = await openControlBench({ image })
    bench.kernel.canGuard = false
    bench.kernel.addDisk('nvme1n1', image)
    bench.control.onDecided(
      { kind: 'block.attached', origin: 'appeared', sighting: 'snapshot', device: diskOf('nvme1n1', null) },
      null,
    )
    bench.clock.bootMsNow += 12
    await new Promise((resolve) => setTimeout(resolve, 20))
    await bench.settled()
    expect(bench.kernel.acts).toContain('cut nvme1n1')
    expect(bench.facts('media.access')).toMatchObject([{ right: 'none', exposedMs: 0 }])
  })

  it('shuts a disk on any other bus like a stick', async () => {
    const bench = await openControlBench({ image })
    bench.kernel.addDisk('nvme1n1', image)
    bench.control.onDecided(
      { kind: 'block.attached', origin: 'appeared', sighting: 'snapshot', device: diskOf('nvme1n1', null) },
      null,
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    await bench.settled()
    expect(bench.kernel.acts).toEqual(['enforce', 'access nvme1n1 agent-alone', 'access nvme1n1 nobody'])
    expect(bench.facts('media.examined')).toMatchObject([{ method: 'guarded', place: { disk: 'nvme1n1' } }])
  })

  it('examines the next card of a reader on its own, whatever the card before was allowed', async () => {
    const { signed } = sealOf(image)
    const bench = await openControlBench({ image, media: { seals: [signed] } })
    await bench.plugStick()
    expect(bench.kernel.access.get('sda')).toMatchObject({ right: 'read-write' })
    const other = readImage('mbr-ntfs')
    bench.kernel.addDisk('sda', other, 2)
    const device = diskOf('sda', '1-1', { sizeBytes: other.length })
    bench.control.onDecided({ kind: 'block.changed', before: diskOf('sda', '1-1'), device }, null)
    await bench.settled()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await bench.settled()
    expect(bench.kernel.access.get('sda')).toEqual({ kind: 'nobody' })
    const second = last(bench.facts('media.examined'))
    expect(second).toMatchObject({ right: 'none', place: { instance: 'disk:sda#2', usbPath: '1-1' } })
  })

  it('closes the view of a card that was taken out: it would show the next one', async () => {
    const { signed } = sealOf(image)
    const bench = await openControlBench({ image, media: { seals: [signed] }, settings: { level: 'secret' } })
    await bench.plugStick()
    expect(bench.kernel.acts).not.toContain('close loop0')
    const other = readImage('mbr-ntfs')
    bench.kernel.addDisk('sda', other, 2)
    const device = diskOf('sda', '1-1', { sizeBytes: other.length })
    bench.control.onDecided({ kind: 'block.changed', before: diskOf('sda', '1-1'), device }, null)
    await bench.settled()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await bench.settled()
    expect(bench.kernel.acts).toContain('close loop0')
    expect(bench.kernel.access.get('loop0')).toEqual({ kind: 'agent-alone' })
  })

  it('takes what a loop device begins to show for no medium', async () => {
    const bench = await openControlBench({ image })
    bench.kernel.addDisk('loop0', image, 3)
    const before = diskOf('loop0', null, { bus: 'loop', sizeBytes: 0 })
    const device = { ...before, sizeBytes: image.length }
    bench.control.onDecided({ kind: 'block.changed', before, device }, null)
    await bench.settled()
    expect(bench.facts('media.examined')).toEqual([])
    expect(bench.kernel.acts).toEqual(['enforce'])
  })

  it('ends what a medium was allowed the moment it is gone, before another can have its number', async () => {
    const { signed } = sealOf(image)
    const bench = await openControlBench({ image, media: { seals: [signed] } })
    await bench.plugStick()
    expect(bench.kernel.access.get('sda')).toMatchObject({ kind: 'lease' })
    bench.control.onDecided(
      { kind: 'block.detached', sighting: 'snapshot', device: diskOf('sda', '1-1') },
      null,
    )
    expect(bench.kernel.access.has('sda')).toBe(false)
    bench.control.onDecided({ kind: 'usb.detached', sighting: 'snapshot', device: stick() }, null)
    expect(bench.control.notices()).toEqual([])
  })

  it('renews leases, and gives none where the medium was not let in', async () => {
    const { signed } = sealOf(image)
    const bench = await openControlBench({ image, media: { seals: [signed] } })
    await bench.plugStick()
    const before = bench.kernel.acts.length
    bench.control.tick()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await bench.settled()
    expect(bench.kernel.acts.slice(before)).toEqual(['access sda lease read-write'])
  })
})

describe('media control when the policy changes', () => {
  it('looks again at a refused medium that was registered meanwhile, and lets it in', async () => {
    const bench = await openControlBench({ image })
    await bench.plugStick()
    await bench.setPolicy({}, { seals: [sealOf(image).signed] })
    await bench.settled()
    expect(bench.kernel.access.get('sda')).toEqual({ kind: 'lease', right: 'read-write' })
    expect(bench.facts('media.examined').map(({ origin, right }) => `${origin} ${right}`)).toEqual([
      'appeared none',
      'policy-changed read-write',
    ])
  })

  it('takes away what was revoked while it is in use, after writing out what waits', async () => {
    const { signed, seal } = sealOf(image)
    const bench = await openControlBench({ image, media: { seals: [signed] } })
    await bench.plugStick()
    const revocation = {
      number: seal.number,
      level: seal.level,
      status: 'suspended',
      issuedBeforeMs: null,
    } as const
    await bench.setPolicy({}, { seals: [], revocations: [revocation] })
    expect(bench.kernel.acts.slice(-3)).toEqual(['flush', 'access sda nobody', 'remove 1-1'])
    expect(last(bench.facts('media.access'))).toMatchObject({ right: 'none' })
  })

  it('releases by policy, lets in what was refused, and denies again', async () => {
    const bench = await openControlBench({ image })
    await bench.plugStick()
    await bench.setPolicy(observe)
    expect(bench.kernel.isDenying).toBe(false)
    expect(bench.kernel.acts).toContain('admit 1-1')
    expect(last(bench.facts('control.state'))).toMatchObject({ state: 'released', cause: 'policy' })
    await bench.setPolicy({ modes: { media: 'enforce', network: 'observe', files: 'observe' } })
    expect(bench.kernel.isDenying).toBe(true)
    expect(last(bench.facts('control.state'))).toMatchObject({ state: 'in-force', cause: 'policy' })
  })
})

describe('temporary grants', () => {
  it('opens a refused medium for a console’s command, ends by uptime, and is told of both times', async () => {
    const bench = await openControlBench({ image })
    await bench.plugStick()
    const instance = bench.control.notices()[0]?.instance ?? ''
    const order = {
      v: 1,
      id: 'c1',
      agent: 'a',
      issuedAtMs: 1,
      name: 'grant-medium',
      instance,
      right: 'read-only',
      minutes: 10,
    } as const
    expect(await bench.control.carryOut(order)).toBe('done')
    await bench.settled()
    expect(bench.kernel.access.get('loop0')).toEqual({ kind: 'lease', right: 'read-only' })
    // The wall clock is moved, and nothing follows from it.
    bench.clock.wallMsNow += 86_400_000
    bench.control.tick()
    await bench.settled()
    expect(bench.kernel.access.get('loop0')).toMatchObject({ kind: 'lease' })
    bench.clock.bootMsNow += 10 * 60_000 + 1
    bench.control.tick()
    await bench.settled()
    expect(bench.kernel.access.get('sda')).toEqual({ kind: 'nobody' })
    expect(bench.facts('grant.changed').map(({ state, reason }) => `${state} ${reason}`)).toEqual([
      'granted null',
      'ended time',
    ])
  })

  it('takes a code that was read out, once', async () => {
    const bench = await openControlBench({ image })
    await bench.plugStick()
    await new Promise((resolve) => setTimeout(resolve, 30))
    const challenge = bench.control.notices()[0]?.challenge ?? ''
    const code = makeCode({ spokenKey: SPOKEN_KEY, challenge, right: 'read-write', minutes: 30 })
    expect(await bench.control.takeCode(code)).toBe('granted')
    await bench.settled()
    expect(bench.kernel.access.get('sda')).toEqual({ kind: 'lease', right: 'read-write' })
    expect(await bench.control.takeCode(code)).toBe('wrong')
    expect(bench.facts('grant.changed')).toMatchObject([
      { state: 'granted', source: 'spoken', right: 'read-write', minutes: 30, counter: 1 },
      { state: 'refused' },
    ])
  })

  it('locks after five wrong codes, for a code that is right as well', async () => {
    const bench = await openControlBench({ image })
    await bench.plugStick()
    await new Promise((resolve) => setTimeout(resolve, 30))
    const challenge = bench.control.notices()[0]?.challenge ?? ''
    const key = Buffer.alloc(32, 9)
    const wrong = makeCode({ spokenKey: key, challenge, right: 'read-write', minutes: 30 })
    const outcomes = []
    for (let tries = 0; tries < 5; tries += 1) outcomes.push(await bench.control.takeCode(wrong))
    expect(outcomes).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'locked'])
    const right = makeCode({ spokenKey: SPOKEN_KEY, challenge, right: 'read-write', minutes: 30 })
    expect(await bench.control.takeCode(right)).toBe('locked')
    expect(bench.kernel.hasDisk('sda')).toBe(false)
    expect(last(bench.facts('grant.changed'))).toMatchObject({ state: 'locked' })
  })
})

describe('a station', () => {
  it('writes a seal onto the medium it is for, and finds it there', async () => {
    const blank = Buffer.from(image)
    const bench = await openControlBench({ image: blank, settings: { roles: ['station'] } })
    await bench.plugStick()
    const { instance } = bench.control.notices()[0] ?? { instance: '' }
    const passport = bench.facts('media.examined')[0]?.passport
    if (passport === null || passport === undefined) throw new Error('not examined')
    const { signed, seal } = sealOf(blank, { passport })
    const order = {
      v: 1,
      id: 'c',
      agent: 'a',
      issuedAtMs: 1,
      name: 'write-seal',
      instance,
      seal: signed,
    } as const
    expect(await bench.control.carryOut(order)).toBe('done')
    expect(bench.facts('media.sealed')).toMatchObject([{ result: 'written', number: 'YM-0001' }])
    expect(last(bench.facts('media.examined'))).toMatchObject({
      seal: { state: 'valid', id: seal.id },
      identity: { source: 'seal', number: 'YM-0001' },
    })
  })

  it('writes none that is for another medium, of another authority, or where it is no station', async () => {
    const bench = await openControlBench({ image, settings: { roles: ['station'] } })
    await bench.plugStick()
    const { instance } = bench.control.notices()[0] ?? { instance: '' }
    const other = sealOf(readImage('gpt')).signed
    const order = {
      v: 1,
      id: 'c',
      agent: 'a',
      issuedAtMs: 1,
      name: 'write-seal',
      instance,
      seal: other,
    } as const
    expect(await bench.control.carryOut(order)).toBe('other-passport')
    const forged = { ...other, signature: Buffer.alloc(64).toString('base64') }
    expect(openSeal(forged, '')).toBeNull()
    expect(await bench.control.carryOut({ ...order, seal: forged })).toBe('bad-signature')
    await bench.setPolicy({ roles: [] })
    expect(await bench.control.carryOut(order)).toBe('not-a-station')
  })
})

describe('media control while it observes', () => {
  it('writes nothing, reads the disk as everybody may, and tells what enforce would do', async () => {
    const bench = await openControlBench({ image, settings: observe })
    bench.kernel.addDisk('sda', image)
    const device = stick({ authorized: true })
    const detected = { outcome: 'detected', would: 'block', rule: 'medium-to-be-examined' } as const
    bench.control.onDecided(
      { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device },
      detected,
    )
    bench.kernel.onDisk('sda', '1-1')
    await bench.settled()
    expect(bench.kernel.acts).toEqual(['release'])
    expect(bench.told).toMatchObject([
      {
        fact: { kind: 'media.examined', method: 'open', right: 'none' },
        decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' },
      },
    ])
  })

  it('tells of a medium that was gone before it could be examined', async () => {
    const bench = await openControlBench({ image, settings: observe })
    const device = stick({ authorized: true })
    bench.control.onDecided(
      { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device },
      { outcome: 'detected', would: 'block', rule: 'medium-to-be-examined' },
    )
    bench.control.onDecided({ kind: 'usb.detached', sighting: 'snapshot', device }, null)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(bench.facts('media.examined')).toMatchObject([{ method: 'none', right: 'none' }])
  })

  it('tells nothing twice where the disk of a stick is told of after the stick was pulled out', async () => {
    const bench = await openControlBench({ image, settings: observe })
    const device = stick({ authorized: true })
    const detected = { outcome: 'detected', would: 'block', rule: 'medium-to-be-examined' } as const
    const origin = { origin: 'appeared', sighting: 'snapshot' } as const
    bench.control.onDecided({ kind: 'usb.attached', ...origin, device }, detected)
    bench.control.onDecided({ kind: 'usb.detached', sighting: 'snapshot', device }, null)
    bench.control.onDecided({ kind: 'block.attached', ...origin, device: diskOf('sda', '1-1') }, detected)
    await bench.settled()
    expect(bench.facts('media.examined')).toMatchObject([{ method: 'none', place: { disk: null } }])
    // What stands there now is no ghost of it.
    bench.kernel.addDisk('sdb', image)
    bench.control.onDecided({ kind: 'block.attached', ...origin, device: diskOf('sdb', '1-1') }, detected)
    await bench.settled()
    expect(bench.facts('media.examined')).toMatchObject([{ method: 'none' }, { method: 'open' }])
  })
})
