/**
 * The addresses of all interfaces without rtnetlink: as Node lists them, and where netlink is forbidden to it too, from
 * /proc/net/if_inet6 and by SIOCGIFCONF (netdevice(7)). Only reads.
 */
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { callError, type Libc, loadLibc } from '../../base/libc-linux.ts'
import type { AddressMessage } from './net-messages.ts'
import { ipOf, ipv6Text } from './netlink-attributes.ts'

type IndexOf = (name: string) => number | null

/** Reads them. @throws where neither way is open. */
export async function readAddresses(proc: string, indexOf: IndexOf): Promise<AddressMessage[]> {
  let listed: ReturnType<typeof networkInterfaces>
  try {
    listed = networkInterfaces()
  } catch {
    // The C library asks netlink for them: whoever forbids it to the agent forbids it there too.
    const ipv6 = await readFile(`${proc}/net/if_inet6`, 'latin1').catch(() => '')
    return [...parseIfInet6(ipv6), ...askIpv4(await loadLibc(), indexOf)]
  }
  return Object.entries(listed).flatMap(([name, addresses = []]) =>
    addresses.flatMap((one): AddressMessage[] => {
      const index = indexOf(name)
      if (index === null) return []
      const family = one.family === 'IPv4' ? 'ipv4' : 'ipv6'
      const prefixLength = Number(one.cidr?.split('/')[1] ?? (family === 'ipv4' ? 32 : 128))
      const isLink = one.address.startsWith('fe80:') || one.address.startsWith('169.254.')
      const scope = one.internal ? 'host' : isLink ? 'link' : 'global'
      return [{ kind: 'address', isRemoval: false, index, family, address: one.address, prefixLength, scope }]
    }),
  )
}

const scopes: ReadonlyMap<number, AddressMessage['scope']> = new Map([
  [0x00, 'global'],
  [0x10, 'host'],
  [0x20, 'link'],
  [0x40, 'site'],
])

/** Lines of address, index, prefix length, scope, flags (all hexadecimal) and name. */
export function parseIfInet6(text: string): AddressMessage[] {
  return text.split('\n').flatMap((line): AddressMessage[] => {
    const [address, index, prefixLength, scope] = line.trim().split(/\s+/)
    if (address === undefined || !/^[0-9a-f]{32}$/.test(address)) return []
    return [
      {
        kind: 'address',
        isRemoval: false,
        index: Number.parseInt(index ?? '', 16) || 0,
        family: 'ipv6',
        address: ipv6Text(Buffer.from(address, 'hex')),
        prefixLength: Math.min(128, Number.parseInt(prefixLength ?? '', 16) || 0),
        scope: scopes.get(Number.parseInt(scope ?? '', 16)) ?? 'other',
      },
    ]
  })
}

const AF_INET = 2
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000
const SIOCGIFCONF = 0x8912
const SIOCGIFNETMASK = 0x891b
/** `struct ifreq`: 16 bytes of name, then a `struct sockaddr` (family, port, address) in 24. */
const requestBytes = 40
const requestsMax = 4_096

function askIpv4(libc: Libc, indexOf: IndexOf): AddressMessage[] {
  const socket = libc.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0)
  if (socket.value < 0) throw callError('socket(AF_INET)', socket)
  try {
    const room = Buffer.alloc(requestBytes * requestsMax)
    const list = Buffer.alloc(16)
    list.writeInt32LE(room.length, 0)
    list.writeBigUInt64LE(libc.addressOf(room), 8)
    const asked = libc.ioctl(socket.value, SIOCGIFCONF, list)
    if (asked.value < 0) throw callError('ioctl(SIOCGIFCONF)', asked)
    const found: AddressMessage[] = []
    for (let at = 0; at + requestBytes <= Math.min(list.readInt32LE(0), room.length); at += requestBytes) {
      const request = Buffer.from(room.subarray(at, at + requestBytes))
      const address = ipOf('ipv4', request.subarray(20, 24))
      // `eth0:1` is a label of eth0's.
      const name = request.subarray(0, 16).toString('utf8').split('\0')[0]?.split(':')[0] ?? ''
      const index = indexOf(name)
      if (address === null || index === null) continue
      const masked = libc.ioctl(socket.value, SIOCGIFNETMASK, request)
      const mask = masked.value < 0 ? 0xffff_ffff : request.readUInt32BE(20)
      const prefixLength = Math.clz32(~mask >>> 0)
      const scope = address.startsWith('127.') ? 'host' : address.startsWith('169.254.') ? 'link' : 'global'
      found.push({ kind: 'address', isRemoval: false, index, family: 'ipv4', address, prefixLength, scope })
    }
    return found
  } finally {
    libc.close(socket.value)
  }
}
