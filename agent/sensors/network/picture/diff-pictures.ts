/**
 * What differs between two pictures of the network: what happened while nobody looked, in the system's own words.
 *
 * Pure. Hardware is not in a picture and not here. Neighbours other than gateways, times of leases and sockets change by
 * themselves and are no difference; what one of the two could not read is not compared.
 */
import {
  type Lease,
  LIMITS,
  type NetworkInterface,
  type Picture,
  type RawText,
  type Route,
  rawTextKey,
  type Sharing,
  type WirelessState,
} from '@shoukou/protocol'
import { gatewayKey, gatewaysOf } from './gateways.ts'
import { listsMax } from './order-picture.ts'
import { joinRaw } from './raw-words.ts'

export type DifferenceWhat =
  | 'interface'
  | 'address'
  | 'mac'
  | 'route'
  | 'gateway'
  | 'rule'
  | 'lease'
  | 'dns'
  | 'wireless'
  | 'sharing'

export interface PictureDifference {
  readonly what: DifferenceWhat
  readonly interfaceName: RawText | null
  /** Null: it came. */
  readonly before: RawText | null
  /** Null: it went. */
  readonly after: RawText | null
}

export interface PictureDifferences {
  readonly differences: readonly PictureDifference[]
  /** Beyond the limit of one fact. */
  readonly omitted: number
}

/** One comparable thing: what it is by `key`, how it stands by `text`. */
interface Item {
  readonly key: string
  readonly interfaceName: RawText | null
  readonly text: RawText
  /** How it stands is not known, only that it is there. */
  readonly isUnknown?: boolean
  /** It goes by itself: that it came is a difference, that it went is none. */
  readonly isPassing?: boolean
}

/**
 * Reports the differences in the order of the protocol's list, at most `LIMITS.differencesPerFactMax` of them.
 *
 * Interfaces are the same where their name is: an index is given anew at each start of the computer.
 */
export function diffPictures(before: Picture, after: Picture): PictureDifferences {
  const unread = new Set([...before.unread, ...after.unread])
  const all = comparisons.flatMap(({ what, parts, list, itemsOf }) => {
    if (parts.some((part) => unread.has(part))) return []
    return diffItems(itemsOf(before), itemsOf(after))
      .filter((one) => one.before !== null || !isListCut(before, list))
      .filter((one) => one.after !== null || !isListCut(after, list))
      .map((one) => ({ what, ...one }))
  })
  const differences = all.slice(0, LIMITS.differencesPerFactMax)
  return { differences, omitted: all.length - differences.length }
}

interface Comparison {
  readonly what: DifferenceWhat
  /** Names in `unread` that take the ground away from it. */
  readonly parts: readonly string[]
  /** The list that it looks at: where it was cut, what is not in it may still be there. */
  readonly list: 'interfaces' | 'routes' | 'rules' | 'leases' | 'dnsServers' | 'wireless' | 'sharing'
  readonly itemsOf: (picture: Picture) => Item[]
}

const comparisons: readonly Comparison[] = [
  { what: 'interface', parts: ['interfaces'], list: 'interfaces', itemsOf: interfaceItems },
  { what: 'address', parts: ['interfaces'], list: 'interfaces', itemsOf: addressItems },
  { what: 'mac', parts: ['interfaces'], list: 'interfaces', itemsOf: macItems },
  { what: 'route', parts: ['routes'], list: 'routes', itemsOf: routeItems },
  { what: 'gateway', parts: ['routes'], list: 'routes', itemsOf: gatewayItems },
  { what: 'rule', parts: ['rules'], list: 'rules', itemsOf: ruleItems },
  { what: 'lease', parts: ['leases'], list: 'leases', itemsOf: leaseItems },
  { what: 'dns', parts: ['dns'], list: 'dnsServers', itemsOf: dnsItems },
  { what: 'wireless', parts: ['wireless'], list: 'wireless', itemsOf: wirelessItems },
  {
    what: 'sharing',
    parts: ['forwarding', 'address-translation', 'interfaces'],
    list: 'sharing',
    itemsOf: (picture) => sharingItems(picture.sharing.filter(({ service }) => service !== 'proxy')),
  },
  {
    what: 'sharing',
    parts: ['sockets', 'socket-owners'],
    list: 'sharing',
    itemsOf: (picture) => sharingItems(picture.sharing.filter(({ service }) => service === 'proxy')),
  },
]

function diffItems(before: readonly Item[], after: readonly Item[]): Omit<PictureDifference, 'what'>[] {
  const olds = new Map(before.map((item) => [item.key, item]))
  const news = new Map(after.map((item) => [item.key, item]))
  const gone = [...olds.values()].filter(({ key, isPassing }) => !news.has(key) && isPassing !== true)
  const came = [...news.values()].filter(({ key }) => !olds.has(key))
  const changed = [...news.values()].flatMap((item) => {
    const old = olds.get(item.key)
    if (old === undefined || !isChanged(old, item)) return []
    return [{ interfaceName: item.interfaceName, before: old.text, after: item.text }]
  })
  return [
    ...gone.map(({ interfaceName, text }) => ({ interfaceName, before: text, after: null })),
    ...came.map(({ interfaceName, text }) => ({ interfaceName, before: null, after: text })),
    ...changed,
  ]
}

function isChanged(before: Item, after: Item): boolean {
  if (before.isUnknown === true || after.isUnknown === true) return false
  return rawTextKey(before.text) !== rawTextKey(after.text)
}

function interfaceItems({ interfaces }: Picture): Item[] {
  return interfaces.map((one) => ({
    key: rawTextKey(one.name),
    interfaceName: one.name,
    text: describe(one),
  }))
}

/** `usb0: usb-tether, rndis_host, usb 1-1.2, up, carrier`. */
function describe(one: NetworkInterface): RawText {
  const words: RawText[] = [one.name, `: ${one.medium ?? one.nature}`]
  if (one.driver !== null) words.push(', ', one.driver)
  if (one.usbPath !== null) words.push(', usb ', one.usbPath)
  else if (one.busPath !== null) words.push(', ', one.busPath)
  words.push(one.isAdminUp ? ', up' : ', down')
  if (one.isAdminUp) words.push(one.hasCarrier ? ', carrier' : ', no carrier')
  return joinRaw(...words)
}

function addressItems({ interfaces }: Picture): Item[] {
  return interfaces.flatMap(({ name, addresses }) =>
    addresses.map(({ address, prefixLength }) => {
      const text = `${address}/${prefixLength}`
      return { key: `${rawTextKey(name)} ${text}`, interfaceName: name, text }
    }),
  )
}

function macItems({ interfaces }: Picture): Item[] {
  return interfaces.flatMap(({ name, mac }) =>
    mac === null ? [] : [{ key: rawTextKey(name), interfaceName: name, text: mac }],
  )
}

function routeItems({ routes }: Picture): Item[] {
  return routes.map((route) => {
    const text = routeText(route)
    const owner = route.interfaceName === null ? '' : rawTextKey(route.interfaceName)
    return { key: `${owner} ${text}`, interfaceName: route.interfaceName, text }
  })
}

function routeText({ family, destination, prefixLength, gateway, table }: Route): string {
  const network = prefixLength === 0 ? `default (${family})` : `${destination}/${prefixLength}`
  return `${network}${gateway === null ? '' : ` via ${gateway}`}${table === 254 ? '' : ` table ${table}`}`
}

/** Gateways of default routes, with who answers for them. One that nobody asked for lately has no hardware address. */
function gatewayItems(picture: Picture): Item[] {
  return gatewaysOf(picture).map(({ interfaceName, address, mac }) => ({
    key: gatewayKey({ interfaceName, address }),
    interfaceName,
    text: mac === null ? address : `${address} at ${mac}`,
    isUnknown: mac === null,
  }))
}

function ruleItems({ rules }: Picture): Item[] {
  return rules.map(({ family, priority, text }) => {
    const words = `${family} ${priority}: ${text}`
    return { key: words, interfaceName: null, text: words }
  })
}

function leaseItems({ leases }: Picture): Item[] {
  return leases.map((lease) => ({
    key: `${lease.interfaceName === null ? '' : rawTextKey(lease.interfaceName)} ${lease.address?.includes(':') ?? ''}`,
    interfaceName: lease.interfaceName,
    text: leaseText(lease),
  }))
}

function leaseText({ address, server, routers, dnsServers }: Lease): string {
  const words = [address ?? 'no address']
  if (server !== null) words.push(`from ${server}`)
  if (routers.length > 0) words.push(`routers ${routers.join(', ')}`)
  if (dnsServers.length > 0) words.push(`dns ${dnsServers.join(', ')}`)
  return words.join('; ')
}

function dnsItems({ dnsServers }: Picture): Item[] {
  return dnsServers.map((address) => ({ key: address, interfaceName: null, text: address }))
}

function wirelessItems({ wireless }: Picture): Item[] {
  return wireless.map((one) => ({
    key: rawTextKey(one.interfaceName),
    interfaceName: one.interfaceName,
    text: wirelessText(one),
  }))
}

/** Roaming from one transmitter of a network to the next is a difference; its channel is none. */
function wirelessText({ mode, isAssociated, ssid, bssid, stations }: WirelessState): RawText {
  const words: RawText[] = [mode, isAssociated ? ', associated' : ', not associated']
  if (ssid !== null) words.push(', ssid ', ssid)
  if (bssid !== null) words.push(`, bssid ${bssid}`)
  if (stations.length > 0) words.push(`, stations ${[...stations].sort().join(' ')}`)
  return joinRaw(...words)
}

/** The same service at the same place is the same, whatever its pid is today. */
function sharingItems(sharing: readonly Sharing[]): Item[] {
  return sharing.map(({ service, detail, program }) => {
    const text = joinRaw(`${service}: `, detail)
    const owned = program === null ? text : joinRaw(text, ' by ', program.name)
    // A connection under way is proof while it lasts, and it ends within minutes.
    const isPassing = typeof detail === 'string' && detail.startsWith('conntrack: ')
    return { key: rawTextKey(text), interfaceName: null, text: owned, isPassing }
  })
}

function isListCut(picture: Picture, list: Comparison['list']): boolean {
  return picture.omitted > 0 && picture[list].length >= listsMax[list]
}
