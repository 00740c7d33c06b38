/** Whatever descriptors and names a device sends: a verdict in bounded time, and never a way in where anything is wrong. */
import { LIMITS, type RawText, rawTextOf, type UsbDevice } from '@shoukou/protocol'
import { type SeededRandom, seededRandom } from '@shoukou/protocol/fixtures/seeded-random.ts'
import { DEFAULT_POLICY_SETTINGS, type Policy } from '@shoukou/protocol/policy.ts'
import { describe, expect, it } from 'vitest'
import {
  configurationDescriptor,
  deviceDescriptor,
  type InterfaceSpec,
} from '../sensors/testing/usb-descriptors.ts'
import { parseDescriptors } from '../sensors/usb/parse-descriptors.ts'
import { decideUsbDevice } from './decide-usb.ts'

const seed = 20_261_121
const rounds = 20_000

const codes = [
  [3, 1, 1],
  [3, 1, 2],
  [3, 0, 0],
  [8, 6, 0x50],
  [8, 6, 0x62],
  [9, 0, 0],
  [2, 6, 0],
  [0x0a, 0, 0],
  [0xe0, 1, 3],
  [0xff, 0x42, 1],
  [7, 1, 2],
] as const

function honest(random: SeededRandom): Buffer {
  const count = 1 + random.int(3)
  const configurations = Array.from({ length: count }, (_, index) => {
    const interfaces: InterfaceSpec[] = Array.from({ length: 1 + random.int(4) }, (_unused, number) => ({
      number,
      codes: random.pick(codes),
      endpoints: random.int(3),
    }))
    return configurationDescriptor(index + 1, interfaces)
  })
  return Buffer.concat([deviceDescriptor(0x0951, 0x1666, count), ...configurations])
}

/** A thousand interfaces: as many as fit, under numbers and alternates of all kinds. */
function crowd(random: SeededRandom): Buffer {
  const numbers = random.pick([1, 32, 33, 250])
  const interfaces = Array.from({ length: 1_000 }, (_, index) => ({
    number: index % numbers,
    alternate: Math.floor(index / numbers) % 256,
    codes: random.pick(codes),
  }))
  return Buffer.concat([deviceDescriptor(1, 2, 1), configurationDescriptor(1, interfaces)])
}

/** Changes honest bytes in one of the ways of a device that lies. */
function lie(random: SeededRandom, from: Buffer): Buffer {
  const bytes = Buffer.from(from)
  const at = random.int(bytes.length)
  switch (random.int(8)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      bytes[at] = random.int(256)
      return bytes
    case 2:
      bytes.writeUInt16LE(random.pick([0, 1, 8, 9, 10, 0xffff, bytes.length]), 20)
      return bytes
    case 3:
      // A length of nothing: whoever adds it up stands still.
      bytes[random.pick([0, 18, 27, at])] = random.pick([0, 1, 2, 255])
      return bytes
    case 4:
      // A configuration, or the whole device, inside another.
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.pick([0, 18])), bytes.subarray(at)])
    case 5:
      return Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(Math.min(bytes.length, at + 1 + random.int(20))),
      ])
    case 6:
      bytes[17] = random.int(256)
      return bytes
    default:
      return Buffer.from(random.bytes(random.int(400)))
  }
}

/** Names as a device may send them: broken UTF-16 comes out of the kernel as bytes that are no UTF-8. */
function name(random: SeededRandom): RawText | null {
  const broken = [
    Buffer.from('\ud800x\udc00', 'utf16le'),
    Buffer.from([0xed, 0xa0, 0x80, 0xff, 0xfe]),
    Buffer.from('\u202egnp.exe\u0000\u001b[2J'),
    Buffer.alloc(0),
    Buffer.from(random.bytes(random.int(126))),
  ]
  return random.int(4) === 0 ? null : rawTextOf(random.pick(broken))
}

function deviceOf(bytes: Buffer, random: SeededRandom): UsbDevice {
  const parsed = parseDescriptors(bytes)
  return {
    path: random.pick(['1-1', '1-1.2']),
    bus: 1,
    device: 2,
    vendorId: parsed.device?.vendorId ?? '0000',
    productId: parsed.device?.productId ?? '0000',
    deviceRelease: null,
    deviceClass: parsed.device?.deviceClass ?? null,
    serial: name(random),
    manufacturer: name(random),
    product: name(random),
    speedMbps: 480,
    authorized: random.int(2) === 0,
    interfaces: [...parsed.interfaces],
    descriptors: bytes.toString('base64'),
    descriptorFaults: [...parsed.faults],
  }
}

/** The most that a policy can know: every device is approved and of the baseline. */
function generous(device: UsbDevice): Policy {
  const { path, vendorId, productId, serial } = device
  return {
    ...{ v: 1, agent: 'a', computer: 'c', version: 1, issuedAtMs: 1 },
    settings: {
      ...DEFAULT_POLICY_SETTINGS,
      approvedPeripherals: [{ vendorId, productId, serial: null, note: '' }],
    },
    baseline: { takenAtMs: 1, usb: [{ path, vendorId, productId, serial }], disks: [], interfaces: [] },
  }
}

function verdictOn(bytes: Buffer, random: SeededRandom) {
  const device = deviceOf(bytes, random)
  const verdict = decideUsbDevice({
    device,
    origin: random.pick(['appeared', 'present-at-start', 'baseline']),
    policy: generous(device),
    others: random.int(4) === 0 ? [device] : [],
    workingKeyboards: random.int(3),
  })
  return { device, verdict }
}

/** Counts interface descriptors as they stand one behind the other, by nothing but their lengths. */
function interfacesIn(bytes: Buffer): number {
  let count = 0
  for (let at = 18; at + 1 < bytes.length; at += Math.max(1, bytes[at] ?? 0))
    if (bytes[at + 1] === 4) count += 1
  return count
}

it('never lets a device in, nor examines it, where anything is wrong with its descriptors', () => {
  const random = seededRandom(seed)
  const seen = { whole: 0, faulty: 0, let: 0 }
  for (let round = 0; round < rounds; round += 1) {
    const base = round % 100 === 0 ? crowd(random) : honest(random)
    const bytes = random.int(4) === 0 ? base : lie(random, base)
    const { device, verdict } = verdictOn(bytes, random)
    const where = () => `seed ${seed}, round ${round}: ${bytes.toString('base64')}`
    const isWhole = device.descriptorFaults.length === 0 && device.interfaces.length > 0
    if (isWhole) seen.whole += 1
    else seen.faulty += 1
    if (verdict.verdict !== 'refuse') {
      seen.let += 1
      if (!isWhole) throw new Error(`let in: ${where()}`)
      // What was let in was seen in full: a second reader finds no interface that the first did not judge.
      if (interfacesIn(bytes) !== device.interfaces.length) throw new Error(`not seen in full: ${where()}`)
    } else if (!isWhole && verdict.rule !== 'malformed-descriptors') throw new Error(where())
    if (device.interfaces.length > LIMITS.usbInterfacesMax) throw new Error(where())
  }
  // Were all alike, nothing would have been tried.
  expect(seen.whole).toBeGreaterThan(rounds / 10)
  expect(seen.faulty).toBeGreaterThan(rounds / 10)
  expect(seen.let).toBeGreaterThan(rounds / 100)
}, 60_000)

describe('the largest that the kernel passes on is decided at once', () => {
  const whole = (fill: readonly number[]): Buffer =>
    Buffer.concat([
      deviceDescriptor(1, 2, 255),
      Buffer.alloc(LIMITS.descriptorBytesMax - 18, Buffer.from(fill)),
    ])
  it.each([
    ['nothing but configurations', [9, 2, 9, 0, 0, 1, 0, 0x80, 50]],
    ['configurations that claim everything', [9, 2, 0xff, 0xff, 0, 1, 0, 0x80, 50]],
    ['nothing but interfaces', [9, 4, 0, 0, 0, 8, 6, 0x50, 0]],
    ['descriptors of two bytes', [2, 5]],
    ['lengths of nothing', [0, 0]],
    ['half of a configuration’s head', [9, 2]],
    ['longest lengths', [255, 255]],
  ])('%s', (_, fill) => {
    const random = seededRandom(seed)
    const sinceMs = performance.now()
    const { verdict } = verdictOn(whole(fill), random)
    expect(performance.now() - sinceMs).toBeLessThan(3_000)
    expect(verdict).toMatchObject({ verdict: 'refuse', rule: 'malformed-descriptors' })
  })
})
