import { describe, expect, it } from 'vitest'
import { seededRandom } from '../fixtures/seeded-random.ts'
import {
  contains,
  covers,
  formatAddress,
  formatPrefix,
  fromBytes,
  kindOf,
  parseAddress,
  parsePrefix,
} from './addresses.ts'

const address = (text: string) => {
  const parsed = parseAddress(text)
  if (parsed === null) throw new Error(`${text} is no address`)
  return parsed
}
const prefix = (text: string) => {
  const parsed = parsePrefix(text)
  if (parsed === null) throw new Error(`${text} is no prefix`)
  return parsed
}

describe('an address', () => {
  it.each(['0.0.0.0', '10.1.2.3', '255.255.255.255', '::', '::1', 'fe80::1', '2001:db8::8:800:200c:417a'])(
    'is written as it is read: %s',
    (text) => expect(formatAddress(address(text))).toBe(text),
  )

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '0x7f.0.0.1',
    '127.1',
    '1.2.3.4 ',
    ' ::1',
    '::1%eth0',
    ':::',
    '1::2::3',
    '12345::',
    'fe80',
    'g::1',
    '[::1]',
    '1.2.3.4/8',
    `${'1:'.repeat(40)}1`,
  ])('is refused where it is not one: %j', (text) => expect(parseAddress(text)).toBeNull())

  it('of IPv4 in the clothes of IPv6 is the IPv4 address that the kernel speaks to', () => {
    expect(address('::ffff:8.8.8.8')).toEqual(address('8.8.8.8'))
    expect(kindOf(address('::ffff:10.0.0.1'))).toBe('private')
    expect(address('::8.8.8.8').family).toBe('ipv6')
    expect(address('64:ff9b::8.8.8.8')).toEqual(address('64:ff9b::808:808'))
  })

  it('comes back from its bytes, whatever they are', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 2_000; round += 1) {
      const bytes = Array.from({ length: round % 2 === 0 ? 4 : 16 }, () =>
        random.int(10) < 4 ? 0 : random.int(256),
      )
      const made = fromBytes(bytes)
      expect(parseAddress(formatAddress(made)), formatAddress(made)).toEqual(made)
    }
    expect(() => fromBytes([1, 2, 3])).toThrow(RangeError)
  })

  it.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['172.15.255.255', 'public'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12::1', 'private'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['127.1.2.3', 'loopback'],
    ['224.0.0.251', 'link-multicast'],
    ['239.1.1.1', 'multicast'],
    ['239.255.255.250', 'link-multicast'],
    ['ff02::fb', 'link-multicast'],
    ['ff05::2', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['192.0.2.7', 'special'],
    ['2001:db8::1', 'special'],
    ['198.18.3.4', 'special'],
  ])('%s is %s', (text, kind) => expect(kindOf(address(text))).toBe(kind))
})

describe('a prefix', () => {
  it('loses the bits beyond its length', () => {
    expect(formatPrefix(prefix('10.1.2.3/16'))).toBe('10.1.0.0/16')
    expect(formatPrefix(prefix('2001:db8::1/33'))).toBe('2001:db8::/33')
    expect(formatPrefix(prefix('::ffff:10.1.2.3/104'))).toBe('10.0.0.0/8')
  })

  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '/8',
    '::/129',
    '::ffff:10.0.0.0/95',
    '10.0.0.0/8/8',
    '10.0.0.0/1e1',
  ])('is refused where it is not one: %s', (text) => expect(parsePrefix(text)).toBeNull())

  it('holds what lies in it, at every length', () => {
    const whole = address('172.31.5.9')
    for (let length = 0; length <= 32; length += 1) {
      const around = prefix(`172.31.5.9/${length}`)
      expect(contains(around, whole)).toBe(true)
      expect(covers(around, prefix('172.31.5.9/32'))).toBe(true)
      if (length === 0) continue
      const bit = length - 1
      const other = fromBytes(
        whole.bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (0x80 >> (bit & 7)) : byte)),
      )
      expect(contains(around, other), `${formatAddress(other)} in /${length}`).toBe(false)
    }
    expect(contains(prefix('0.0.0.0/0'), address('::1'))).toBe(false)
    expect(covers(prefix('10.1.0.0/16'), prefix('10.0.0.0/8'))).toBe(false)
  })
})
