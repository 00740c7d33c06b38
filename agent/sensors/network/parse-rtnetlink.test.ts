import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { NetMessage } from './net-messages.ts'
import { ipv6Text } from './netlink-attributes.ts'
import { parseRtnetlink } from './parse-rtnetlink.ts'

const recorded = JSON.parse(
  readFileSync(new URL('fixtures/rtnetlink-6.18.json', import.meta.url), 'utf8'),
) as {
  dumps: { links: string[]; addresses: string[]; routes: string[] }
  events: string[]
}
const parse = (texts: readonly string[]) => texts.map((text) => parseRtnetlink(Buffer.from(text, 'base64')))
const messagesOf = (texts: readonly string[]): NetMessage[] =>
  parse(texts).flatMap(({ messages }) => messages)

describe('what a kernel sent', () => {
  it('is read to the end without a fault', () => {
    const { links, addresses, routes } = recorded.dumps
    for (const dump of [links, addresses, routes]) {
      const parsed = parse(dump)
      expect(parsed.at(-1)?.isDone).toBe(true)
      expect(
        parsed.every(({ faults, errno, wasInterrupted }) => faults === 0 && errno === 0 && !wasInterrupted),
      ).toBe(true)
    }
    expect(parse(recorded.events).every(({ faults }) => faults === 0)).toBe(true)
  })

  it('names links with address, kind and state', () => {
    const links = messagesOf(recorded.dumps.links).filter((message) => message.kind === 'link')
    expect(
      links.map((link) => [link.name?.toString(), link.mac, link.hardwareType, link.linkKind?.toString()]),
    ).toEqual(
      expect.arrayContaining([
        ['lo', '00:00:00:00:00:00', 772, undefined],
        ['skn0', '02:00:00:00:00:01', 1, 'veth'],
        ['skn1', '02:00:00:00:00:02', 1, 'veth'],
      ]),
    )
    expect(links.find((link) => link.name?.toString() === 'skn0')).toMatchObject({
      operState: 6,
      isRemoval: false,
    })
  })

  it('names addresses of both families', () => {
    const addresses = messagesOf(recorded.dumps.addresses)
    expect(addresses).toContainEqual(
      expect.objectContaining({ family: 'ipv4', address: '192.0.2.1', prefixLength: 24, scope: 'global' }),
    )
    expect(addresses).toContainEqual(
      expect.objectContaining({ family: 'ipv6', address: '2001:db8::1', prefixLength: 64, scope: 'global' }),
    )
    expect(addresses).toContainEqual(expect.objectContaining({ address: '::1', scope: 'host' }))
  })

  it('names routes, each hop of a multipath route as one, and none of the local table', () => {
    const routes = messagesOf(recorded.dumps.routes).filter((message) => message.kind === 'route')
    expect(routes.every(({ table }) => table !== 255)).toBe(true)
    expect(routes).toContainEqual(
      expect.objectContaining({
        destination: '0.0.0.0',
        prefixLength: 0,
        gateway: '192.0.2.254',
        metric: 50,
        table: 254,
      }),
    )
    const hops = routes
      .filter(({ destination }) => destination === '198.51.100.0')
      .map(({ gateway }) => gateway)
    expect(hops).toEqual(['192.0.2.10', '192.0.2.11'])
  })

  it('does not take a port that leaves its bridge for an interface that is gone', () => {
    const removed = messagesOf(recorded.events).filter(
      (message) => message.kind === 'link' && message.isRemoval,
    )
    const names = removed.map((message) => (message.kind === 'link' ? message.name?.toString() : ''))
    expect(new Set(names)).toEqual(new Set(['skn1', 'skn9']))
  })
})

it('counts a message that lies about its length, at whatever byte it is cut', () => {
  const whole = Buffer.from(recorded.dumps.links[0] ?? '', 'base64')
  const first = whole.readUInt32LE(0)
  for (let length = 0; length < first; length += 1) {
    const { messages, faults } = parseRtnetlink(whole.subarray(0, length))
    expect(messages).toEqual([])
    expect(faults).toBe(length >= 16 ? 1 : 0)
  }
})

it('neither throws nor hangs on mangled messages', () => {
  let state = 42
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state % below
  }
  const all = [...recorded.events, ...recorded.dumps.routes, ...recorded.dumps.links].map((text) =>
    Buffer.from(text, 'base64'),
  )
  for (let round = 0; round < 5_000; round += 1) {
    const bytes = Buffer.from(all[random(all.length)] as Buffer)
    for (let count = random(8); count >= 0; count -= 1) bytes[random(bytes.length)] = random(256)
    expect(() => parseRtnetlink(bytes.subarray(0, random(bytes.length + 1)))).not.toThrow()
  }
})

it('writes IPv6 addresses as RFC 5952 has them', () => {
  const text = (hex: string): string => ipv6Text(Buffer.from(hex, 'hex'))
  expect(text('20010db8000000000001000000000001')).toBe('2001:db8::1:0:0:1')
  expect(text('00000000000000000000000000000000')).toBe('::')
  expect(text('fe800000000000000000000000000001')).toBe('fe80::1')
  expect(text('20010db8000000010001000100010001')).toBe('2001:db8:0:1:1:1:1:1')
  expect(text('20010db8000100010001000100000000')).toBe('2001:db8:1:1:1:1::')
})
