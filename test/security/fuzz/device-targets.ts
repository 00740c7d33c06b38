/** What a device, a medium or a radio reaches: descriptors, SCSI answers, partition tables, file systems, seals, beacons. */
import { readFileSync } from 'node:fs'
import { PassportSchema, parseChallenge, readSealBytes } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { parseStatusWrapper } from '../../../agent/examination/bulk-only.ts'
import { findBulkOnlyInterfaces } from '../../../agent/examination/bulk-only-interface.ts'
import { examineMedium } from '../../../agent/examination/examine-medium.ts'
import { mediumOf, readExpected, readImage } from '../../../agent/examination/fixtures/image.ts'
import { sealForTests } from '../../../agent/examination/fixtures/seal.ts'
import {
  parseCapacity10,
  parseCapacity16,
  parseDesignator,
  parseInquiry,
  parsePageList,
  parseSense,
  parseUnitSerial,
} from '../../../agent/examination/scsi-commands.ts'
import {
  parseJoinedNetwork,
  parseStation,
  parseWirelessInterface,
} from '../../../agent/sensors/network/picture/parse-nl80211.ts'
import { parseDescriptors } from '../../../agent/sensors/usb/parse-descriptors.ts'
import type { FuzzTarget } from './run-target.ts'

const usb = JSON.parse(
  readFileSync(new URL('../../../agent/sensors/usb/fixtures/qemu-6.1.json', import.meta.url), 'utf8'),
) as { stickDescriptors: string }
const descriptors = [
  Buffer.from(usb.stickDescriptors, /^[0-9a-f]+$/.test(usb.stickDescriptors) ? 'hex' : 'base64'),
]
const passportCheck = Compile(PassportSchema)
/** The beginnings of recorded media: where tables and superblocks stand, and small enough to be read often. */
const media = [...readExpected().keys()].map((name) => readImage(name).subarray(0, 72_704))
const inquiry = Buffer.concat([
  Buffer.from([0, 0x80, 6, 2, 31, 0, 0, 0]),
  Buffer.from('Kingston'),
  Buffer.from('DataTraveler 3.0PMAP'),
])
const nl80211 = [
  Buffer.from('0500010000000000080005000200000008000300070000000b003400534849502d41500000', 'hex'),
  Buffer.from(
    '2e002f800a000100021a11fb9c01000008000200850900001400060000074f666669636520ff0104828496',
    'hex',
  ),
]

export const DEVICE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'USB descriptors',
    reach: 'device',
    corpus: descriptors,
    takesAll: true,
    parse: (bytes) => [parseDescriptors(bytes), findBulkOnlyInterfaces(bytes)],
  },
  {
    name: 'answers of SCSI devices',
    reach: 'device',
    corpus: [
      inquiry,
      Buffer.from('70000600000000000a00000000290000000000', 'hex'),
      Buffer.from('00ee7fff00000200', 'hex'),
      Buffer.from('0000000000ee7fff000002000000000000000000000000000000000000000000', 'hex'),
      Buffer.from('0083000c0103000850014ee2deadbeef', 'hex'),
      Buffer.from('00800008313233343536373800', 'hex'),
      Buffer.from('5553425307000000000000000000', 'hex'),
    ],
    takesAll: true,
    parse: (bytes) => [
      parseInquiry(bytes),
      parsePageList(bytes),
      parseUnitSerial(bytes),
      parseDesignator(bytes),
      parseCapacity10(bytes),
      parseCapacity16(bytes),
      parseSense(bytes),
      parseStatusWrapper(bytes, { tag: 7, dataBytes: 36 }),
    ],
  },
  {
    name: 'partition tables and file systems',
    reach: 'medium',
    corpus: media,
    bytesMax: 73_728,
    takesAll: true,
    parse: async (bytes) => {
      const whole = bytes.length - (bytes.length % 512)
      const { passport, reads } = await examineMedium(mediumOf(bytes.subarray(0, whole)), {
        bus: 'usb',
        usb: null,
      })
      return { passport, reads }
    },
    holds: (value) => {
      if (!passportCheck.Check((value as { passport: unknown }).passport))
        throw new Error('the passport is not one that the protocol takes')
    },
  },
  {
    name: 'seals on media',
    reach: 'medium',
    corpus: [sealForTests],
    parse: (bytes) => readSealBytes(bytes),
    isRefusal: (value) => (value as { kind: string }).kind !== 'found',
  },
  {
    name: 'challenges that are read out',
    reach: 'import',
    corpus: [Buffer.from('1234-5678-9012-3456'), Buffer.from('0012345678901234567890')],
    parse: (bytes) => parseChallenge(bytes.toString('utf8')),
    isRefusal: (value) => value === null,
    takesAll: true,
  },
  {
    name: 'radio networks, as the kernel has them',
    reach: 'radio',
    corpus: nl80211,
    takesAll: true,
    parse: (bytes) => [parseWirelessInterface(bytes), parseJoinedNetwork(bytes), parseStation(bytes)],
  },
]
