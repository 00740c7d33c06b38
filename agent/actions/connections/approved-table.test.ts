import {
  type Address,
  type Destination,
  formatAddress,
  fromBytes,
  judgeDestination,
  parsePrefix,
  type ShoukouError,
} from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import {
  type ApprovedTable,
  approvedEntriesMax,
  compileDestinations,
  encodeApprovedKey,
  encodeSpans,
  portProtocols,
  spansMax,
} from './approved-table.ts'
import { randomAsker, randomDestinations } from './testing/random-destinations.ts'

/** What the kernel does with the table: both families in one tree, the longest prefix alone. */
function look(table: ApprovedTable, to: { address: Address; port: number; protocol: number }): boolean {
  const asked = encodeApprovedKey({ ...to.address, length: to.address.bytes.length * 8 })
  const holds = (key: Buffer): boolean => {
    const bits = (bytes: Buffer) =>
      BigInt(`0x${bytes.toString('hex', 4)}`) >> BigInt(128 - key.readUInt32LE(0))
    return bits(key) === bits(asked)
  }
  const found = [...table.ipv4, ...table.ipv6]
    .map((entry) => ({ ...entry, key: encodeApprovedKey(entry.prefix) }))
    .filter(({ key }) => holds(key))
    .sort((a, b) => b.key.readUInt32LE(0) - a.key.readUInt32LE(0))[0]
  return (found?.spans ?? []).some(
    (span) =>
      (span.protocol === null || span.protocol === to.protocol) &&
      (!portProtocols.includes(to.protocol) || (span.firstPort <= to.port && to.port <= span.lastPort)),
  )
}

const destination = (text: string, more: Partial<Destination> = {}): Destination => {
  const prefix = parsePrefix(text)
  if (prefix === null) throw new Error(text)
  return { prefix, protocol: null, firstPort: 0, lastPort: 65_535, rule: 'approved-destination', ...more }
}

describe('the table of what is approved', () => {
  it('says of thousands of destinations what the policy says', () => {
    const law = { networkMode: 'classified-lan', rules: null } as const
    let approvedOnes = 0
    for (let seed = 1; seed <= 60; seed += 1) {
      const approved = randomDestinations(seed)
      const table = compileDestinations(approved)
      const ask = randomAsker(seed, approved)
      for (let round = 0; round < 100; round += 1) {
        const to = ask()
        const port = portProtocols.includes(to.protocol) ? to.port : null
        const { isApproved } = judgeDestination(approved, { ...to, port }, law)
        if (isApproved) approvedOnes += 1
        expect(look(table, to), `${seed}: ${formatAddress(to.address)} ${to.protocol} ${to.port}`).toBe(
          isApproved,
        )
      }
    }
    expect(approvedOnes).toBeGreaterThan(1_000)
    expect(approvedOnes).toBeLessThan(5_000)
  })

  it('gives a longer prefix what the shorter ones around it allow', () => {
    const { ipv4 } = compileDestinations([
      destination('10.0.0.0/8', { protocol: 6, firstPort: 443, lastPort: 443 }),
      destination('10.1.0.0/16', { protocol: 17 }),
      destination('10.1.2.3/32', { protocol: 6, firstPort: 444, lastPort: 450 }),
    ])
    expect(ipv4.map(({ spans }) => spans)).toEqual([
      [],
      [{ protocol: 6, firstPort: 443, lastPort: 443 }],
      [
        { protocol: 6, firstPort: 443, lastPort: 443 },
        { protocol: 17, firstPort: 0, lastPort: 65_535 },
      ],
      [
        { protocol: 6, firstPort: 443, lastPort: 450 },
        { protocol: 17, firstPort: 0, lastPort: 65_535 },
      ],
    ])
  })

  it('keeps out of a table what a span of every protocol has already', () => {
    const { ipv6 } = compileDestinations([destination('fd00::/8'), destination('fd00::/8', { protocol: 6 })])
    expect(ipv6.map(({ spans }) => spans)).toEqual([[{ protocol: null, firstPort: 0, lastPort: 65_535 }]])
  })

  it('holds as many spans and prefixes as it says, and refuses one more whole', () => {
    const ports = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        destination('10.0.0.0/8', { protocol: 6, firstPort: 2 * index, lastPort: 2 * index }),
      )
    const hosts = (count: number) =>
      Array.from({ length: count }, (_, index) => destination(`10.0.${index >> 8}.${index & 255}/32`))
    const refusal = expect.objectContaining({ code: 'limit-exceeded' } satisfies Partial<ShoukouError>)
    expect(compileDestinations(ports(spansMax)).ipv4[1]?.spans).toHaveLength(spansMax)
    expect(() => compileDestinations(ports(spansMax + 1))).toThrow(refusal)
    expect(compileDestinations(hosts(approvedEntriesMax)).ipv4).toHaveLength(approvedEntriesMax + 1)
    expect(() => compileDestinations(hosts(approvedEntriesMax + 1))).toThrow(refusal)
  })

  it('is written as the kernel reads it', () => {
    const prefix = { ...fromBytes([10, 1, 0, 0]), length: 16 }
    expect(encodeApprovedKey(prefix).toString('hex')).toBe(`70000000${'00'.repeat(10)}ffff0a010000`)
    expect(encodeApprovedKey({ ...fromBytes([0xfd, ...Array<number>(15).fill(0)]), length: 8 })[0]).toBe(8)
    const value = encodeSpans([{ protocol: null, firstPort: 1, lastPort: 0x203 }])
    expect(value.toString('hex', 0, 16)).toBe('01000302feffff7f01000000ffffff7f')
    expect(value).toHaveLength(512)
  })
})
