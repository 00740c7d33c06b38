/** Bytes that login(1) of util-linux 2.38 wrote into /run/utmp on x86-64, after a boot record. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isOwnScreen, parseUtmpRecords } from './parse-utmp-records.ts'

const bytes = readFileSync(join(import.meta.dirname, 'fixtures/utmp-x86-64.bin'))
const shown = (from: Buffer) =>
  [...(parseUtmpRecords(from) ?? [])].map(({ type, pid, line, user, host, address, wallMs }) => [
    ...[type, pid, String(line), String(user), String(host), address],
    new Date(wallMs).toISOString(),
  ])

describe('records of utmp', () => {
  it('are told as login wrote them, to the ms', () => {
    expect(shown(bytes)).toEqual([
      [2, 0, '~', 'reboot', '6.1.0-18-amd64', null, '2026-11-22T14:22:41.000Z'],
      [7, 2400, 'pts/0', 'root', '', null, '2026-11-22T14:23:41.534Z'],
      [7, 2576, 'pts/1', 'nobody', 'gate.example', null, '2026-11-22T14:23:42.225Z'],
      [7, 2577, 'pts/2', 'root', '203.0.113.9', '203.0.113.9', '2026-11-22T14:23:42.225Z'],
    ])
  })

  it('leave an unfinished last one out, and are none where the layout is unknown', () => {
    expect(shown(bytes.subarray(0, bytes.length - 1))).toHaveLength(3)
    expect(parseUtmpRecords(Buffer.alloc(0))).toEqual([])
    expect(parseUtmpRecords(Buffer.alloc(4_000, 0xff))).toBeNull()
    expect(parseUtmpRecords(bytes.subarray(0, 100))).toBeNull()
  })

  it('keep names that fill their field or are no text, as bytes', () => {
    const hostile = Buffer.from(bytes)
    hostile.fill(0xff, 384 + 44, 384 + 76)
    const [, record] = parseUtmpRecords(hostile) ?? []
    expect(record?.user).toEqual(Buffer.alloc(32, 0xff))
  })

  it('of any bytes cost nobody the parser', () => {
    for (let round = 0; round < 400; round += 1) {
      const altered = Buffer.from(bytes)
      for (let at = round % 7; at < altered.length; at += 41) altered[at] = (altered[at] ?? 0) ^ (round + at)
      for (const { wallMs } of parseUtmpRecords(altered) ?? []) expect(wallMs).toBeGreaterThanOrEqual(0)
    }
  })
})

it('a host that is a screen or a terminal of this computer is no other computer', () => {
  for (const own of ['', ':0', ':1.0', ':pts/0:S.0', 'tmux(712).%0', 'login screen'])
    expect(isOwnScreen(Buffer.from(own)), own).toBe(true)
  for (const other of ['203.0.113.9', 'gate.example', '::1', 'display'])
    expect(isOwnScreen(Buffer.from(other)), other).toBe(false)
})
