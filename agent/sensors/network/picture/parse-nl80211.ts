/**
 * nl80211's answers to values (linux/nl80211.h): wireless interfaces, the network that one is joined to, the stations that
 * are joined to it. Pure, never throws; names and SSIDs are a stranger's bytes.
 */
import { type RawText, rawTextOf } from '@shoukou/protocol'
import { attributeMap } from '../../../base/parse-netlink.ts'

export const NL80211_CMD_GET_INTERFACE = 5
export const NL80211_CMD_GET_STATION = 17
export const NL80211_CMD_GET_SCAN = 32
export const NL80211_ATTR_IFINDEX = 3
const NL80211_ATTR_IFNAME = 4
const NL80211_ATTR_IFTYPE = 5
const NL80211_ATTR_MAC = 6
const NL80211_ATTR_WIPHY_FREQ = 38
const NL80211_ATTR_BSS = 47
const NL80211_ATTR_SSID = 52
const NL80211_BSS_BSSID = 1
const NL80211_BSS_FREQUENCY = 2
const NL80211_BSS_INFORMATION_ELEMENTS = 6
const NL80211_BSS_STATUS = 9
const NL80211_BSS_STATUS_ASSOCIATED = 1
const NL80211_BSS_STATUS_IBSS_JOINED = 2
const ELEMENT_SSID = 0

/** NL80211_IFTYPE_*, in the words of a picture. */
const modes = [
  'unspecified',
  'adhoc',
  'station',
  'ap',
  'ap-vlan',
  'wds',
  'monitor',
  'mesh',
  'p2p-client',
  'p2p-go',
  'p2p-device',
  'ocb',
  'nan',
]

export interface WirelessInterface {
  readonly index: number
  readonly name: RawText
  readonly mac: string | null
  readonly mode: string
  /** Of an access point: its own; of a station: the network's, where the kernel tells (5.19). */
  readonly ssid: RawText | null
  readonly frequencyMhz: number | null
}

export interface JoinedNetwork {
  readonly bssid: string
  readonly ssid: RawText | null
  readonly frequencyMhz: number | null
}

/** Reads one NL80211_CMD_NEW_INTERFACE; null for what has no interface of the network (a P2P device, NAN). */
export function parseWirelessInterface(body: Buffer): WirelessInterface | null {
  const attributes = attributeMap(body)
  const [index, name] = [numberIn(attributes.get(NL80211_ATTR_IFINDEX)), attributes.get(NL80211_ATTR_IFNAME)]
  if (index === null || name === undefined) return null
  return {
    index,
    name: rawTextOf(name.at(-1) === 0 ? name.subarray(0, -1) : name),
    mac: macIn(attributes.get(NL80211_ATTR_MAC)),
    mode: modes[numberIn(attributes.get(NL80211_ATTR_IFTYPE)) ?? 0] ?? 'unspecified',
    ssid: ssidIn(attributes.get(NL80211_ATTR_SSID)),
    frequencyMhz: numberIn(attributes.get(NL80211_ATTR_WIPHY_FREQ)),
  }
}

/** Reads one NL80211_CMD_NEW_SCAN_RESULTS; null for a network that is only heard and not joined. */
export function parseJoinedNetwork(body: Buffer): JoinedNetwork | null {
  const nested = attributeMap(body).get(NL80211_ATTR_BSS)
  if (nested === undefined) return null
  const bss = attributeMap(nested)
  const status = numberIn(bss.get(NL80211_BSS_STATUS))
  const bssid = macIn(bss.get(NL80211_BSS_BSSID))
  const isJoined = status === NL80211_BSS_STATUS_ASSOCIATED || status === NL80211_BSS_STATUS_IBSS_JOINED
  if (!isJoined || bssid === null) return null
  return {
    bssid,
    ssid: ssidOfElements(bss.get(NL80211_BSS_INFORMATION_ELEMENTS)),
    frequencyMhz: numberIn(bss.get(NL80211_BSS_FREQUENCY)),
  }
}

/** Reads one NL80211_CMD_NEW_STATION: the address of who is joined. */
export function parseStation(body: Buffer): string | null {
  return macIn(attributeMap(body).get(NL80211_ATTR_MAC))
}

function numberIn(value: Buffer | undefined): number | null {
  return value !== undefined && value.length >= 4 ? value.readUInt32LE(0) : null
}

function macIn(value: Buffer | undefined): string | null {
  if (value?.length !== 6) return null
  return [...value].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** A network without a name (hidden) has an empty SSID, or one of zero bytes. */
function ssidIn(value: Buffer | undefined): RawText | null {
  if (value === undefined || value.length > 32 || value.every((byte) => byte === 0)) return null
  return rawTextOf(value)
}

/** Elements of a beacon (IEEE 802.11 §9.4.2): number, length, value. */
function ssidOfElements(elements: Buffer | undefined): RawText | null {
  const bytes = elements ?? Buffer.alloc(0)
  for (let at = 0; at + 2 <= bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
    if (bytes[at] === ELEMENT_SSID) return ssidIn(bytes.subarray(at + 2, at + 2 + (bytes[at + 1] ?? 0)))
  }
  return null
}
