/** Every parser of what others wrote, on recorded input that was cut, repeated and altered: none throws, none runs away. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { seededRandom } from '../../../../protocol/fixtures/seeded-random.ts'
import { parseInetDiag, parsePacketSockets, parseProcSockets } from '../../../base/parse-sock-diag.ts'
import { parseTranslatedSources } from './parse-conntrack.ts'
import { parseDhclientLeases } from './parse-dhclient-leases.ts'
import { parseDhcpPacket } from './parse-dhcp-packet.ts'
import { parseIptablesSave } from './parse-iptables-save.ts'
import { parseLeasePairs } from './parse-lease-pairs.ts'
import { parseAlteringRule } from './parse-nft-rules.ts'
import { parseJoinedNetwork, parseStation, parseWirelessInterface } from './parse-nl80211.ts'
import { parseAccount, parseCgroup } from './parse-process.ts'
import { parseResolvConf } from './parse-resolv-conf.ts'

const rules = JSON.parse(
  readFileSync(new URL('fixtures/nft-rules-6.18.json', import.meta.url), 'utf8'),
) as Record<string, string>
const packet = Buffer.alloc(260)
packet[0] = 2
packet.set([0x63, 0x82, 0x53, 0x63, 3, 4, 10, 0, 0, 1, 51, 4, 0, 0, 14, 16, 255], 236)
const seeds: readonly Buffer[] = [
  ...Object.values(rules).map((hex) => Buffer.from(hex, 'hex')),
  packet,
  Buffer.from('ADDRESS=10.1.0.4\nLIFETIME=3600\nDNS=10.1.0.2 10.1.0.3\n'),
  Buffer.from(
    'lease {\n  interface "eth0";\n  fixed-address 10.1.0.4;\n  expire 4 2026/01/29 10:00:00;\n}\n',
  ),
  Buffer.from('nameserver 10.1.0.2\n0::/system.slice/a.service\nroot:x:0:0::/:/bin/sh\n'),
  Buffer.from(
    'ipv4 2 udp 17 29 src=1.2.3.4 dst=5.6.7.8 sport=1 dport=2 src=5.6.7.8 dst=9.9.9.9 sport=2 dport=1\n',
  ),
  Buffer.from('-A POSTROUTING -o eth0 -j MASQUERADE\n'),
  Buffer.from(
    '   0: 0500010A:A9FE 0500010A:20FB 01 00000000:00000000 00:00000000 00000000     0        0 1077800 2 0\n',
  ),
  Buffer.from('00000000f984d791 3      3    0003   3     1 213632 0      1077806\n'),
]

function runAll(bytes: Buffer): void {
  const text = bytes.toString('latin1')
  parseAlteringRule(bytes)
  parseWirelessInterface(bytes)
  parseJoinedNetwork(bytes)
  parseStation(bytes)
  parseInetDiag(bytes, 6)
  parseDhcpPacket(bytes, 1)
  parseLeasePairs(text, 1)
  parseDhclientLeases(text)
  parseResolvConf(text)
  parseTranslatedSources(text, new Set())
  parseIptablesSave(text)
  parseProcSockets(text, 6)
  parsePacketSockets(text)
  parseCgroup(text)
  parseAccount(text, 0)
}

it('takes 20,000 spoiled inputs without a throw', () => {
  const random = seededRandom(4)
  for (let round = 0; round < 20_000; round += 1) {
    const seed = random.pick(seeds)
    const bytes = Buffer.concat([seed.subarray(0, random.int(seed.length + 1)), random.pick(seeds)])
    for (let spoiled = random.int(6); spoiled > 0; spoiled -= 1) {
      bytes[random.int(bytes.length)] = random.int(256)
    }
    runAll(bytes)
  }
})

it('is done at once with a quarter of a megabyte of the same line, whichever it is', () => {
  for (const seed of [
    ...seeds,
    Buffer.from(' src='),
    Buffer.from('nameserver '),
    Buffer.from('lease {\n'),
    Buffer.from('-A '),
  ]) {
    const bytes = Buffer.alloc(262_144, seed)
    const started = performance.now()
    runAll(bytes)
    expect(performance.now() - started).toBeLessThan(2_000)
  }
})
