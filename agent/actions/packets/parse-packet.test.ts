import { describe, expect, it } from 'vitest'
import { parseFrame, parsePacket } from './parse-packet.ts'

const addresses = {
  ipv4: '0a0900010a090002',
  ipv6: `${'fd09'.padEnd(28, '0')}0001${'fd09'.padEnd(28, '0')}0002`,
}
const ports = '83d61e61'
const ipv4 = (fragment: string, protocol: string): Buffer =>
  Buffer.from(`450000220000${fragment}40${protocol}0000${addresses.ipv4}${ports}`, 'hex')
const ipv6 = (next: string, rest: string): Buffer =>
  Buffer.from(`600000000020${next}40${addresses.ipv6}${rest}`, 'hex')

describe('parsePacket', () => {
  it('finds the ports behind the options of IPv4', () => {
    const packet = Buffer.from(`460000220000400040060000${addresses.ipv4}00000000${ports}`, 'hex')
    expect(parsePacket(packet, 0x0800).destination).toEqual({ address: '10.9.0.2', port: 7_777 })
  })

  it('finds the protocol and the ports behind the extension headers of IPv6', () => {
    const hopByHop = '3c00000000000000'
    const options = '1101000000000000'.padEnd(32, '0')
    const packet = ipv6('00', `${hopByHop}${options}${ports}`)
    expect(parsePacket(packet, 0x86dd)).toMatchObject({ protocol: 17, destination: { port: 7_777 } })
  })

  it('takes no bytes from the middle of something for ports', () => {
    expect(parsePacket(ipv4('2000', '11'), 0x0800).destination?.port).toBe(7_777)
    expect(parsePacket(ipv4('00b9', '11'), 0x0800).destination?.port).toBe(null)
    expect(parsePacket(ipv6('2c', `1100000100000000${ports}`), 0x86dd).destination?.port).toBe(7_777)
    expect(parsePacket(ipv6('2c', `110000b900000000${ports}`), 0x86dd).destination?.port).toBe(null)
    expect(parsePacket(ipv4('0000', '01'), 0x0800).destination?.port).toBe(null)
  })

  it('says of a packet that is not what it says to be no more than its type', () => {
    const lie = { family: 'other', protocol: 0x0800, source: null, destination: null }
    expect(parsePacket(Buffer.from('45', 'hex'), 0x0800)).toEqual(lie)
    expect(parsePacket(ipv6('11', ports), 0x0800)).toEqual(lie)
  })
})

describe('parseFrame', () => {
  it('reads through VLAN tags', () => {
    const tagged = Buffer.concat([
      Buffer.from(`${'ff'.repeat(12)}88a8000a810000140800`, 'hex'),
      ipv4('0000', '06'),
    ])
    expect(parseFrame(tagged)).toMatchObject({ family: 'ipv4', protocol: 6, source: { address: '10.9.0.1' } })
  })

  it('never throws, wherever it ends', () => {
    const frame = Buffer.concat([
      Buffer.from(`${'ff'.repeat(12)}810000148100001486dd`, 'hex'),
      ipv6('00', '3c00'.repeat(20)),
    ])
    for (let end = 0; end <= frame.length; end += 1)
      expect(() => parseFrame(frame.subarray(0, end))).not.toThrow()
  })
})
