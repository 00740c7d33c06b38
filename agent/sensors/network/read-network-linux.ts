/** The network without rtnetlink: sysfs, /proc/net and the addresses that Node itself can list. The slower way. */
import { readdir, readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { readAttribute, readCount, readWord } from '../read-sysfs-linux.ts'
import { parseIpv4Routes, parseIpv6Routes } from './parse-proc-routes.ts'
import type { AddressMessage, LinkMessage } from './parse-rtnetlink.ts'
import type { NetDump } from './rtnetlink-linux.ts'

const operWords = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up']
const IFF_LOWER_UP = 0x10000

/** Reads a dump of the same shape. @throws the file system's error where sysfs can't be read. */
export async function readNetwork(sys: string, proc: string): Promise<NetDump> {
  const names = await readdir(`${sys}/class/net`)
  const read = await Promise.all(names.map((name) => readLink(`${sys}/class/net/${name}`, name)))
  const links = read.filter((link) => link !== null)
  const indexes = new Map(links.map((link) => [link.name?.toString('utf8') ?? '', link.index]))
  const indexOf = (name: string): number | null => indexes.get(name) ?? null
  const [ipv4, ipv6] = await Promise.all([readText(`${proc}/net/route`), readText(`${proc}/net/ipv6_route`)])
  return {
    links,
    addresses: readAddresses(indexOf),
    routes: [...parseIpv4Routes(ipv4, indexOf), ...parseIpv6Routes(ipv6, indexOf)],
  }
}

async function readLink(folder: string, name: string): Promise<LinkMessage | null> {
  const [index, mac, type, flags, carrier, state, uevent] = await Promise.all([
    readCount(`${folder}/ifindex`),
    readWord(`${folder}/address`),
    readCount(`${folder}/type`),
    readWord(`${folder}/flags`),
    readWord(`${folder}/carrier`),
    readWord(`${folder}/operstate`),
    readAttribute(`${folder}/uevent`),
  ])
  if (index === null) return null
  const kind = /^DEVTYPE=(.+)$/m.exec(uevent?.toString('latin1') ?? '')?.[1]
  return {
    kind: 'link',
    isRemoval: false,
    index,
    name: Buffer.from(name),
    mac: mac !== null && /^[0-9a-f]{2}(:[0-9a-f]{2}){0,31}$/.test(mac) ? mac : null,
    hardwareType: type ?? 0,
    flags: (Number(flags ?? 0) || 0) | (carrier === '1' ? IFF_LOWER_UP : 0),
    operState: state === null ? null : Math.max(0, operWords.indexOf(state)),
    linkKind: kind === undefined ? null : Buffer.from(kind, 'latin1'),
    parentName: null,
    parentBus: null,
  }
}

function readAddresses(indexOf: (name: string) => number | null): AddressMessage[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
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

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch {
    // A kernel without that protocol has no such table, and then no such routes.
    return ''
  }
}
