import { expect, it } from 'vitest'
import { parsePcap } from './packet-tap.ts'

/** A pcap file as QEMU 7.2 writes one: its head, and frames of which the last may be cut short. */
function pcap(frames: readonly string[], cutBytes = 0): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(0xa1b2c3d4, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(256, 16)
  head.writeUInt32LE(1, 20)
  const parts = frames.map((hex) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    const lengths = Buffer.alloc(16)
    lengths.writeUInt32LE(bytes.length, 8)
    lengths.writeUInt32LE(bytes.length, 12)
    return Buffer.concat([lengths, bytes])
  })
  const whole = Buffer.concat([head, ...parts])
  return whole.subarray(0, whole.length - cutBytes)
}

const ETHERNET = 'ffffffffffff 5254004c4142'
const UDP4 = `${ETHERNET} 0800 45000020000100004011 0000 0a00020f 08080808 d431 0035 000c 0000 73686f75`
const TCP6 = `${ETHERNET} 86dd 60000000 0014 06 40 20010db8000100000000000000000015 26001901000000000000000000000001 d431 01bb 000000010000000050020000 00000000`
const ARP = `${ETHERNET} 0806 0001080006040001`

it('reads addresses, protocol and ports of both families, and leaves other frames out', () => {
  expect(parsePcap(pcap([UDP4, ARP, TCP6]))).toMatchObject([
    { source: '10.0.2.15', destination: '8.8.8.8', protocol: 17, sourcePort: 54_321, destinationPort: 53 },
    { destination: '2600:1901:0:0:0:0:0:1', protocol: 6, destinationPort: 443 },
  ])
})

it('reads what is whole of a file that is still written', () => {
  expect(parsePcap(pcap([UDP4, UDP4], 3))).toHaveLength(1)
  expect(parsePcap(Buffer.alloc(0))).toEqual([])
})

it('does not take another file for one', () => {
  expect(() => parsePcap(Buffer.alloc(64))).toThrow('not a little-endian pcap file')
})
