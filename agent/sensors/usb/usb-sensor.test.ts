import { showRawText, type UsbDevice } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LazyPoller } from '../../base/poll-linux.ts'
import { KernelUevents } from '../../base/uevents-linux.ts'
import { EMPTY_BASELINE, RecordingContext, withSensor } from '../testing/recording-context.ts'
import { ScriptedUevents } from '../testing/scripted-uevents.ts'
import { SysfsTree } from '../testing/sysfs-tree.ts'
import { stickDescriptors } from '../testing/usb-descriptors.ts'
import { usbBaselineKeys, usbInstanceKey, usbKey } from './usb-keys.ts'
import { createUsbSensor } from './usb-sensor.ts'

let tree: SysfsTree
let uevents: ScriptedUevents
beforeEach(() => {
  tree = new SysfsTree({ withUsb: true })
  uevents = new ScriptedUevents()
})
afterEach(() => tree[Symbol.dispose]())

const stick = (devnum: number, serial: Buffer | string = 'SN-1') => ({
  vendor: '46f4',
  product: '0001',
  devnum,
  serial,
  descriptors: stickDescriptors(),
})
const devpath = (path: string): string => `/devices/pci0000:00/0000:00:14.0/usb1/${path}`
const deviceEvent = (action: string, path: string, devnum: number) => ({
  ACTION: action,
  DEVPATH: devpath(path),
  SUBSYSTEM: 'usb',
  DEVTYPE: 'usb_device',
  PRODUCT: '46f4/1/100',
  TYPE: '0/0/0',
  BUSNUM: '001',
  DEVNUM: String(devnum).padStart(3, '0'),
})
const interfaceEvent = (action: string, path: string) => ({
  ACTION: action,
  DEVPATH: `${devpath(path)}/${path}:1.0`,
  SUBSYSTEM: 'usb',
  DEVTYPE: 'usb_interface',
  PRODUCT: '46f4/1/100',
  TYPE: '0/0/0',
  INTERFACE: '8/6/80',
})
const sensor = (sweepMs = 60_000) => createUsbSensor({ uevents, sys: tree.root, sweepMs })
const story = (context: RecordingContext): string[] =>
  context.facts.map((fact) => {
    if (fact.kind === 'usb.attached')
      return `+${showRawText(fact.device.path)}#${fact.device.device} ${fact.origin} ${fact.sighting}`
    if (fact.kind === 'usb.detached')
      return `-${showRawText(fact.device.path)}#${fact.device.device} ${fact.sighting}`
    return fact.kind
  })

describe('at the start', () => {
  it('tells what is there apart: of the baseline, found, told before in this boot', async () => {
    tree.plugUsb('1-1', stick(2, 'own'))
    tree.plugUsb('1-2', stick(3, 'foreign'))
    tree.plugUsb('1-3', stick(4, 'told'))
    const told: UsbDevice[] = []
    const first = new RecordingContext()
    await withSensor(sensor(), first, async () => {
      for (const fact of first.named('usb.attached')) told.push(fact.device)
    })
    const own = told[0] as UsbDevice
    const baseline = {
      ...EMPTY_BASELINE,
      usb: [{ path: own.path, vendorId: own.vendorId, productId: own.productId, serial: own.serial }],
    }
    const knowledge = {
      baseline: usbBaselineKeys(baseline),
      toldInThisBoot: new Set([usbInstanceKey(told[2] as UsbDevice)]),
    }
    const context = new RecordingContext({ baseline, knowledge })
    await withSensor(sensor(), context, async () => undefined)
    expect(story(context)).toEqual([
      '+1-1#2 baseline snapshot',
      '+1-2#3 present-at-start snapshot',
      '+1-3#4 still-present snapshot',
    ])
    expect(context.remembered).toEqual(new Set(told.map(usbInstanceKey)))
  })

  it('judges anew what was drawn and put back in the same port while no agent ran', async () => {
    tree.plugUsb('1-1', stick(2))
    const first = new RecordingContext()
    await withSensor(sensor(), first, async () => undefined)
    tree.unplugUsb('1-1')
    tree.plugUsb('1-1', stick(5))
    const context = new RecordingContext({
      knowledge: { toldInThisBoot: first.remembered, isFirstStart: false },
    })
    await withSensor(sensor(), context, async () => undefined)
    expect(story(context)).toEqual(['+1-1#5 present-at-start snapshot'])
  })

  it('neither tells root hubs nor interfaces', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => undefined)
    expect(context.facts).toEqual([])
    expect(context.covers).toEqual([
      { state: 'watching', method: 'netlink-uevent', reason: null, remedy: null },
    ])
  })
})

describe('while it watches', () => {
  it('reads a device that an event announces, with its bytes and in a few milliseconds', async () => {
    const hostile = Buffer.from([0x22, 0x1b, 0x5b, 0xff, 0xfe, 0x3c, 0x73, 0x3e])
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      tree.plugUsb('1-1.2', stick(7, hostile))
      const sinceMs = performance.now()
      uevents.say(deviceEvent('add', '1-1.2', 7))
      await context.until(() => context.facts.length === 1)
      expect((context.factTimesMs[0] ?? 0) - sinceMs).toBeLessThan(5_000)
    })
    expect(context.named('usb.attached')[0]).toMatchObject({
      origin: 'appeared',
      sighting: 'snapshot',
      device: {
        path: '1-1.2',
        bus: 1,
        device: 7,
        vendorId: '46f4',
        productId: '0001',
        serial: { b64: hostile.toString('base64') },
        speedMbps: 480,
        authorized: true,
        interfaces: [{ class: '08', subclass: '06', protocol: '50' }],
        descriptors: stickDescriptors().toString('base64'),
        descriptorFaults: [],
      },
    })
  })

  it('tells each device of one burst', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      const ports = Array.from({ length: 20 }, (_, index) => `1-${index + 1}`)
      for (const [index, port] of ports.entries()) tree.plugUsb(port, stick(index + 2))
      uevents.say(...ports.map((port, index) => deviceEvent('add', port, index + 2)))
      await context.until(() => context.facts.length === 20)
    })
    expect(new Set(story(context)).size).toBe(20)
  })

  it('does not lose a device that was drawn before it could be read', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      uevents.say(deviceEvent('add', '1-4', 9))
      uevents.say(interfaceEvent('add', '1-4'))
      uevents.say(interfaceEvent('remove', '1-4'), deviceEvent('remove', '1-4', 9))
      await context.until(() => context.facts.length === 2)
    })
    expect(story(context)).toEqual(['+1-4#9 appeared event-only', '-1-4#9 event-only'])
    expect(context.named('usb.attached')[0]?.device).toMatchObject({
      vendorId: '46f4',
      productId: '0001',
      deviceRelease: '0100',
      serial: null,
      descriptors: null,
      interfaces: [
        { configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '50' },
      ],
    })
  })

  it('tells a re-plug between two looks as detached and attached, even without an event', async () => {
    tree.plugUsb('1-1', stick(2))
    const context = new RecordingContext()
    await withSensor(sensor(30), context, async () => {
      tree.unplugUsb('1-1')
      tree.plugUsb('1-1', stick(3))
      await context.until(() => context.facts.length === 3)
    })
    expect(story(context).slice(1)).toEqual(['-1-1#2 snapshot', '+1-1#3 appeared snapshot'])
  })

  it('says nothing of the change event that authorising a device raises', async () => {
    tree.plugUsb('1-1', stick(2))
    const context = new RecordingContext()
    const usb = sensor()
    await withSensor(usb, context, async () => {
      uevents.say(deviceEvent('change', '1-1', 2), deviceEvent('bind', '1-1', 2))
      await usb.rescan()
    })
    expect(story(context)).toHaveLength(1)
  })

  it('finds by comparing what an overflow swallowed, within a second, and says so', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      tree.plugUsb('1-1', stick(2))
      uevents.overflow()
      await context.until(() => context.named('sensor.overflow').length === 1)
    })
    const overflow = context.named('sensor.overflow')[0]
    expect(story(context)).toEqual(['+1-1#2 appeared snapshot', 'sensor.overflow'])
    expect(overflow).toMatchObject({ sensor: 'usb', queue: 'netlink-uevent', changesFound: 1 })
    expect(overflow?.rescanMs).toBeLessThan(1_000)
  })
})

describe('what it vouches for', () => {
  it('watches a kernel without a USB bus for one appearing', async () => {
    using empty = new SysfsTree({ withUsb: false })
    const context = new RecordingContext()
    await withSensor(createUsbSensor({ uevents, sys: empty.root, sweepMs: 30 }), context, async () => {
      expect(context.covers[0]).toMatchObject({ state: 'watching', reason: 'this kernel has no USB bus' })
      empty.addUsbBus()
      empty.plugUsb('1-1', stick(2))
      await context.until(() => context.facts.length === 1)
    })
    expect(context.covers.at(-1)).toMatchObject({ state: 'watching', reason: null })
  })

  it('is on its fallback where uevents are refused, and still finds a device', async () => {
    uevents = new ScriptedUevents({ isListening: false, reason: 'refused', remedy: 'needs CAP_X' })
    const context = new RecordingContext()
    await withSensor(sensor(30), context, async () => {
      tree.plugUsb('1-1', stick(2))
      await context.until(() => context.facts.length === 1)
    })
    expect(context.covers).toEqual([
      { state: 'fallback', method: 'sysfs-sweep', reason: 'refused', remedy: 'needs CAP_X' },
    ])
  })

  it('falls back when the source dies in use', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      uevents.fail('socket gone')
      await context.until(() => context.covers.at(-1)?.state === 'fallback')
    })
    expect(context.covers.at(-1)?.reason).toBe('socket gone')
  })

  it('is blind without sysfs, says so, and takes no device for gone', async () => {
    tree.plugUsb('1-1', stick(2))
    const context = new RecordingContext()
    await withSensor(sensor(30), context, async () => {
      const root = tree.root
      const { renameSync } = await import('node:fs')
      renameSync(root, `${root}-away`)
      await context.until(() => context.covers.at(-1)?.state === 'not-watched')
      renameSync(`${root}-away`, root)
      await context.until(() => context.covers.at(-1)?.state === 'watching')
    })
    expect(story(context)).toHaveLength(1)
  })

  it('watches this very computer', async () => {
    const poller = new LazyPoller()
    const kernel = new KernelUevents({ poller })
    const context = new RecordingContext()
    await withSensor(createUsbSensor({ uevents: kernel }), context, async () => undefined)
    expect(context.covers[0]?.state).toBe('watching')
    await kernel.close()
    await poller.close()
  })
})

it('keys a device by its bytes, so that two names that look alike are two', () => {
  const device = { path: '1-1', vendorId: '0001', productId: '0002', serial: 'A' }
  expect(usbKey(device)).not.toBe(usbKey({ ...device, serial: null }))
  expect(usbKey(device)).not.toBe(usbKey({ ...device, serial: { b64: 'Qf8=' } }))
})
