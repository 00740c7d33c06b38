import { describe, expect, it } from 'vitest'
import { parseAddress } from './addresses.ts'
import {
  alwaysReachable,
  approvedDestinations,
  type DestinationPolicy,
  judgeDestination,
} from './judge-destination.ts'
import type { NetworkRules } from './rules.ts'

const RULES: NetworkRules = {
  prefixes: ['10.3.0.0/16'],
  destinations: [
    { prefix: '10.3.0.0/16', protocol: 'tcp', ports: { first: 443, last: 445 }, note: '' },
    { prefix: '10.3.9.9/32', protocol: 'any', ports: null, note: '' },
    { prefix: 'fd03::/16', protocol: 'icmp', ports: null, note: '' },
  ],
  listeners: [],
  gateways: [],
  dnsServers: ['10.3.0.53'],
  dhcpServers: ['10.3.0.67'],
  probe: null,
}
const LAN: DestinationPolicy = {
  networkMode: 'classified-lan',
  rules: RULES,
  console: [{ address: '10.8.0.1', port: 8_444 }],
}
const ALONE: DestinationPolicy = { ...LAN, networkMode: 'standalone' }
const TCP = 6
const UDP = 17
const ICMP = 1
const ICMPV6 = 58

function verdict(policy: DestinationPolicy, text: string, protocol: number, port: number | null) {
  const address = parseAddress(text)
  if (address === null) throw new Error(`${text} is no address`)
  return judgeDestination(approvedDestinations(policy), { address, protocol, port }, policy)
}

describe('on the classified network', () => {
  it.each([
    ['10.3.1.1', TCP, 443, 'approved-destination'],
    ['10.3.9.9', UDP, 9, 'approved-destination'],
    ['10.3.9.9', ICMP, null, 'approved-destination'],
    ['fd03::1', ICMPV6, null, 'approved-destination'],
    ['10.3.0.53', UDP, 53, 'approved-dns'],
    ['10.3.0.53', TCP, 53, 'approved-dns'],
    ['10.3.0.67', UDP, 67, 'approved-dhcp'],
    ['255.255.255.255', UDP, 67, 'approved-dhcp'],
    ['255.255.255.255', UDP, 9, 'link-local'],
    ['10.8.0.1', TCP, 8_444, 'console-link'],
    ['127.9.9.9', TCP, 80, 'loopback'],
    ['::1', TCP, 80, 'loopback'],
    ['224.0.0.251', UDP, 5_353, 'link-local'],
  ])('approves %s by protocol %i port %s as %s', (text, protocol, port, rule) => {
    expect(verdict(LAN, text, protocol, port)).toEqual({ isApproved: true, rule })
  })

  it.each([
    ['10.3.1.1', TCP, 442, 'outside-approved'],
    ['10.3.1.1', TCP, 446, 'outside-approved'],
    ['10.3.1.1', UDP, 443, 'outside-approved'],
    ['10.3.0.54', UDP, 53, 'unapproved-dns'],
    ['10.8.0.1', TCP, 8_443, 'outside-approved'],
    ['8.8.8.8', UDP, 53, 'public-dns'],
    ['8.8.8.8', TCP, 853, 'public-dns'],
    ['8.8.8.8', TCP, 443, 'public-address'],
    ['2606:4700::1', TCP, 443, 'public-address'],
    ['fd03::1', TCP, 443, 'outside-approved'],
    ['239.1.2.3', UDP, 9, 'multicast'],
  ])('refuses %s by protocol %i port %s as %s', (text, protocol, port, rule) => {
    expect(verdict(LAN, text, protocol, port)).toEqual({ isApproved: false, rule })
  })

  it('without rules tells the Internet from private addresses, and nothing finer', () => {
    const bare = { ...LAN, rules: null }
    expect(verdict(bare, '192.168.7.7', TCP, 22)).toEqual({ isApproved: true, rule: 'private-address' })
    expect(verdict(bare, '1.1.1.1', UDP, 53)).toEqual({ isApproved: false, rule: 'public-dns' })
    expect(verdict(bare, '203.0.113.9', TCP, 80).isApproved).toBe(false)
  })
})

describe('a computer that may have no network', () => {
  it('speaks to itself and to its console, and to nobody that the rules name', () => {
    expect(verdict(ALONE, '127.0.0.1', TCP, 80).isApproved).toBe(true)
    expect(verdict(ALONE, '10.8.0.1', TCP, 8_444).rule).toBe('console-link')
    expect(verdict(ALONE, '10.3.1.1', TCP, 443)).toEqual({ isApproved: false, rule: 'standalone' })
    expect(verdict(ALONE, '10.3.0.53', UDP, 53)).toEqual({ isApproved: false, rule: 'standalone' })
    expect(verdict(ALONE, '224.0.0.251', UDP, 5_353)).toEqual({ isApproved: false, rule: 'multicast' })
    expect(verdict(ALONE, '8.8.8.8', TCP, 443)).toEqual({ isApproved: false, rule: 'public-address' })
  })

  it('asks nobody for an address', () => {
    expect(verdict(ALONE, '10.3.0.67', UDP, 67).isApproved).toBe(false)
    expect(verdict(ALONE, '255.255.255.255', UDP, 67).isApproved).toBe(false)
    expect(verdict(ALONE, 'ff02::1:2', UDP, 547).isApproved).toBe(false)
  })

  it('keeps no console that has no address', () => {
    expect(alwaysReachable({ ...ALONE, console: [{ address: 'console.example', port: 1 }] })).toHaveLength(4)
  })
})

describe('an isolated computer of the classified network', () => {
  const isolated = (policy: DestinationPolicy, text: string, protocol: number, port: number | null) => {
    const address = parseAddress(text)
    if (address === null) throw new Error(`${text} is no address`)
    return judgeDestination(alwaysReachable(policy), { address, protocol, port }, policy)
  }

  it.each([
    ['127.0.0.1', TCP, 80, 'loopback'],
    ['10.8.0.1', TCP, 8_444, 'console-link'],
    ['10.3.0.67', UDP, 67, 'approved-dhcp'],
    ['255.255.255.255', UDP, 67, 'approved-dhcp'],
    ['ff02::1:2', UDP, 547, 'approved-dhcp'],
  ])('keeps itself, its console and its lease: %s by protocol %i port %i', (text, protocol, port, rule) => {
    expect(isolated(LAN, text, protocol, port)).toEqual({ isApproved: true, rule })
  })

  it.each([
    ['10.3.1.1', TCP, 443],
    ['10.3.0.53', UDP, 53],
    ['10.3.0.68', UDP, 67],
    ['10.3.0.67', TCP, 67],
    ['255.255.255.255', UDP, 9],
    ['224.0.0.251', UDP, 5_353],
  ])('loses everything else: %s by protocol %i port %i', (text, protocol, port) => {
    expect(isolated(LAN, text, protocol, port).isApproved).toBe(false)
  })

  it('without rules asks whoever hears it for an address, and no server by name', () => {
    const bare = { ...LAN, rules: null }
    expect(isolated(bare, '255.255.255.255', UDP, 67).isApproved).toBe(true)
    expect(isolated(bare, '10.3.0.67', UDP, 67).isApproved).toBe(false)
  })
})
