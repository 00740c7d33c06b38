import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { NetMessage } from './net-messages.ts'
import { parseRtnetlink } from './parse-rtnetlink.ts'

const recorded = JSON.parse(
  readFileSync(new URL('fixtures/neighbours-rules-6.18.json', import.meta.url), 'utf8'),
) as {
  dumps: { links: string[]; neighbours: string[]; rules: string[] }
  events: string[]
  iproute2: { ipv4Rules: string[]; ipv6Rules: string[]; neighbours: string[] }
}
const messagesOf = (texts: readonly string[]): NetMessage[] =>
  texts.flatMap((text) => parseRtnetlink(Buffer.from(text, 'base64')).messages)
const all = [...Object.values(recorded.dumps).flat(), ...recorded.events].map((text) =>
  Buffer.from(text, 'base64'),
)

describe('what a kernel sent', () => {
  it('is read without a fault', () => {
    expect(all.map((bytes) => parseRtnetlink(bytes).faults)).toEqual(all.map(() => 0))
  })

  it('says of rules what ip-rule(8) says of them', () => {
    const rules = messagesOf(recorded.dumps.rules).filter((message) => message.kind === 'rule')
    const written = (family: string) =>
      rules.filter(({ rule }) => rule.family === family).map(({ rule }) => `${rule.priority}:\t${rule.text}`)
    expect(written('ipv4')).toEqual(recorded.iproute2.ipv4Rules.map((line) => line.trim()))
    expect(written('ipv6')).toEqual(recorded.iproute2.ipv6Rules.map((line) => line.trim()))
    expect(rules.find(({ rule }) => rule.priority === 500)?.rule.table).toBe(100)
    expect(rules.find(({ rule }) => rule.priority === 503)?.rule.table).toBeNull()
  })

  it('tells of a rule that went', () => {
    const gone = messagesOf(recorded.events).filter((message) => message.kind === 'rule' && message.isRemoval)
    expect(gone).toMatchObject([{ rule: { priority: 504, text: 'from all unreachable' } }])
  })

  it('names neighbours with state, address and whether they route, and none that needs no resolving', () => {
    const neighbours = messagesOf(recorded.dumps.neighbours)
    expect(neighbours).toHaveLength(recorded.iproute2.neighbours.length)
    const written = neighbours.map((message) => message.kind === 'neighbour' && message.neighbour)
    expect(written).toContainEqual(
      expect.objectContaining({
        address: '192.0.2.254',
        mac: '02:00:00:00:00:ff',
        state: 'stale',
        isRouter: false,
      }),
    )
    expect(written).toContainEqual(
      expect.objectContaining({
        address: '2001:db8::fe',
        mac: '02:00:00:00:00:fe',
        state: 'permanent',
        isRouter: true,
      }),
    )
  })

  it('tells a neighbour’s change and end', () => {
    const story = messagesOf(recorded.events).flatMap((message) =>
      message.kind === 'neighbour'
        ? [[message.neighbour.address, message.neighbour.mac, message.isRemoval]]
        : [],
    )
    expect(story).toContainEqual(['192.0.2.254', '02:00:00:00:00:fe', false])
    expect(story).toContainEqual(['192.0.2.254', '02:00:00:00:00:ff', false])
    expect(story.filter(([address]) => address === '192.0.2.9').at(-1)).toEqual(['192.0.2.9', null, true])
  })

  it('names what an interface stands on and whose port it is', () => {
    const links = messagesOf(recorded.dumps.links).filter((message) => message.kind === 'link')
    const byName = (name: string) => links.find((link) => link.name?.toString() === name)
    expect(byName('skm0')).toMatchObject({ lowerIndex: byName('skn0')?.index, masterIndex: null })
    expect(byName('skn1')).toMatchObject({ masterIndex: byName('skb0')?.index })
    expect(byName('skn0')).toMatchObject({ lowerIndex: null, masterIndex: null })
  })
})

describe('a message of these kinds', () => {
  const kinds = new Set(['neighbour', 'rule'])
  const single = all.filter((bytes) => parseRtnetlink(bytes).messages.some(({ kind }) => kinds.has(kind)))

  it('is counted and left out, at whatever byte it is cut', () => {
    for (const whole of single) {
      const length = whole.readUInt32LE(0)
      for (let cut = 0; cut < length; cut += 1) {
        const { messages, faults } = parseRtnetlink(whole.subarray(0, cut))
        expect([messages.length, faults]).toEqual([0, cut >= 16 ? 1 : 0])
      }
    }
  })

  it('is counted and left out where it says a shorter length, so that an attribute hangs over its end', () => {
    let counted = 0
    for (const whole of single) {
      const length = whole.readUInt32LE(0)
      for (let said = 16; said < length; said += 1) {
        const bytes = Buffer.from(whole.subarray(0, said))
        bytes.writeUInt32LE(said, 0)
        const { messages, faults } = parseRtnetlink(bytes)
        expect(messages.length + faults).toBeLessThanOrEqual(1)
        counted += faults
      }
    }
    expect(counted).toBeGreaterThan(single.length * 12)
  })

  it('neither throws nor makes more than the protocol takes, however it is mangled', () => {
    let state = 7
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    for (let round = 0; round < 10_000; round += 1) {
      const bytes = Buffer.from(all[random(all.length)] as Buffer)
      for (let count = random(8); count >= 0; count -= 1) bytes[random(bytes.length)] = random(256)
      for (const message of parseRtnetlink(bytes.subarray(0, random(bytes.length + 1))).messages) {
        if (message.kind === 'rule') expect(message.rule.text.length).toBeLessThanOrEqual(500)
        if (message.kind === 'neighbour') expect(message.neighbour.interfaceIndex).toBeGreaterThanOrEqual(0)
      }
    }
  })

  it('shows a hostile interface name in a rule’s words as text that breaks no line', () => {
    const rule = Buffer.alloc(16 + 12 + 12)
    rule.writeUInt32LE(rule.length, 0)
    rule.writeUInt16LE(32, 4)
    rule[16] = 2
    rule[23] = 1
    rule.writeUInt16LE(12, 28)
    rule.writeUInt16LE(3, 30)
    Buffer.from('a\u001b[2J\n\u0000').copy(rule, 32)
    expect(parseRtnetlink(rule).messages).toMatchObject([
      { rule: { text: String.raw`from all iif a\u{001b}[2J\u{000a}` } },
    ])
  })
})
