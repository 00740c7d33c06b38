import type { DestinationPolicy } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { RULES } from '../../policy/network/testing/pictures.ts'
import { FlowRules } from './flow-rules.ts'
import { connectTo, establishedOf, packetTo } from './testing/flow-events.ts'

const console = [{ address: '10.1.0.9', port: 8444 }]
const lan: DestinationPolicy = { networkMode: 'classified-lan', rules: RULES, console }
const ruleOf = (rules: FlowRules, address: string, port: number): string =>
  rules.ofConnection(connectTo(address, port, 1)).rule

describe('the rule of a connection', () => {
  it('is that of the destination', () => {
    const rules = new FlowRules(lan, false)
    expect(ruleOf(rules, '8.8.8.8', 443)).toBe('public-address')
    expect(ruleOf(rules, '8.8.8.8', 53)).toBe('public-dns')
    expect(ruleOf(rules, '192.168.1.1', 80)).toBe('outside-approved')
    expect(ruleOf(rules, '10.1.7.7', 80)).toBe('approved-destination')
    expect(ruleOf(new FlowRules({ ...lan, networkMode: 'standalone' }, false), '10.1.7.7', 80)).toBe(
      'standalone',
    )
  })

  it('is isolation for what would be approved without it, but for the console and the lease', () => {
    const rules = new FlowRules(lan, true)
    expect(rules.ofConnection(connectTo('10.1.7.7', 80, 1))).toEqual({ isApproved: false, rule: 'isolated' })
    expect(rules.ofConnection(connectTo('10.1.0.9', 8444, 1)).isApproved).toBe(true)
    const asked = packetTo('255.255.255.255', 67, { protocol: 17 })
    expect(rules.ofPacket(asked)).toEqual({ isApproved: true, rule: 'approved-dhcp' })
    expect(rules.ofPacket({ ...asked, protocol: 6 })).toEqual({ isApproved: false, rule: 'isolated' })
    expect(ruleOf(rules, '8.8.8.8', 443)).toBe('public-address')
  })

  it('of a raw socket says that nobody knows where it sends', () => {
    expect(
      new FlowRules(lan, false).ofConnection({ ...connectTo('', 0, 1), act: 'socket', peer: null }),
    ).toEqual({
      isApproved: false,
      rule: 'raw-socket',
    })
  })

  it('of a port that is opened is that of the listeners; without any rules nobody is told', () => {
    const bind = {
      ...connectTo('', 0, 1),
      act: 'bind' as const,
      peer: null,
      local: { address: '0.0.0.0', port: 22 },
    }
    const listeners = [
      { prefix: '10.1.0.0/16', protocol: 'tcp' as const, ports: { first: 22, last: 22 }, note: '' },
    ]
    expect(
      new FlowRules({ ...lan, rules: { ...RULES, listeners } }, false).ofConnection(bind).isApproved,
    ).toBe(true)
    expect(new FlowRules(lan, false).ofConnection(bind).rule).toBe('listener')
    expect(new FlowRules({ ...lan, rules: null }, false).ofConnection(bind).isApproved).toBe(true)
  })

  it('of a caller without any rules is where he calls from', () => {
    const rules = new FlowRules({ ...lan, rules: null }, false)
    const from = (address: string) =>
      rules.ofConnection({ ...establishedOf(connectTo(address, 50_000, 1)), act: 'accepted' }).isApproved
    expect([from('10.9.9.9'), from('fe80::1'), from('8.8.8.8')]).toEqual([true, true, false])
  })

  it('of a packet is what it did', () => {
    const rules = new FlowRules(lan, false)
    const acts = (['incoming', 'forwarded', 'frame', 'outgoing'] as const).map(
      (act) => rules.ofPacket(packetTo('8.8.8.8', 443, { act })).rule,
    )
    expect(acts).toEqual(['unapproved-listener', 'forwarded', 'frame-below-ip', 'public-address'])
  })
})
