/** What a USB interface is, in words, from its class, subclass and protocol (USB-IF defined class codes): pure. */
import type { UsbInterface } from '@shoukou/protocol/events/shapes.ts'

export const usbClassNames = [
  'audio',
  'communication',
  'keyboard',
  'mouse',
  'hid',
  'physical',
  'image',
  'printer',
  'storage-bulk',
  'storage-uas',
  'storage',
  'hub',
  'data',
  'smart-card',
  'video',
  'av',
  'billboard',
  'diagnostic',
  'bluetooth',
  'rndis',
  'wireless',
  'firmware',
  'irda',
  'ethernet',
  'modem',
  'adb',
  'vendor',
  'composite',
  'unknown',
] as const
export type UsbClassName = (typeof usbClassNames)[number]

// The most precise first: class:subclass:protocol, then class:subclass, then class.
const names: ReadonlyMap<string, UsbClassName> = new Map([
  ['01', 'audio'],
  ['02:06', 'ethernet'],
  ['02:0d', 'ethernet'],
  ['02:0e', 'ethernet'],
  ['02:02:ff', 'rndis'],
  ['02:02', 'modem'],
  ['02', 'communication'],
  ['03:01:01', 'keyboard'],
  ['03:01:02', 'mouse'],
  ['03', 'hid'],
  ['05', 'physical'],
  ['06', 'image'],
  ['07', 'printer'],
  ['08:06:50', 'storage-bulk'],
  ['08:06:62', 'storage-uas'],
  ['08', 'storage'],
  ['09', 'hub'],
  ['0a', 'data'],
  ['0b', 'smart-card'],
  ['0e', 'video'],
  ['10', 'av'],
  ['11', 'billboard'],
  ['dc', 'diagnostic'],
  ['e0:01:01', 'bluetooth'],
  ['e0:01:03', 'rndis'],
  ['e0', 'wireless'],
  ['ef:01:01', 'rndis'],
  ['ef:02:01', 'composite'],
  ['fe:01', 'firmware'],
  ['fe:02', 'irda'],
  ['ff:42:01', 'adb'],
  ['ff', 'vendor'],
])

/** Returns the name of an interface's function; a code that no table has is `unknown`. */
export function usbClassName(one: Pick<UsbInterface, 'class' | 'subclass' | 'protocol'>): UsbClassName {
  return (
    names.get(`${one.class}:${one.subclass}:${one.protocol}`) ??
    names.get(`${one.class}:${one.subclass}`) ??
    names.get(one.class) ??
    'unknown'
  )
}
