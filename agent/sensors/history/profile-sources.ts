/** Where profiles, leases and pairings stand, and which parser reads each. A table; nothing is read here. */
import type { FoundTrace } from './found-trace.ts'
import { parseDhcpcdLease } from './parse-dhcpcd-lease.ts'
import { interfaceOfLeaseName, parseDhclientLeases, parseKeyValueLease } from './parse-leases.ts'
import { type NetworkManagerMemory, parseProfile, parseSeenBssids } from './parse-network-manager.ts'
import {
  parseBluetoothInfo,
  parseIpsec,
  parseOpenvpn,
  parsePppPeer,
  parseWireguard,
} from './parse-tunnels-and-peers.ts'
import {
  parseConnman,
  parseIfcfg,
  parseInterfacesFile,
  parseIwdName,
  parseNetplan,
  parseWpaSupplicant,
} from './parse-wifi-configs.ts'

export interface ProfileFile {
  /** Latin-1, one character per byte. */
  readonly text: string
  readonly name: string
  /** The name of the folder that it is in. */
  readonly parent: string
}

export interface ProfileSource {
  readonly source: string
  /** Below the root, without a leading slash; `*` stands for one folder. */
  readonly folder: string
  readonly names: RegExp
  readonly parse: (file: ProfileFile, memory: NetworkManagerMemory) => FoundTrace[]
}

const anyName = /^(?!\.).*(?<!~)$/
const conf = /\.conf$/
const stem = (name: string): string => name.replace(/\.[^.]+$/, '')

export const NETWORK_MANAGER_STATE = 'var/lib/NetworkManager'

export const PROFILE_SOURCES: readonly ProfileSource[] = [
  ...['etc/NetworkManager', 'run/NetworkManager', 'usr/lib/NetworkManager'].map((folder) => ({
    source: 'networkmanager',
    folder: `${folder}/system-connections`,
    names: anyName,
    parse: (file: ProfileFile, memory: NetworkManagerMemory) => parseProfile(file.text, memory),
  })),
  {
    source: 'networkmanager',
    folder: NETWORK_MANAGER_STATE,
    names: /^seen-bssids$/,
    parse: ({ text }) => parseSeenBssids(text),
  },
  {
    source: 'networkmanager-lease',
    folder: NETWORK_MANAGER_STATE,
    names: /\.lease$/,
    parse: ({ text, name }) => {
      const leases = parseDhclientLeases(text)
      return leases.length > 0 ? leases : parseKeyValueLease(text, interfaceOfLeaseName(name))
    },
  },
  ...['etc/netplan', 'run/netplan', 'lib/netplan'].map((folder) => ({
    source: 'netplan',
    folder,
    names: /\.ya?ml$/,
    parse: ({ text }: ProfileFile) => parseNetplan(text),
  })),
  ...['etc', 'etc/wpa_supplicant'].map((folder) => ({
    source: 'wpa-supplicant',
    folder,
    names: folder === 'etc' ? /^wpa_supplicant\.conf$/ : conf,
    parse: ({ text }: ProfileFile) => parseWpaSupplicant(text),
  })),
  { source: 'iwd', folder: 'var/lib/iwd', names: anyName, parse: ({ name }) => parseIwdName(name) },
  {
    source: 'connman',
    folder: 'var/lib/connman/*',
    names: /^settings$/,
    parse: ({ text }) => parseConnman(text),
  },
  ...['etc/network', 'etc/network/interfaces.d'].map((folder) => ({
    source: 'ifupdown',
    folder,
    names: folder === 'etc/network' ? /^interfaces$/ : anyName,
    parse: ({ text }: ProfileFile) => parseInterfacesFile(text),
  })),
  {
    source: 'ifcfg',
    folder: 'etc/sysconfig/network-scripts',
    names: /^ifcfg-[^.~]+$/,
    parse: ({ text }) => parseIfcfg(text),
  },
  ...['var/lib/dhcp', 'var/lib/dhclient', 'var/lib/dhcp3'].map((folder) => ({
    source: 'dhclient-lease',
    folder,
    names: /\.leases?$/,
    parse: ({ text }: ProfileFile) => parseDhclientLeases(text),
  })),
  {
    source: 'dhcpcd-lease',
    folder: 'var/lib/dhcpcd',
    names: /\.lease\d?$/,
    parse: ({ text, name }) => parseDhcpcdLease(Buffer.from(text, 'latin1'), name),
  },
  {
    source: 'networkd-lease',
    folder: 'run/systemd/netif/leases',
    names: /^\d+$/,
    parse: ({ text }) => parseKeyValueLease(text, null),
  },
  {
    source: 'bluetoothd',
    folder: 'var/lib/bluetooth/*/*',
    names: /^info$/,
    parse: ({ text, parent }) => parseBluetoothInfo(text, parent),
  },
  {
    source: 'wireguard',
    folder: 'etc/wireguard',
    names: conf,
    parse: ({ text, name }) => parseWireguard(text, stem(name)),
  },
  ...['etc/openvpn', 'etc/openvpn/client'].map((folder) => ({
    source: 'openvpn',
    folder,
    names: /\.(?:conf|ovpn)$/,
    parse: ({ text, name }: ProfileFile) => parseOpenvpn(text, stem(name)),
  })),
  { source: 'ipsec', folder: 'etc', names: /^ipsec\.conf$/, parse: ({ text }) => parseIpsec(text) },
  {
    source: 'ppp',
    folder: 'etc/ppp/peers',
    names: anyName,
    parse: ({ text, name }) => parsePppPeer(text, name),
  },
]
