import type { Fact } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { usbKeyboard, usbStick } from '../../test/support/facts.ts'
import { type IngestBench, openIngestBench, type TestComputer } from './testing/ingest-bench.ts'
import { allowed, attached, detached, refused, toExamine } from './testing/media-facts.ts'

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

describe('a device that is no medium', () => {
  it('is the violation that the agent refused it as', async () => {
    const phone = usbKeyboard({
      path: '1-2',
      product: 'Phone',
      interfaces: [
        { configuration: 1, number: 0, alternate: 0, class: '06', subclass: '01', protocol: '01' },
      ],
    })
    await computer.send(attached(phone), { decision: refused('phone-or-camera-connected') })
    await computer.send(attached(usbKeyboard({ path: '1-4' })), {
      decision: refused('wireless-input-device'),
    })
    await computer.send(attached(usbKeyboard({ path: '1-5' })), {
      decision: refused('unregistered-peripheral'),
    })
    await computer.send(attached(usbKeyboard({ path: '1-6' })), { decision: allowed('only-keyboard') })
    expect(await computer.types()).toEqual([
      'phone-or-camera-connected',
      'wireless-input-device',
      'unregistered-peripheral',
    ])
  })

  it('gone before it could be read accuses nobody', async () => {
    const gone: Fact = {
      kind: 'usb.attached',
      origin: 'appeared',
      sighting: 'event-only',
      device: usbKeyboard(),
    }
    await computer.send(gone, { decision: refused('malformed-descriptors') })
    expect(await computer.types()).toEqual([])
  })

  it('that came back as a network adapter on its port tells what it was', async () => {
    const optical = { configuration: 1, number: 0, alternate: 0, class: '08', subclass: '02', protocol: '50' }
    const ethernet = { ...optical, class: '02', subclass: '06', protocol: '00' }
    const cd = usbStick({ path: '1-1.1', vendorId: '12d1', productId: '1f01', interfaces: [optical] })
    const card = { ...cd, device: 3, productId: '14dc', interfaces: [ethernet] }
    await computer.send(attached(cd), { decision: toExamine })
    await computer.send(detached(cd))
    await computer.send(attached(card), { decision: refused('unregistered-network-adapter') })
    const violation = (await computer.violations()).at(-1)
    expect(violation?.type).toBe('unregistered-network-adapter')
    expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({
      interface: null,
      device: { vendorId: '12d1', productId: '14dc' },
      before: { vendorId: '12d1', productId: '1f01', functions: ['storage-optical'], port: '1-1.1' },
    })
  })
})

describe('a release of the denial', () => {
  const released = (cause: string): Fact => ({
    kind: 'control.state',
    group: 'media',
    state: 'released',
    cause,
    reason: 'locked out',
    layers: [],
  })
  it('that no policy ordered is tampering, one that a policy ordered is none, nor is what a kernel lacks', async () => {
    await computer.send(released('policy'))
    await computer.send({ ...released('start'), state: 'partly' } as Fact)
    expect(await computer.types()).toEqual([])
    await computer.send(released('administrator'))
    expect(await computer.types()).toEqual(['agent-tamper'])
    const observing = await bench.computer()
    await observing.send(released('administrator'))
    expect(await observing.types()).toEqual([])
  })
})
