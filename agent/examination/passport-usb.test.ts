import type { UsbDevice } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { findBulkOnlyInterfaces } from './bulk-only-interface.ts'
import { usbPassportOf } from './passport-usb.ts'

/** Device, one configuration, one interface 08:06:50 with endpoints 81 and 02; alternate setting 1 is UAS. */
const stick = Buffer.from(
  '1201000200000040f4460100010001020301' +
    '0902370001010480fa' +
    '0904000002080650050705810200020007050202000200' +
    '09040001020806620607058102000200' +
    '07050202000200',
  'hex',
)

const device: UsbDevice = {
  path: '1-1',
  bus: 1,
  device: 5,
  vendorId: '46f4',
  productId: '0001',
  deviceRelease: '0100',
  deviceClass: '00',
  serial: 'S',
  manufacturer: { b64: '/w==' },
  product: null,
  speedMbps: 480,
  authorized: false,
  interfaces: [],
  descriptors: stick.toString('base64'),
  descriptorFaults: [],
}

describe('what a passport keeps of a USB device', () => {
  it('is its identity and a hash that does not follow the port', () => {
    const usb = usbPassportOf(device)
    expect(usb).toMatchObject({
      vendorId: '46f4',
      release: '0100',
      manufacturer: { b64: '/w==' },
      product: null,
    })
    expect(usb.descriptorHash).toMatch(/^[0-9a-f]{64}$/)
    const elsewhere = Buffer.from(stick)
    // bcdUSB and bMaxPower.
    elsewhere.writeUInt16LE(0x0320, 2)
    elsewhere[18 + 8] = 0x70
    const hashOf = (bytes: Buffer) =>
      usbPassportOf({ ...device, descriptors: bytes.toString('base64') }).descriptorHash
    expect(hashOf(elsewhere)).toBe(usb.descriptorHash)
    elsewhere[18 + 9 + 5] = 3
    expect(hashOf(elsewhere)).not.toBe(usb.descriptorHash)
  })

  it('has no hash where descriptors are not there or lie', () => {
    expect(usbPassportOf({ ...device, descriptors: null }).descriptorHash).toBeNull()
    expect(
      usbPassportOf({ ...device, descriptors: stick.subarray(0, 30).toString('base64') }).descriptorHash,
    ).toBeNull()
  })
})

describe('the storage side that the airlock can speak to', () => {
  it('is bulk-only SCSI in alternate setting 0, with an endpoint each way', () => {
    expect(findBulkOnlyInterfaces(stick)).toEqual([
      { configuration: 1, number: 0, endpointIn: 0x81, endpointOut: 0x02 },
    ])
    const changed = (at: number, byte: number) => {
      const other = Buffer.from(stick)
      other[at] = byte
      return findBulkOnlyInterfaces(other)
    }
    const alternate = 27 + 3
    expect(changed(alternate, 1)).toEqual([])
    expect(changed(27 + 7, 0x62)).toEqual([])
    // Both endpoints towards the host.
    expect(changed(27 + 9 + 7 + 2, 0x82)).toEqual([])
    expect(findBulkOnlyInterfaces(Buffer.alloc(0))).toEqual([])
    // A second storage side, of whatever kind: one that is not looked at would be bound as well.
    const second = Buffer.from('0904010000080250ff', 'hex')
    expect(findBulkOnlyInterfaces(Buffer.concat([stick, second]))).toEqual([])
  })
})
