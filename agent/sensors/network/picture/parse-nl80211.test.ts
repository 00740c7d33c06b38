import { expect, it } from 'vitest'
import { parseJoinedNetwork, parseStation, parseWirelessInterface } from './parse-nl80211.ts'

// Laid out after linux/nl80211.h, attribute by attribute: length, type, value, padding.
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')
const station = hex(`
  0800 0300 05000000
  0a00 0400 776c616e3000 0000
  0800 0100 00000000
  0800 0500 02000000
  0c00 9900 0100000000000000
  0a00 0600 020000000100 0000
  0b00 3400 47756573742d35 00
  0800 2600 85090000`)
const bssOf = (status: string): Buffer =>
  hex(`
  0800 2e00 0a000000
  0800 0300 05000000
  4800 2f80
    0a00 0100 020000000000 0000
    0800 0200 85090000
    1700 0600 0007 47756573742d35 0108 82848b960c121824 00
    ${status}
    0800 0700 f8e2ffff
    0800 0a00 0c000000`)

it('reads a station: index, name, address, network, frequency', () => {
  expect(parseWirelessInterface(station)).toEqual({
    index: 5,
    name: 'wlan0',
    mac: '02:00:00:00:01:00',
    mode: 'station',
    ssid: 'Guest-5',
    frequencyMhz: 2_437,
  })
})

it('keeps an SSID that is no text as its bytes, and takes a hidden one for none', () => {
  const strange = Buffer.from(station)
  strange.set([0xff, 0x00, 0x1b, 0x5b, 0x32, 0x4a, 0x80], strange.indexOf('Guest-5'))
  expect(parseWirelessInterface(strange)?.ssid).toEqual({ b64: '/wAbWzJKgA==' })
  const hidden = Buffer.from(station)
  hidden.fill(0, hidden.indexOf('Guest-5'), hidden.indexOf('Guest-5') + 7)
  expect(parseWirelessInterface(hidden)?.ssid).toBeNull()
})

it('names an access point and every mode that it does not know', () => {
  const mode = (value: number): string | undefined => {
    const bytes = Buffer.from(station)
    bytes.writeUInt32LE(value, 8 + 12 + 8 + 4)
    return parseWirelessInterface(bytes)?.mode
  }
  expect([3, 6, 9, 99].map(mode)).toEqual(['ap', 'monitor', 'p2p-go', 'unspecified'])
})

it('says null of a radio without an interface of the network', () => {
  expect(parseWirelessInterface(hex('0800 0100 00000000 0800 0500 0a000000'))).toBeNull()
  expect(parseWirelessInterface(Buffer.alloc(0))).toBeNull()
})

it('reads the network that it is joined to out of the scan results, and no other', () => {
  const joined = { bssid: '02:00:00:00:00:00', ssid: 'Guest-5', frequencyMhz: 2_437 }
  expect(parseJoinedNetwork(bssOf('0800 0900 01000000'))).toEqual(joined)
  expect(parseJoinedNetwork(bssOf('0800 0900 02000000'))).toEqual(joined)
  expect(parseJoinedNetwork(bssOf('0800 0900 00000000'))).toBeNull()
  expect(parseJoinedNetwork(bssOf('0800 0d00 01000000'))).toBeNull()
})

it('never throws where bytes are cut off', () => {
  const whole = bssOf('0800 0900 01000000')
  for (let length = 0; length < whole.length; length += 1) {
    expect(parseJoinedNetwork(whole.subarray(0, length))).toBeNull()
    expect(() => parseWirelessInterface(station.subarray(0, length))).not.toThrow()
  }
})

it('reads who is joined to an access point', () => {
  expect(parseStation(hex('0800 0300 05000000 0a00 0600 020000000200 0000 0800 2e00 01000000'))).toBe(
    '02:00:00:00:02:00',
  )
  expect(parseStation(hex('0900 0600 0200000002 000000'))).toBeNull()
})
