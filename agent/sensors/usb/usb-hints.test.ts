import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseUevent, type Uevent } from '../../base/parse-uevent.ts'
import { blockHintsOf } from '../media/block-hints.ts'
import { parseDescriptors } from './parse-descriptors.ts'
import { usbHintsOf, usbPlaceOf } from './usb-hints.ts'
import { isDevicePath } from './usb-keys.ts'

const recorded = JSON.parse(readFileSync(new URL('fixtures/qemu-6.1.json', import.meta.url), 'utf8')) as {
  uevents: string[]
  stickDescriptors: string
}
const events = recorded.uevents.map((text) => parseUevent(Buffer.from(text, 'latin1')) as Uevent)
const timed = events.map((event) => ({ event, atMs: 0 }))

it('reads from what a kernel sent who came and went, in order, with VID, PID and interfaces', () => {
  const story = usbHintsOf(timed).map(({ action, instance, thing }) => {
    const classes = thing?.interfaces.map((one) => one.class + one.subclass + one.protocol).join(' ')
    return `${action} ${instance} ${thing?.vendorId}:${thing?.productId} ${classes}`.trim()
  })
  expect(story).toEqual([
    'add 2-1#2:2 46f4:0001 080650',
    'remove 2-1#2:2 46f4:0001',
    'add 1-2#1:2 46f4:0004 060101',
    'add 1-3#1:3 0525:a4a2 020600 0a0000',
    'add 1-4#1:4 0627:0001 030101',
    'remove 1-2#1:2 46f4:0004',
    'remove 1-3#1:3 0525:a4a2',
    'remove 1-4#1:4 0627:0001',
  ])
})

it('reads from the same row the disk and the stick that it belongs to', () => {
  const hints = blockHintsOf(timed)
  expect(
    hints.map(({ action, place, thing }) => [action, place, thing?.device.bus, thing?.device.usbPath]),
  ).toEqual([
    ['add', 'sda', 'usb', '2-1'],
    ['remove', 'sda', 'usb', '2-1'],
  ])
})

it('reads the descriptors of that stick', () => {
  const parsed = parseDescriptors(Buffer.from(recorded.stickDescriptors, 'base64'))
  expect(parsed.faults).toEqual([])
  expect(parsed.device).toMatchObject({ vendorId: '46f4', productId: '0001' })
  expect(parsed.interfaces).toEqual([
    { configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '50' },
  ])
})

it('takes no event of a root hub, of another subsystem or of a strange path for a device', () => {
  const base = events[0] as Uevent
  expect(usbPlaceOf({ ...base, devpath: '/devices/pci0000:00/0000:00:07.0/usb2' })).toBeNull()
  expect(usbPlaceOf({ ...base, subsystem: 'hid' })).toBeNull()
  expect(usbPlaceOf({ ...base, devpath: '' })).toBeNull()
  expect(['1-1', '12-3.4.5', 'usb1', '1-1:1.0', '1-', '../1-1', '1-0:1.0'].map(isDevicePath)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ])
})
