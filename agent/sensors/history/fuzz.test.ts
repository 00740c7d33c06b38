/** Hostile profiles, logs and records: nothing throws, nothing takes long, nothing that the protocol would refuse comes out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TraceSchema } from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { type SeededRandom, seededRandom } from '../../../protocol/fixtures/seeded-random.ts'
import { type FoundTrace, traceOf } from './found-trace.ts'
import { parseDhcpcdLease } from './parse-dhcpcd-lease.ts'
import { parseJournalLine, parseSyslogLine } from './parse-log-line.ts'
import { parseLogMessage } from './parse-log-message.ts'
import { parseUtmp } from './parse-utmp.ts'
import { PROFILE_SOURCES } from './profile-sources.ts'
import { redactSecrets } from './redact-secrets.ts'

const check = Compile(TraceSchema)
const nowMs = Date.UTC(2026, 10, 22)
const expectGood = (found: readonly FoundTrace[]): void => {
  for (const one of found) {
    const trace = traceOf(one, { source: 'fuzz', path: '/x', writtenMs: nowMs })
    expect(check.Check(trace)).toBe(true)
  }
}
const fromLog = (line: string): FoundTrace[] => {
  const message = parseSyslogLine(line, nowMs) ?? parseJournalLine(line)
  const found = message === null ? null : parseLogMessage(message)
  return found === null ? [] : [found]
}
const parseAll = (text: string): void => {
  const memory = { lastUsedMs: new Map([['u', 1]]) }
  for (const { parse } of PROFILE_SOURCES)
    expectGood(parse({ text, name: 'wlan0-a.lease', parent: 'A4:C1:38:00:00:01' }, memory))
}

const seeds = [
  '[connection]\nid=a\nuuid=u\ntype=wifi\n[wifi]\nssid=72;79;\n[seen-bssids]\nu=02:1a:11:fb:9c:01\n',
  'lease {\n interface "eth0";\n fixed-address 10.0.0.2;\n option dhcp-lease-time 60;\n expire 4 2026/11/20 09:00:00;\n}\n',
  'network={\n ssid="a"\n}\nnetwork:\n  wifis:\n    wlan0:\n      access-points:\n        "x":\n',
  '[Interface]\nEndpoint = a:1\nremote b 1\nconn c\n  right=1.2.3.4\n/dev/ttyUSB0\nADDRESS=1.2.3.4\n',
]
const morsels = [
  '\0',
  '\u00ff',
  '"',
  '[',
  ']',
  '{',
  '=',
  ':',
  '\\',
  '\n',
  ';',
  '999999999999',
  '../',
  '\u001b[2J',
  '%',
]
const logs = [
  'Nov 20 08:00:02 d kernel: [1.0] wlan0: associated',
  "2026-11-20T08:00:09.5+08:00 d wpa_supplicant[1]: wlan0: Trying to associate with 02:1a:11:fb:9c:01 (SSID='a' freq=1)",
  '{"MESSAGE":[119,108,97,110,48,58,32,97,115,115,111,99],"_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"1795316603349860"}',
]
const mutate = (random: SeededRandom, from: readonly string[]): string => {
  let text = random.pick(from)
  for (let count = random.int(6); count >= 0; count -= 1) {
    const at = random.int(text.length + 1)
    const morsel = random.pick(morsels).repeat(1 + random.int(3))
    text = text.slice(0, at) + morsel + text.slice(at + random.int(4))
  }
  return text
}

describe('at random', { timeout: 30_000 }, () => {
  it('no profile breaks a parser', () => {
    const random = seededRandom(20_261_122)
    for (let round = 0; round < 400; round += 1) parseAll(mutate(random, seeds))
  })

  it('no log line does', () => {
    const random = seededRandom(77)
    for (let round = 0; round < 5_000; round += 1) expectGood(fromLog(mutate(random, logs)))
  })

  it('no record of wtmp and no answer of a DHCP server does', () => {
    const random = seededRandom(3)
    const wtmp = readFileSync(join(import.meta.dirname, 'fixtures/wtmp-x86-64.bin'))
    for (let round = 0; round < 2_000; round += 1) {
      const bytes = Buffer.from(wtmp).subarray(0, random.int(wtmp.length + 1))
      for (let count = random.int(8); count > 0 && bytes.length > 0; count -= 1)
        bytes[random.int(bytes.length)] = random.int(256)
      expectGood(parseUtmp(bytes) ?? [])
      const reply = Buffer.from(random.bytes(random.int(400)))
      if (reply.length > 0) reply[0] = 2
      if (reply.length > 240) reply.writeUInt32BE(0x63825363, 236)
      expectGood(parseDhcpcdLease(reply, 'eth0.lease'))
    }
  })
})

describe('made to take long', () => {
  const size = 262_144
  const blanks = ' '.repeat(size)
  const texts: readonly (readonly [string, string])[] = [
    ['blanks', blanks],
    ['tabs and feeds', '\t\n'.repeat(size / 2)],
    ['line feeds', '\n'.repeat(size)],
    ['quotes', '"'.repeat(size)],
    ['escapes', `"${'\\'.repeat(size)}`],
    ['colons', ': '.repeat(size / 2)],
    ['open leases', 'lease {\n'.repeat(size / 8)],
    ['open interfaces', 'lease {\n interface "'.repeat(size / 19)],
    ['endless ends', `[Interface]\n${'Endpoint =\n'.repeat(size / 12)}`],
    ['remotes', 'remote '.repeat(size / 7)],
    ['groups', '[a]\n'.repeat(size / 4)],
  ]
  it.each(texts)('%s of a quarter megabyte are read in a moment', (_, text) => {
    const sinceMs = performance.now()
    parseAll(text)
    expect(performance.now() - sinceMs).toBeLessThan(3_000)
  })

  it('a line of nothing but words that could begin something', () => {
    const sinceMs = performance.now()
    for (const word of [
      'associated ',
      'Activation: (wifi) connect',
      'device (',
      'password',
      'pin is ',
      "register '",
      'address=',
    ]) {
      const line = `Nov 20 08:00:02 d NetworkManager: ${word.repeat(200)}`.slice(0, 2_048)
      for (let round = 0; round < 200; round += 1) expectGood(fromLog(line))
      redactSecrets(line)
    }
    expect(performance.now() - sinceMs).toBeLessThan(3_000)
  })
})
