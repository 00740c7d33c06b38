/**
 * The network as the kernel's messages describe it, one message after the other. Pure.
 *
 * Each link and address message carries a state that truly stood, if only for a moment: every visible difference is
 * told, so that a cable that was in for ten milliseconds is not lost. What a dump says afterwards settles the rest.
 */
import type { InterfaceAddress, NetworkInterface } from '@shoukou/protocol'
import { rawTextOf } from '@shoukou/protocol'
import { classifyInterface, type UsbBehind } from './classify-interface.ts'
import type { AddressMessage, LinkMessage } from './net-messages.ts'

/** What sysfs knows of an interface and rtnetlink does not say. */
export interface InterfaceDetails {
  readonly nature: NetworkInterface['nature']
  readonly busPath: NetworkInterface['busPath']
  readonly usbPath: NetworkInterface['usbPath']
  readonly driver: NetworkInterface['driver']
  readonly isWireless: boolean
  /** DEVTYPE of its uevent. */
  readonly deviceType: string | null
  readonly usb: UsbBehind | null
  /** Read from sysfs; else guessed from the message because the interface was gone. */
  readonly isRead: boolean
}

export type InterfaceChange =
  | { readonly kind: 'added'; readonly after: NetworkInterface; readonly isRead: boolean }
  | { readonly kind: 'removed'; readonly before: NetworkInterface }
  | { readonly kind: 'changed'; readonly before: NetworkInterface; readonly after: NetworkInterface }

export type InterfaceTable = ReadonlyMap<number, NetworkInterface>

/** Of one interface, far beyond what one fact tells: a bound for memory alone. */
const addressesHeldMax = 65_536
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
  const linkKind = message.linkKind === null ? (before?.linkKind ?? null) : rawTextOf(message.linkKind)
  // The kernel names the port of a bridge with each whole message: one that has a name and no master has left it.
  const whole = message.name === null ? before : message
  const { medium, tether } = classifyInterface({
    name: message.name?.toString('latin1') ?? '',
    linkKind: typeof linkKind === 'string' ? linkKind : null,
    hardwareType: message.hardwareType,
    isLoopback,
    isPhysical: details.nature === 'physical',
    driver: typeof details.driver === 'string' ? details.driver : null,
    deviceType: details.deviceType,
    isWireless: details.isWireless,
    usb: details.usb,
    isRead: details.isRead,
  })
  return {
    index: message.index,
    name: message.name === null ? (before?.name ?? '') : rawTextOf(message.name),
    mac: message.mac ?? before?.mac ?? null,
    hardwareType: message.hardwareType,
    nature: isLoopback ? 'loopback' : details.nature,
    linkKind,
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
    ...(medium === null ? {} : { medium }),
    tether,
    permanentMac: message.permanentMac ?? before?.permanentMac ?? null,
    lowerIndex: whole?.lowerIndex ?? null,
    masterIndex: whole?.masterIndex ?? null,
  }
}

/**
 * Returns the interface after address messages; the very same object where they changed nothing. Addresses are in the
 * order of their keys, so that the order of messages is no difference.
 */
export function withAddresses(
  before: NetworkInterface,
  messages: readonly AddressMessage[],
): NetworkInterface {
  const byKey = new Map(before.addresses.map((one) => [addressKey(one), one]))
  let isSame = true
  for (const message of messages) {
    const address = addressOf(message)
    const key = addressKey(address)
    const old = byKey.get(key)
    if (message.isRemoval) byKey.delete(key)
    else byKey.set(key, address)
    if (message.isRemoval ? old !== undefined : old?.scope !== address.scope) isSame = false
  }
  if (isSame) return before
  const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).slice(0, addressesHeldMax)
  return { ...before, addresses: sorted.map(([, address]) => address) }
}

/**
 * Reports whether two states differ in anything that is evidence. MTU, queue lengths and flags without effect are not
 * part of a state; a rename is one change like any other.
 */
export function isSameInterface(a: NetworkInterface, b: NetworkInterface): boolean {
  // Most changes leave the list as it was, and it may be long.
  if (a.addresses === b.addresses)
    return JSON.stringify({ ...a, addresses: 0 }) === JSON.stringify({ ...b, addresses: 0 })
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
  const byIndex = Map.groupBy(addresses, (address) => address.index)
  return new Map(
    links.map((link) => {
      const bare = interfaceAfter(link, undefined, details(link))
      return [link.index, withAddresses(bare, byIndex.get(link.index) ?? [])]
    }),
  )
}

/**
 * Plays messages one by one on a table, in place; returns every state seen as a change. Addresses that only come, or
 * only go, one after the other at one interface are one change: each of them is told by it, and 4,096 of them do not
 * make 4,096 states of 4,096 addresses.
 */
export function applyMessages(
  table: Map<number, NetworkInterface>,
  messages: readonly (LinkMessage | AddressMessage)[],
  details: (message: LinkMessage) => InterfaceDetails,
): readonly InterfaceChange[] {
  const changes: InterfaceChange[] = []
  for (let at = 0; at < messages.length; ) {
    const message = messages[at] as LinkMessage | AddressMessage
    const old = table.get(message.index)
    if (message.kind === 'address') {
      const run = addressRun(messages, at, message)
      at += run.length
      const now = old === undefined ? undefined : withAddresses(old, run)
      if (old === undefined || now === undefined || now === old) continue
      table.set(message.index, now)
      changes.push({ kind: 'changed', before: old, after: now })
      continue
    }
    at += 1
    if (message.isRemoval) {
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
  return changes
}

/** Returns the address messages from `at` on that speak of one interface and go one way. */
function addressRun(
  messages: readonly (LinkMessage | AddressMessage)[],
  at: number,
  first: AddressMessage,
): AddressMessage[] {
  const run: AddressMessage[] = []
  for (let next = at; next < messages.length; next += 1) {
    const message = messages[next]
    if (message?.kind !== 'address') break
    if (message.index !== first.index || message.isRemoval !== first.isRemoval) break
    run.push(message)
  }
  return run
}

function addressOf(message: AddressMessage): InterfaceAddress {
  const { family, address, prefixLength, scope } = message
  return { family, address, prefixLength, scope }
}

export function addressKey(address: InterfaceAddress): string {
  return `${address.family} ${address.address}/${address.prefixLength}`
}
