import { describe, expect, it } from 'vitest'
import { parseNetlink } from '../../base/parse-netlink.ts'
import { parseLoggedPacket } from './parse-nflog.ts'

/** As Linux 6.18 told of them: a datagram over IPv4, one over IPv6, a frame of a packet socket. */
const recorded = {
  ipv4: '840000000004000000000000000000000200000708000100080003001d000a0073686f756b6f75206f7574676f696e672064726f7070656400000000080005000000000308000b000000000008000e000000000008000c00000000002600090045000022922d4000401194890a0900010a09000283d61e61000e143468656c6c6f0a0000',
  ipv6: '980000000004000000000000000000000a0000070800010086dd03001d000a0073686f756b6f75206f7574676f696e672064726f7070656400000000080005000000000308000b000000000008000e000000000008000c00000000013a00090060065209000e1140fd090000000000000000000000000001fd090000000000000000000000000002b0361e61000efa3568656c6c6f0a0000',
  frame:
    'c0000000000400000000000000000000050000070800010088b5010019000a0073686f756b6f75206672616d652070617373656400000000080005000000000314000300000000006b025d7600000000000f0d5908000b000000000008000e000000000008000c000000000212001500ffffffffffff02000000000188b5000040000900ffffffffffff02000000000188b561616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161',
}
const read = (bytes: Uint8Array) => parseNetlink(bytes).messages.map((message) => parseLoggedPacket(message))
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')

describe('parseLoggedPacket', () => {
  it('reads act, verdict, ends, interface, account and number', () => {
    expect(read(bytesOf(recorded.ipv4))).toEqual([
      {
        act: 'outgoing',
        isDropped: true,
        sequence: 0,
        inIndex: null,
        outIndex: 3,
        uid: 0,
        family: 'ipv4',
        protocol: 17,
        source: { address: '10.9.0.1', port: 33_750 },
        destination: { address: '10.9.0.2', port: 7_777 },
      },
    ])
    expect(read(bytesOf(recorded.ipv6))).toMatchObject([
      { sequence: 1, family: 'ipv6', protocol: 17, destination: { address: 'fd09::2', port: 7_777 } },
    ])
  })

  it('reads a frame that is no IP by its EtherType', () => {
    expect(read(bytesOf(recorded.frame))).toMatchObject([
      { act: 'frame', isDropped: false, family: 'other', protocol: 0x88b5, destination: null, outIndex: 3 },
    ])
  })

  it('takes nothing for its own that another rule has told', () => {
    const foreign = bytesOf(recorded.ipv4)
    foreign.write('xxxxxxx', foreign.indexOf('shoukou'), 'latin1')
    expect(read(foreign)).toEqual([null])
  })

  it('never throws, wherever a message was cut or a byte was changed', () => {
    for (const hex of Object.values(recorded)) {
      const whole = bytesOf(hex)
      for (let end = 0; end < whole.length; end += 1) expect(() => read(whole.subarray(0, end))).not.toThrow()
      for (let at = 0; at < whole.length; at += 1) {
        for (const value of [0, 1, 0x7f, 0xff]) {
          const bytes = Buffer.from(whole)
          bytes[at] = value
          expect(() => read(bytes)).not.toThrow()
        }
      }
    }
  })
})
