import { showRawText } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LazyPoller } from '../../base/poll-linux.ts'
import { KernelUevents } from '../../base/uevents-linux.ts'
import { RecordingContext, withSensor } from '../testing/recording-context.ts'
import { ScriptedUevents } from '../testing/scripted-uevents.ts'
import { createHardwareSensor } from './hardware-sensor.ts'
import { HardwareTree } from './testing/hardware-tree.ts'

let tree: HardwareTree
let uevents: ScriptedUevents
beforeEach(() => {
  tree = new HardwareTree()
  uevents = new ScriptedUevents()
})
afterEach(() => tree[Symbol.dispose]())

const card = 'pci0000:00/0000:00:1c.0/0000:02:00.0'
const phy = `${card}/ieee80211/phy0`
const port = 'pci0000:00/0000:00:14.0/usb1/1-4'
const plugCard = (soft: 0 | 1): void => {
  tree.pci(card, [0x028000, 0x8086, 0x2723], 'iwlwifi')
  tree.node('ieee80211', phy, {}, card)
  tree.rfkill(`${phy}/rfkill0`, 'wlan', soft, 0)
}
const camera = (number: number) => ({
  vendor: 0x046d,
  product: 0x0825,
  number,
  interfaces: [{ codes: [0x0e, 1, 0], driver: 'uvcvideo' }] as const,
})
const usbEvent = (action: string) => ({
  ACTION: action,
  DEVPATH: `/devices/${port}`,
  SUBSYSTEM: 'usb',
  DEVTYPE: 'usb_device',
})
const switchEvent = (state: 0 | 1 | 2) => ({
  ACTION: 'change',
  DEVPATH: `/devices/${phy}/rfkill0`,
  SUBSYSTEM: 'rfkill',
  RFKILL_TYPE: 'wlan',
  RFKILL_STATE: String(state),
})
const sensor = (sweepMs = 60_000) => createHardwareSensor({ uevents, ...tree.roots, sweepMs })
const story = (context: RecordingContext): string[] =>
  context
    .named('network.hardware')
    .map(
      ({ change, origin, before, hardware }) =>
        `${change} ${origin} ${hardware.kind} ${showRawText(hardware.busPath ?? '-')} ${before === null ? '' : `${before.state} > `}${hardware.state}/${hardware.detail}`,
    )

describe('at the start', () => {
  it('tells what is there, and after a restart in the same boot that it has been told', async () => {
    plugCard(1)
    const first = new RecordingContext()
    await withSensor(sensor(), first, async () => undefined)
    expect(story(first)).toEqual(['found present-at-start wifi 0000:02:00.0 blocked/rfkill-soft'])
    const again = new RecordingContext({
      knowledge: { toldInThisBoot: first.remembered, isFirstStart: false },
    })
    await withSensor(sensor(), again, async () => undefined)
    expect(story(again)).toEqual(['found still-present wifi 0000:02:00.0 blocked/rfkill-soft'])
  })

  it('tells anew what was drawn and put back in the same port while no agent ran', async () => {
    tree.usb(port, camera(5))
    const first = new RecordingContext()
    await withSensor(sensor(), first, async () => undefined)
    tree.write('sys/bus/usb/devices/1-4/devnum', '6\n')
    const again = new RecordingContext({
      knowledge: { toldInThisBoot: first.remembered, isFirstStart: false },
    })
    await withSensor(sensor(), again, async () => undefined)
    expect(story(again)).toEqual(['found present-at-start camera 1-4:1.0 unknown/driver-without-node'])
  })

  it('vouches for an empty computer', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => undefined)
    expect(context.facts).toEqual([])
    expect(context.covers).toEqual([
      { state: 'watching', method: 'netlink-uevent', reason: null, remedy: null },
    ])
  })
})

describe('while it watches', () => {
  it('tells a radio switched on and off within milliseconds of the event', async () => {
    plugCard(1)
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      tree.write(`sys/devices/${phy}/rfkill0/soft`, '0\n')
      const sinceMs = performance.now()
      uevents.say(switchEvent(1))
      await context.until(() => context.facts.length === 2)
      expect((context.factTimesMs[1] ?? 0) - sinceMs).toBeLessThan(5_000)
      tree.write(`sys/devices/${phy}/rfkill0/hard`, '1\n')
      uevents.say(switchEvent(2))
      await context.until(() => context.facts.length === 3)
    })
    expect(story(context).slice(1)).toEqual([
      'changed present-at-start wifi 0000:02:00.0 blocked > on/phy',
      'changed present-at-start wifi 0000:02:00.0 on > blocked/rfkill-hard',
    ])
  })

  it('does not lose a radio that was open for less time than a look takes', async () => {
    plugCard(1)
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      uevents.say(switchEvent(1), switchEvent(0))
      await context.until(() => context.facts.length === 3)
    })
    expect(story(context).slice(1)).toEqual([
      'changed present-at-start wifi 0000:02:00.0 blocked > on/rfkill-event',
      'changed present-at-start wifi 0000:02:00.0 on > blocked/rfkill-soft',
    ])
  })

  it('does not lose a controller that was gone before it could be read', async () => {
    const context = new RecordingContext()
    const event = (ACTION: string) => ({
      ACTION,
      DEVPATH: '/devices/virtual/bluetooth/hci3',
      SUBSYSTEM: 'bluetooth',
      DEVTYPE: 'host',
    })
    await withSensor(sensor(), context, async () => {
      uevents.say(event('add'), event('remove'))
      await context.until(() => context.facts.length === 2)
    })
    expect(story(context)).toEqual([
      'found appeared bluetooth hci3 unknown/event-only',
      'gone appeared bluetooth hci3 unknown/event-only',
    ])
  })

  it('tells coming, gaining a node, going; and a re-plug in the same port as both', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      tree.usb(port, camera(5))
      uevents.say(usbEvent('add'))
      await context.until(() => context.facts.length === 1)
      tree.node('video4linux', `${port}/1-4:1.0/video4linux/video0`, { name: 'C270\n' })
      uevents.say({ ...usbEvent('add'), SUBSYSTEM: 'video4linux' })
      await context.until(() => context.facts.length === 2)
      tree.write('sys/bus/usb/devices/1-4/devnum', '6\n')
      uevents.say(usbEvent('remove'), usbEvent('add'))
      await context.until(() => context.facts.length === 4)
    })
    expect(story(context)).toEqual([
      'found appeared camera 1-4:1.0 unknown/driver-without-node',
      'changed appeared camera 1-4:1.0 unknown > on/video-node',
      'gone appeared camera 1-4:1.0 on/video-node',
      'found appeared camera 1-4:1.0 on/video-node',
    ])
  })

  it('answers hundreds of events with a few looks, and an interface renamed without end with none told', async () => {
    plugCard(0)
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      for (let index = 0; index < 300; index += 1) {
        tree.node('net', `${card}/net/w${index}`, { uevent: 'DEVTYPE=wlan\n' }, card)
        uevents.say({
          ...switchEvent(1),
          DEVPATH: `/devices/${card}/net/w${index}`,
          SUBSYSTEM: 'net',
          DEVTYPE: 'wlan',
        })
        tree.remove(`class/net/w${index}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    })
    expect(story(context)).toEqual(['found present-at-start wifi 0000:02:00.0 on/phy'])
  })

  it('finds by its sweep what no event told', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(30), context, async () => {
      plugCard(0)
      await context.until(() => context.facts.length >= 1)
    })
    expect(story(context)[0]).toContain('found appeared wifi 0000:02:00.0')
  })

  it('looks again at once where events were lost, and says so', async () => {
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      plugCard(0)
      uevents.overflow()
      await context.until(() => context.named('sensor.overflow').length === 1)
    })
    expect(context.named('sensor.overflow')[0]).toMatchObject({ sensor: 'hardware', changesFound: 1 })
    expect(story(context)).toEqual(['found appeared wifi 0000:02:00.0 on/phy'])
  })
})

describe('what it can vouch for', () => {
  it('is the sweep alone without the kernel’s events, and less still where they ended', async () => {
    uevents = new ScriptedUevents({ isListening: false, reason: 'no netlink', remedy: 'none' })
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => {
      uevents.fail('the socket broke')
      await context.until(() => context.covers.length === 2)
    })
    expect(context.covers.map(({ state, method, reason }) => [state, method, reason])).toEqual([
      ['fallback', 'sysfs-sweep', 'no netlink'],
      ['fallback', 'sysfs-sweep', 'the socket broke'],
    ])
  })

  it('is nothing without sysfs, and concludes nothing from that', async () => {
    plugCard(0)
    const context = new RecordingContext()
    await withSensor(sensor(40), context, async () => {
      tree.remove('bus')
      tree.remove('class')
      await context.until(() => context.covers.length === 2)
    })
    expect(context.covers[1]).toMatchObject({ state: 'not-watched' })
    expect(story(context)).toEqual(['found present-at-start wifi 0000:02:00.0 on/phy'])
  })

  it('names what could not be read', async () => {
    tree.write('sys/class/bluetooth', 'no folder')
    const context = new RecordingContext()
    await withSensor(sensor(), context, async () => undefined)
    expect(context.covers[0]).toMatchObject({
      state: 'watching',
      reason: 'not wholly read: class/bluetooth (ENOTDIR)',
    })
  })
})

it('runs on the real kernel beside its events and ends when it is told to', async () => {
  const poller = new LazyPoller()
  const kernel = new KernelUevents({ poller })
  const context = new RecordingContext()
  await withSensor(createHardwareSensor({ uevents: kernel }), context, async () => undefined)
  await kernel.close()
  await poller.close()
  expect(context.covers[0]?.state).toBe('watching')
  expect(context.facts.every((fact) => fact.kind === 'network.hardware')).toBe(true)
})
