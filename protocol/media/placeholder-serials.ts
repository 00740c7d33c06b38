/**
 * Serial numbers, and WWNs, that say nothing: makers that burn none, or the same one into every piece. Pure.
 *
 * Whoever takes such a number for an identity lets 10,000 sticks in with one. So the rules lean to "says nothing": a true
 * number that looks like one of these costs its medium a weight, and other things must identify it.
 */
import { bytesOfRawText, type RawText, rawTextKey, rawTextOf } from '../raw-text.ts'

/** Fewer signs than these, zeros at either end not counted, number the pieces of no maker. */
const significantMin = 4

/** Seen on more than one device, in lower case. What a rule below already finds is not listed. */
const KNOWN_PLACEHOLDERS: ReadonlySet<string> = new Set([
  // JMicron bridges.
  '152d00539000',
  // Sticks and bridges on an example of the controller's maker.
  'aa00000000000489',
  '000000009203',
  'abcdef',
  'abcdef012345',
  'abcdef0123456789',
  'abcdef0123456789ab',
  '0123456789abcdef0123456789abcdef',
  // Realtek card readers: the date of the firmware.
  '20090516388200000',
  '20100201396000000',
  '20120926571200000',
  '20121112761000000',
  // Words in the place of a number.
  'none',
  'null',
  'n/a',
  'unknown',
  'default',
  'default string',
  'default_string',
  'not specified',
  'not available',
  'no serial',
  'serial',
  'serial number',
  'serialnumber',
  'to be filled by o.e.m.',
  'usb disk',
  'mass storage',
  'msc',
])

const ascending = '0123456789abcdef'.repeat(4)
const decimal = '1234567890'.repeat(6)

/**
 * Returns a serial as it is compared: without the padding (spaces and NUL bytes, both ends) that readers leave or take
 * off. Null where nothing is left.
 */
export function trimmedSerial(serial: RawText): Uint8Array | null {
  const bytes = bytesOfRawText(serial)
  let start = 0
  let end = bytes.length
  while (start < end && isPadding(bytes[start])) start += 1
  while (end > start && isPadding(bytes[end - 1])) end -= 1
  return end > start ? bytes.subarray(start, end) : null
}

/** Returns the key by which serials are compared: padding aside, byte for byte; null where there is nothing else. */
export function serialKey(serial: RawText | null | undefined): string | null {
  const bytes = serial === null || serial === undefined ? null : trimmedSerial(serial)
  return bytes === null ? null : rawTextKey(rawTextOf(bytes))
}

/**
 * Reports whether a serial could be that of many devices: empty, zeros, counted from one, one sign repeated, a run of
 * digits, control bytes alone, an id that Windows generated (`&`), or one that begins with the maker's own number.
 *
 * `vendorId`: four lower-case hex digits, where the device has one.
 */
export function isPlaceholderSerial(serial: RawText, vendorId: string | null = null): boolean {
  const bytes = trimmedSerial(serial)
  if (bytes === null || !bytes.some((byte) => byte > 0x20 && byte !== 0x7f)) return true
  const text = latin1Of(bytes).toLowerCase()
  if (text.includes('&') || KNOWN_PLACEHOLDERS.has(text)) return true
  const plain = text.replace(/^(?:0x|naa|eui)/, '').replace(/[\s._:-]/g, '')
  if (plain.replace(/^0+|0+$/g, '').length < significantMin) return true
  if (new Set(plain).size === 1) return true
  if (ascending.includes(plain) || decimal.includes(plain)) return true
  // `058F63666433` of Alcor, `152D20337A0C` of JMicron: made of the chip's numbers, alike in every piece.
  return vendorId !== null && plain.length <= 12 && plain.startsWith(vendorId)
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0
}

function latin1Of(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes.subarray(0, 256)) text += String.fromCharCode(byte)
  return text
}
