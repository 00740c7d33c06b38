import { describe, expect, it } from 'vitest'
import { parseNetlink } from '../../base/parse-netlink.ts'
import { parseNewFlow } from './parse-conntrack.ts'

/** As Linux 6.18 told of them: a datagram over IPv4, a TCP connection over IPv6. */
const recorded = {
  udp: '94000000000100060000000000000000020000003400018014000180080001007f000001080002007f0000011c0002800500010011000000060002009c5b000006000300006300003400028014000180080001007f000001080002007f0000011c00028005000100110000000600020000630000060003009c5b000008000c00e3c556590800030000000008080007000000001e',
  tcp: 'f40000000001000600000000000000000a0000004c0001802c000180140003000000000000000000000000000000000114000400000000000000000000000000000000011c000280050001000600000006000200d362000006000300006300004c0002802c000180140003000000000000000000000000000000000114000400000000000000000000000000000000011c0002800500010006000000060002000063000006000300d362000008000c006b8c309208000300000000080800070000000078300004802c0001800500010001000000050002000a000000050003000000000006000400030000000600050000000000',
}
const read = (bytes: Uint8Array) => parseNetlink(bytes).messages.map((message) => parseNewFlow(message))

describe('parseNewFlow', () => {
  it('reads the two ends of a flow as its first packet had them', () => {
    expect(read(Buffer.from(recorded.udp, 'hex'))).toEqual([
      {
        family: 'ipv4',
        protocol: 17,
        source: { address: '127.0.0.1', port: 40_027 },
        destination: { address: '127.0.0.1', port: 99 },
      },
    ])
    expect(read(Buffer.from(recorded.tcp, 'hex'))).toMatchObject([
      { family: 'ipv6', protocol: 6, source: { address: '::1' }, destination: { address: '::1', port: 99 } },
    ])
  })

  it('never throws, wherever a message was cut or a byte was changed', () => {
    for (const hex of Object.values(recorded)) {
      const whole = Buffer.from(hex, 'hex')
      for (let end = 0; end < whole.length; end += 1) expect(() => read(whole.subarray(0, end))).not.toThrow()
      for (let at = 0; at < whole.length; at += 1) {
        const bytes = Buffer.from(whole)
        bytes[at] = 0xff
        expect(() => read(bytes)).not.toThrow()
      }
    }
  })
})
