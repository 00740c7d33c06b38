/** The network without rtnetlink: sysfs, /proc/net and what else lists addresses. The slower way. */
import { readdir, readFile } from 'node:fs/promises'
import { readAttribute, readCount, readWord } from '../read-sysfs-linux.ts'
import type { LinkMessage, NetDump } from './net-messages.ts'
import { parseIpv4Routes, parseIpv6Routes } from './parse-proc-routes.ts'
import { readAddresses } from './read-addresses-linux.ts'

const operWords = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up']
const IFF_LOWER_UP = 0x10000
/** Device types that a driver gives to hardware: no kind of link that software makes. */
const hardwareTypes: ReadonlySet<string> = new Set(['wlan', 'wwan', 'wimax', 'bluetooth', 'gadget'])

/** Reads a dump of the same shape. @throws the file system's error where sysfs can't be read. */
export async function readNetwork(sys: string, proc: string): Promise<NetDump> {
  const folder = `${sys}/class/net`
  // The kernel takes any byte but a few into a name.
  const names = await readdir(Buffer.from(folder), { encoding: 'buffer' })
  const read = await Promise.all(names.map((name) => readLink(folder, name)))
  const links = read.filter((link) => link !== null)
  // Node shows names as UTF-8, /proc/net is read byte by byte.
  const indexes = new Map(
    links.flatMap(({ name, index }) => [
      [name?.toString('utf8') ?? '', index],
      [name?.toString('latin1') ?? '', index],
    ]),
  )
  const indexOf = (name: string): number | null => indexes.get(name) ?? null
  const [ipv4, ipv6] = await Promise.all([readText(`${proc}/net/route`), readText(`${proc}/net/ipv6_route`)])
  return {
    links,
    addresses: await readAddresses(proc, indexOf),
    routes: [...parseIpv4Routes(ipv4, indexOf), ...parseIpv6Routes(ipv6, indexOf)],
  }
}

async function readLink(folder: string, name: Buffer): Promise<LinkMessage | null> {
  const at = (rest: string): Buffer =>
    Buffer.concat([Buffer.from(`${folder}/`), name, Buffer.from(`/${rest}`)])
  const [index, mac, type, flags, carrier, state, uevent, lower, master] = await Promise.all([
    readCount(at('ifindex')),
    readWord(at('address')),
    readCount(at('type')),
    readWord(at('flags')),
    readWord(at('carrier')),
    readWord(at('operstate')),
    readAttribute(at('uevent')),
    readCount(at('iflink')),
    readCount(at('master/ifindex')),
  ])
  // `bonding_masters` stands in the same folder and is no interface.
  if (index === null) return null
  const kind = /^DEVTYPE=(.+)$/m.exec(uevent?.toString('latin1') ?? '')?.[1]
  return {
    kind: 'link',
    isRemoval: false,
    index,
    name,
    mac: mac !== null && /^[0-9a-f]{2}(:[0-9a-f]{2}){0,31}$/.test(mac) ? mac : null,
    permanentMac: null,
    hardwareType: type ?? 0,
    flags: (Number(flags ?? 0) || 0) | (carrier === '1' ? IFF_LOWER_UP : 0),
    operState: state === null ? null : Math.max(0, operWords.indexOf(state)),
    linkKind: kind === undefined || hardwareTypes.has(kind) ? null : Buffer.from(kind, 'latin1'),
    // Whether the lower one is of this namespace is not said here: only kinds that stand on one of the same are taken.
    lowerIndex: kind === 'vlan' && lower !== index ? lower : null,
    masterIndex: master,
    parentName: null,
    parentBus: null,
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch {
    // A kernel without that protocol has no such table, and then no such routes.
    return ''
  }
}
