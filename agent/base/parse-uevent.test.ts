import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseUevent } from './parse-uevent.ts'

const recorded = JSON.parse(readFileSync(new URL('fixtures/uevents-6.18.json', import.meta.url), 'utf8')) as {
  datagrams: string[]
}
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')

it('reads events that a kernel sent', () => {
  const events = recorded.datagrams.map((text) => parseUevent(bytesOf(text)))
  expect(events.map((event) => [event?.action, event?.subsystem, event?.devtype, event?.seqnum])).toEqual([
    ['add', 'mem', null, 871],
    ['change', 'block', 'disk', 872],
    ['change', 'block', 'disk', 873],
    ['change', 'block', 'disk', 874],
  ])
  expect(events[3]?.fields.get('DISK_MEDIA_CHANGE')).toBe('1')
})

it('keeps every byte that a device put into a field', () => {
  const name = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1))
  const event = parseUevent(
    Buffer.concat([bytesOf('add@/d\0ACTION=add\0DEVPATH=/d\0SUBSYSTEM=input\0NAME='), name, Buffer.alloc(1)]),
  )
  expect(Buffer.from(event?.fields.get('NAME') ?? '', 'latin1')).toEqual(name)
})

it('takes for no event what udev sends, what lacks a field and what contradicts its own header', () => {
  expect(parseUevent(bytesOf('libudev\0\xfe\xed\xca\xfe'))).toBeNull()
  expect(parseUevent(bytesOf('add@/d\0ACTION=add\0DEVPATH=/d\0'))).toBeNull()
  expect(parseUevent(bytesOf('add@/d\0ACTION=remove\0DEVPATH=/d\0SUBSYSTEM=usb\0'))).toBeNull()
  expect(parseUevent(Buffer.alloc(0))).toBeNull()
  expect(parseUevent(Buffer.alloc(5_000, 0xff))).toBeNull()
})
