import type { UsbDevice } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { configurationDescriptor, deviceDescriptor } from '../sensors/testing/usb-descriptors.ts'
import { parseDescriptors } from '../sensors/usb/parse-descriptors.ts'
import {
  NO_PORT_STORIES,
  type PortEvent,
  type PortStories,
  STORY_GAP_MS_MAX,
  STORY_PORTS_MAX,
  stepPortStories,
} from './port-stories.ts'

function deviceOf(
  id: string,
  codes: readonly (readonly [number, number, number])[],
  path = '1-1.1',
): UsbDevice {
  const [vendorId = '', productId = ''] = id.split(':')
  const interfaces = codes.map((each, number) => ({ number, codes: each }))
  const bytes = Buffer.concat([
    deviceDescriptor(Number.parseInt(vendorId, 16), Number.parseInt(productId, 16), 1),
    configurationDescriptor(1, interfaces),
  ])
  const parsed = parseDescriptors(bytes)
  const texts = { serial: null, manufacturer: null, product: 'HUAWEI Mobile' }
  return {
    ...{ path, bus: 1, device: 5, vendorId, productId, deviceRelease: '0102', deviceClass: '00', ...texts },
    ...{ speedMbps: 480, authorized: false, interfaces: [...parsed.interfaces], descriptorFaults: [] },
    descriptors: bytes.toString('base64'),
  }
}

const discOnStick = deviceOf('12d1:1f01', [[8, 6, 0x50]])
const modem = deviceOf('12d1:14dc', [
  [2, 6, 0],
  [0x0a, 0, 0],
])

function tell(events: readonly PortEvent[]) {
  let state: PortStories = NO_PORT_STORIES
  return events.flatMap((event) => {
    const step = stepPortStories(state, event)
    state = step.state
    return step.facts
  })
}
const left = (device: UsbDevice, atMs: number): PortEvent => ({ kind: 'detached', device, atMs })
const came = (device: UsbDevice, atMs: number): PortEvent => ({ kind: 'attached', device, atMs })

it('tells that storage became a network adapter on one port as one story, both sides named', () => {
  expect(tell([came(discOnStick, 0), left(discOnStick, 3_000), came(modem, 5_500.4)])).toEqual(
    [
      {
        kind: 're-enumerated',
        port: '1-1.1',
        before: {
          vendorId: '12d1',
          productId: '1f01',
          product: 'HUAWEI Mobile',
          functions: ['storage-bulk-only'],
        },
        after: {
          vendorId: '12d1',
          productId: '14dc',
          product: 'HUAWEI Mobile',
          functions: ['cdc-data', 'network'],
        },
        gapMs: 2_500,
      },
    ].map((fact) => ({ ...fact, kind: 'usb.re-enumerated' })),
  )
})

it('joins within ten seconds and no longer', () => {
  const story = (gapMs: number) => tell([left(discOnStick, 0), came(modem, gapMs)])
  expect(story(STORY_GAP_MS_MAX)).toHaveLength(1)
  expect(story(STORY_GAP_MS_MAX + 1)).toHaveLength(0)
})

it('tells nothing of a device that comes back as it was, and a story where only its functions or serial changed', () => {
  expect(tell([left(modem, 0), came({ ...modem, device: 6 }, 200)])).toEqual([])
  expect(tell([left(modem, 0), came({ ...modem, serial: 'B' }, 200)])).toHaveLength(1)
  const turned = { ...deviceOf('12d1:14dc', [[3, 1, 1]]) }
  expect(tell([left(modem, 0), came(turned, 200)])).toHaveLength(1)
  const unread = { ...modem, descriptors: null, interfaces: [] }
  expect(tell([left(unread, 0), came(modem, 200)])).toEqual([])
})

it('keeps ports apart, and tells each change of a device that changes twice', () => {
  const elsewhere = { ...modem, path: '1-2' }
  expect(tell([left(discOnStick, 0), came(elsewhere, 100)])).toEqual([])
  const typing = deviceOf('12d1:15ca', [[3, 1, 1]])
  const story = tell([left(discOnStick, 0), came(modem, 100), left(modem, 200), came(typing, 300)])
  expect(story.map(({ after }) => after.functions)).toEqual([['cdc-data', 'network'], ['keyboard']])
})

it('tells a departure once: two arrivals on one port make one story', () => {
  expect(tell([left(discOnStick, 0), came(modem, 100), came(modem, 200)])).toHaveLength(1)
})

it('forgets the oldest departure beyond its limit', () => {
  const many = Array.from({ length: STORY_PORTS_MAX + 1 }, (_, index) =>
    left({ ...discOnStick, path: `1-${index}` }, 0),
  )
  expect(tell([...many, came({ ...modem, path: '1-0' }, 1)])).toEqual([])
  expect(tell([...many, came({ ...modem, path: '1-1' }, 1)])).toHaveLength(1)
})
