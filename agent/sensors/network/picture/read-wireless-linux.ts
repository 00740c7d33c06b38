/**
 * Wireless interfaces, what they are joined to and who is joined to them, from the kernel's nl80211. Scans nothing: what it
 * tells of networks is what the kernel knows already.
 */
import type { WirelessState } from '@shoukou/protocol'
import { type GenericFamily, openGenericFamily } from '../../../base/generic-netlink-linux.ts'
import { attribute } from '../../../base/parse-netlink.ts'
import {
  NL80211_ATTR_IFINDEX,
  NL80211_CMD_GET_INTERFACE,
  NL80211_CMD_GET_SCAN,
  NL80211_CMD_GET_STATION,
  parseJoinedNetwork,
  parseStation,
  parseWirelessInterface,
  type WirelessInterface,
} from './parse-nl80211.ts'

const stationsMax = 64
/** Modes in which others join this computer. */
const joinedModes = new Set(['ap', 'ap-vlan', 'p2p-go', 'mesh', 'adhoc'])
const beaconing = new Set(['ap', 'p2p-go'])

export interface WirelessRead {
  readonly wireless: readonly WirelessState[]
  /** Stations beyond what one interface may name. */
  readonly omitted: number
}

/**
 * Reads the wireless interfaces of this network namespace, joined ones first; none where the kernel has no nl80211.
 *
 * @throws ShoukouError where the kernel has it and does not answer.
 */
export async function readWireless(): Promise<WirelessRead> {
  const family = await openGenericFamily('nl80211')
  if (family === null) return { wireless: [], omitted: 0 }
  try {
    const { bodies } = family.dump(NL80211_CMD_GET_INTERFACE)
    const read: StateRead[] = []
    for (const body of bodies) {
      const found = parseWirelessInterface(body)
      if (found !== null) read.push(readState(family, found))
    }
    const wireless = read.map(({ state }) => state)
    return {
      wireless: wireless.sort((a, b) => Number(b.isAssociated) - Number(a.isAssociated)),
      omitted: read.reduce((sum, one) => sum + one.omitted, 0),
    }
  } finally {
    family.close()
  }
}

interface StateRead {
  readonly state: WirelessState
  readonly omitted: number
}

function readState(family: GenericFamily, found: WirelessInterface): StateRead {
  const about = [attribute(NL80211_ATTR_IFINDEX, uint32(found.index))]
  // An interface that is gone by now is answered with ENODEV, and then there is nothing of it.
  const networks = family.dump(NL80211_CMD_GET_SCAN, about).bodies
  const joined = networks.map((body) => parseJoinedNetwork(body)).find((network) => network !== null)
  const others = joinedModes.has(found.mode) ? family.dump(NL80211_CMD_GET_STATION, about).bodies : []
  const stations = others.map((body) => parseStation(body)).filter((mac) => mac !== null)
  // The kernel tells an access point's SSID only while it is one: then it beacons.
  const isBeaconing = beaconing.has(found.mode) && found.ssid !== null
  const state = {
    interfaceName: found.name,
    interfaceIndex: found.index,
    mode: found.mode,
    isAssociated: joined !== undefined || stations.length > 0,
    ssid: found.ssid ?? joined?.ssid ?? null,
    bssid: joined?.bssid ?? (isBeaconing ? found.mac : null),
    frequencyMhz: joined?.frequencyMhz ?? found.frequencyMhz,
    stations: stations.slice(0, stationsMax),
  }
  return { state, omitted: stations.length - state.stations.length }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
