import { LIMITS } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { configurationDescriptor, deviceDescriptor, stickDescriptors } from '../testing/usb-descriptors.ts'
import { parseDescriptors } from './parse-descriptors.ts'

const storage = { number: 0, codes: [8, 6, 0x50], endpoints: 2 } as const

it('reads a stick', () => {
  const parsed = parseDescriptors(stickDescriptors(0x0951, 0x1666))
  expect(parsed.faults).toEqual([])
  expect(parsed.device).toMatchObject({
    vendorId: '0951',
    productId: '1666',
    deviceRelease: '0100',
    usbRelease: '0200',
  })
  expect(parsed.interfaces).toEqual([
    { configuration: 1, number: 0, alternate: 0, class: '08', subclass: '06', protocol: '50' },
  ])
})

it('reads every configuration and every alternate setting, the storage side hidden in the last included', () => {
  const bytes = Buffer.concat([
    deviceDescriptor(0x1d6b, 0x0104, 2),
    configurationDescriptor(1, [
      { number: 0, codes: [3, 1, 1], endpoints: 1 },
      { number: 1, codes: [0x0e, 1, 0] },
      { number: 1, alternate: 1, codes: [0x0e, 2, 0], endpoints: 1 },
    ]),
    configurationDescriptor(2, [
      { number: 0, codes: [3, 1, 1] },
      { ...storage, number: 1, alternate: 3 },
    ]),
  ])
  const parsed = parseDescriptors(bytes)
  expect(parsed.faults).toEqual([])
  expect(parsed.interfaces.map((one) => [one.configuration, one.number, one.alternate, one.class])).toEqual([
    [1, 0, 0, '03'],
    [1, 1, 0, '0e'],
    [1, 1, 1, '0e'],
    [2, 0, 0, '03'],
    [2, 1, 3, '08'],
  ])
})

describe('a device that lies', () => {
  it('does not hide an interface behind a total length that is too small or too large', () => {
    for (const total of [0, 5, 60_000]) {
      const bytes = stickDescriptors()
      bytes.writeUInt16LE(total, 18 + 2)
      const parsed = parseDescriptors(bytes)
      expect(parsed.interfaces.map((one) => one.class)).toEqual(['08'])
      expect(parsed.faults[0]).toContain(`claims ${total} bytes`)
    }
  })

  it('does not hide the second configuration behind a zero length in the first', () => {
    const first = configurationDescriptor(1, [{ number: 0, codes: [3, 1, 1], endpoints: 1 }])
    first[18] = 0
    const bytes = Buffer.concat([deviceDescriptor(1, 2, 2), first, configurationDescriptor(2, [storage])])
    const parsed = parseDescriptors(bytes)
    expect(parsed.interfaces.map((one) => one.class)).toEqual(['03', '08'])
    expect(parsed.faults).toContainEqual(expect.stringContaining('a descriptor of 0 bytes'))
  })

  it('is told so for wrong counts', () => {
    const bytes = Buffer.concat([deviceDescriptor(1, 2, 3), configurationDescriptor(1, [storage])])
    bytes[18 + 4] = 7
    expect(parseDescriptors(bytes).faults).toEqual([
      'configuration 1 claims 7 interfaces and gives 1',
      'the device claims 3 configurations and gives 1',
    ])
  })
})

describe('a device that two readers would see differently', () => {
  it('is told so for two interfaces of one name: the kernel takes the first', () => {
    const twice = [storage, { ...storage, codes: [3, 1, 1] as const }]
    const bytes = Buffer.concat([deviceDescriptor(1, 2, 1), configurationDescriptor(1, twice)])
    const parsed = parseDescriptors(bytes)
    expect(parsed.interfaces.map((one) => one.class)).toEqual(['08', '03'])
    expect(parsed.faults).toEqual(['interface 0 alternate 0 is there twice'])
  })

  it('is told so for two configurations of one value', () => {
    const one = configurationDescriptor(1, [storage])
    const parsed = parseDescriptors(Buffer.concat([deviceDescriptor(1, 2, 2), one, one]))
    expect(parsed.faults).toEqual(['configuration 1 is there twice'])
  })

  it('is told so beyond the interfaces that the kernel reads of one configuration', () => {
    const of = (count: number) =>
      configurationDescriptor(
        1,
        Array.from({ length: count }, (_, number) => ({ ...storage, number })),
      )
    const parse = (count: number) => parseDescriptors(Buffer.concat([deviceDescriptor(1, 2, 1), of(count)]))
    expect(parse(32).faults).toEqual([])
    expect(parse(33).faults).toEqual(['configuration 1 has 33 interfaces'])
  })

  it('is told so for a head that covers what follows it, and for a device within a configuration', () => {
    const bytes = stickDescriptors()
    bytes[18] = 9 + 9
    expect(parseDescriptors(bytes).faults).toContain('the head of configuration 1 claims 18 bytes')
    const nested = stickDescriptors()
    nested[18 + 9 + 9 + 1] = 1
    expect(parseDescriptors(nested).faults).toEqual(['a device descriptor stands within configuration 1'])
  })
})

it('takes what is cut off at any byte, says so, and still gives what was before', () => {
  const whole = stickDescriptors()
  for (let length = 0; length < whole.length; length += 1) {
    const parsed = parseDescriptors(whole.subarray(0, length))
    expect(parsed.faults.length, `${length} bytes`).toBeGreaterThan(0)
    expect(parsed.device === null).toBe(length < 18)
    expect(parsed.interfaces.length).toBe(length >= 18 + 9 + 9 ? 1 : 0)
  }
})

it('reads interfaces up to the limit of a fact and says when there are more', () => {
  const interfaces = Array.from({ length: LIMITS.usbInterfacesMax + 1 }, (_, index) => ({
    number: index % 32,
    alternate: Math.floor(index / 32),
    codes: [8, 6, 0x50] as const,
  }))
  const at = Buffer.concat([deviceDescriptor(1, 2, 1), configurationDescriptor(1, interfaces.slice(1))])
  expect(parseDescriptors(at).faults).toEqual([])
  const beyond = Buffer.concat([deviceDescriptor(1, 2, 1), configurationDescriptor(1, interfaces)])
  const parsed = parseDescriptors(beyond)
  expect(parsed.interfaces.length).toBe(LIMITS.usbInterfacesMax)
  expect(parsed.faults).toEqual([`more than ${LIMITS.usbInterfacesMax} interfaces`])
})

it('neither throws nor hangs nor exceeds a limit on 20,000 mangled inputs', () => {
  const random = seeded(20_261_121)
  for (let round = 0; round < 20_000; round += 1) {
    const bytes = mangled(random)
    const parsed = parseDescriptors(bytes)
    expect(parsed.interfaces.length).toBeLessThanOrEqual(LIMITS.usbInterfacesMax)
    expect(parsed.faults.length).toBeLessThanOrEqual(32)
    if (parsed.faults.some((fault) => fault.length > 200)) throw new Error('a fault is too long')
  }
})

function mangled(random: () => number): Buffer {
  if (random() < 0.3)
    return Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => random() * 256))
  const bytes = Buffer.concat([
    deviceDescriptor(1, 2, 2),
    configurationDescriptor(1, [storage, { number: 1, codes: [3, 1, 1], endpoints: 1 }]),
    configurationDescriptor(2, [storage]),
  ])
  for (let count = Math.floor(random() * 6); count >= 0; count -= 1) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  }
  return bytes.subarray(0, Math.floor(random() * (bytes.length + 1)))
}

/** mulberry32: the same row for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}
