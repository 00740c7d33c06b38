/**
 * The network as the kernel's messages describe it, one message after the other. Pure.
 *
 * Each link and address message carries a state that truly stood, if only for a moment: every visible difference is
 * told, so that a cable that was in for ten milliseconds is not lost. What a dump says afterwards settles the rest.
 */
import type { InterfaceAddress, NetworkInterface } from '@shoukou/protocol'
import { LIMITS, rawTextOf } from '@shoukou/protocol'
import type { AddressMessage, LinkMessage } from './parse-rtnetlink.ts'

/** What sysfs knows of an interface and rtnetlink does not say. */
export interface InterfaceDetails {
  readonly nature: NetworkInterface['nature']
  readonly busPath: NetworkInterface['busPath']
  readonly usbPath: NetworkInterface['usbPath']
  readonly driver: NetworkInterface['driver']
  readonly isWireless: boolean
  /** Read from sysfs; else guessed from the message because the interface was gone. */
  readonly isRead: boolean
}

export type InterfaceChange =
  | { readonly kind: 'added'; readonly after: NetworkInterface; readonly isRead: boolean }
  | { readonly kind: 'removed'; readonly before: NetworkInterface }
  | { readonly kind: 'changed'; readonly before: NetworkInterface; readonly after: NetworkInterface }

export type InterfaceTable = ReadonlyMap<number, NetworkInterface>

const IFF_UP = 0x1
const IFF_LOOPBACK = 0x8
const IFF_LOWER_UP = 0x10000
const ARPHRD_LOOPBACK = 772
const operStates = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'] as const

/** Returns the interface after a link message; what the message does not say stays as it was. */
export function interfaceAfter(
  message: LinkMessage,
  before: NetworkInterface | undefined,
  details: InterfaceDetails,
): NetworkInterface {
  const isLoopback = message.hardwareType === ARPHRD_LOOPBACK || (message.flags & IFF_LOOPBACK) !== 0
  return {
    index: message.index,
    name: message.name === null ? (before?.name ?? '') : rawTextOf(message.name),
    mac: message.mac ?? before?.mac ?? null,
    hardwareType: message.hardwareType,
    nature: isLoopback ? 'loopback' : details.nature,
    linkKind: message.linkKind === null ? (before?.linkKind ?? null) : rawTextOf(message.linkKind),
    busPath: details.busPath,
    usbPath: details.usbPath,
    driver: details.driver,
    isWireless: details.isWireless,
    isAdminUp: (message.flags & IFF_UP) !== 0,
    hasCarrier: (message.flags & IFF_LOWER_UP) !== 0,
    operState:
      message.operState === null
        ? (before?.operState ?? 'unknown')
        : (operStates[message.operState] ?? 'unknown'),
    addresses: before?.addresses ?? [],
  }
}

/** Returns the interface after an address message. Beyond the limit of one fact further addresses are left out. */
export function withAddress(before: NetworkInterface, message: AddressMessage): NetworkInterface {
  const address = addressOf(message)
  const others = before.addresses.filter((one) => addressKey(one) !== addressKey(address))
  const addresses = message.isRemoval ? others : [...others, address].sort(byAddress)
  return { ...before, addresses: addresses.slice(0, LIMITS.interfaceAddressesMax) }
}

/**
 * Reports whether two states differ in anything that is evidence. MTU, queue lengths and flags without effect are not
 * part of a state; a rename is one change like any other.
 */
export function isSameInterface(a: NetworkInterface, b: NetworkInterface): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Returns the differences between two tables, ordered by interface index. */
export function diffInterfaces(before: InterfaceTable, after: InterfaceTable): InterfaceChange[] {
  const indexes = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b)
  return indexes.flatMap((index): InterfaceChange[] => {
    const [old, now] = [before.get(index), after.get(index)]
    if (old === undefined) return now === undefined ? [] : [{ kind: 'added', after: now, isRead: true }]
    if (now === undefined) return [{ kind: 'removed', before: old }]
    return isSameInterface(old, now) ? [] : [{ kind: 'changed', before: old, after: now }]
  })
}

/** Returns the table that a dump describes. */
export function tableOf(
  links: readonly LinkMessage[],
  addresses: readonly AddressMessage[],
  details: (message: LinkMessage) => InterfaceDetails,
): Map<number, NetworkInterface> {
  const table = new Map<number, NetworkInterface>()
  for (const link of links) table.set(link.index, interfaceAfter(link, undefined, details(link)))
  const byIndex = Map.groupBy(addresses, (address) => address.index)
  for (const [index, own] of byIndex) {
    const state = table.get(index)
    if (state === undefined) continue
    const sorted = own.map(addressOf).sort(byAddress).slice(0, LIMITS.interfaceAddressesMax)
    table.set(index, { ...state, addresses: sorted })
  }
  return table
}

/** Plays messages one by one on a table; returns every state seen as a change, and the table at the end. */
export function applyMessages(
  before: InterfaceTable,
  messages: readonly (LinkMessage | AddressMessage)[],
  details: (message: LinkMessage) => InterfaceDetails,
): { readonly table: Map<number, NetworkInterface>; readonly changes: readonly InterfaceChange[] } {
  const table = new Map(before)
  const changes: InterfaceChange[] = []
  for (const message of messages) {
    const old = table.get(message.index)
    if (message.kind === 'address') {
      if (old === undefined) continue
      const now = withAddress(old, message)
      if (isSameInterface(old, now)) continue
      table.set(message.index, now)
      changes.push({ kind: 'changed', before: old, after: now })
    } else if (message.isRemoval) {
      if (old === undefined) continue
      table.delete(message.index)
      changes.push({ kind: 'removed', before: old })
    } else {
      const found = details(message)
      const now = interfaceAfter(message, old, found)
      if (old !== undefined && isSameInterface(old, now)) continue
      table.set(message.index, now)
      changes.push(
        old === undefined
          ? { kind: 'added', after: now, isRead: found.isRead }
          : { kind: 'changed', before: old, after: now },
      )
    }
  }
  return { table, changes }
}

function addressOf(message: AddressMessage): InterfaceAddress {
  const { family, address, prefixLength, scope } = message
  return { family, address, prefixLength, scope }
}

function addressKey(address: InterfaceAddress): string {
  return `${address.family} ${address.address}/${address.prefixLength}`
}

function byAddress(a: InterfaceAddress, b: InterfaceAddress): number {
  const [left, right] = [addressKey(a), addressKey(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
