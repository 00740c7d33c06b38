/**
 * The DHCP leases that hold now, as the clients keep them: NetworkManager, systemd-networkd, dhclient, dhcpcd. busybox's
 * udhcpc keeps none. Only reads files; asks no server.
 */
import type { Lease, NetworkInterface, RawText } from '@shoukou/protocol'
import { bytesOfRawText } from '@shoukou/protocol'
import { type LeaseFound, leaseFrom, newestLeases } from './lease-found.ts'
import { parseDhclientLeases } from './parse-dhclient-leases.ts'
import { parseDhcpPacket } from './parse-dhcp-packet.ts'
import { parseLeasePairs } from './parse-lease-pairs.ts'
import type { FileRead, PictureFiles } from './picture-files-linux.ts'
import { rawOfLatin1 } from './raw-words.ts'

interface Store {
  readonly folder: string
  readonly isLease: RegExp
  readonly parse: (file: FileRead) => readonly LeaseFound[]
}

const pairs = ({ bytes, changedWallMs }: FileRead): LeaseFound[] => {
  const lease = parseLeasePairs(bytes.toString('latin1'), changedWallMs)
  return lease === null ? [] : [lease]
}
const dhclient = ({ bytes }: FileRead): LeaseFound[] => parseDhclientLeases(bytes.toString('latin1'))
const packet = ({ bytes, changedWallMs }: FileRead): LeaseFound[] => {
  const lease = parseDhcpPacket(bytes, changedWallMs)
  return lease === null ? [] : [lease]
}

const stores: readonly Store[] = [
  { folder: '/run/systemd/netif/leases', isLease: /^\d+$/, parse: pairs },
  { folder: '/var/lib/NetworkManager', isLease: /^internal-.*\.lease$/s, parse: pairs },
  { folder: '/var/lib/NetworkManager', isLease: /^dhclient.*\.lease$/s, parse: dhclient },
  { folder: '/var/lib/dhcp', isLease: /\.leases?$/s, parse: dhclient },
  { folder: '/var/lib/dhclient', isLease: /\.leases?$/s, parse: dhclient },
  { folder: '/var/lib/dhcpcd', isLease: /\.lease$/s, parse: packet },
  { folder: '/var/db/dhcpcd', isLease: /\.lease$/s, parse: packet },
]

/** Reads the newest valid lease of each interface, newest first; not yet cut to the picture's limit. */
export function readLeases(
  files: PictureFiles,
  interfaces: readonly NetworkInterface[],
  nowWallMs: number,
): Lease[] {
  const leases = stores.flatMap(({ folder, isLease, parse }) =>
    files
      .names(folder)
      .filter((name) => isLease.test(name))
      .flatMap((name): Lease[] => {
        const file = files.read(`${folder}/${name}`)
        const owner = interfaceOf(name, interfaces)
        const source = rawOfLatin1(`${folder}/${name}`)
        return file === null ? [] : parse(file).map((found) => leaseFrom(found, owner, source))
      }),
  )
  return newestLeases(leases, nowWallMs)
}

/**
 * Whose lease it is by the file's name: an index (systemd-networkd), or the interface's name at its start (dhcpcd, which may
 * add the SSID) or end, before `.lease`. The longest name that fits holds.
 */
function interfaceOf(fileName: string, interfaces: readonly NetworkInterface[]): RawText | null {
  if (/^\d+$/.test(fileName)) {
    return interfaces.find(({ index }) => index === Number(fileName))?.name ?? null
  }
  const stem = fileName.replace(/\.leases?$/s, '')
  const fitting = interfaces
    .map(({ name }) => ({ name, text: Buffer.from(bytesOfRawText(name)).toString('latin1') }))
    .filter(({ text }) => stem === text || stem.startsWith(`${text}-`) || endsIn(stem, text))
    .sort((a, b) => b.text.length - a.text.length)
  const known = fitting[0]?.name
  if (known !== undefined) return known
  // An interface that went since: NetworkManager puts its name last, behind the connection's id.
  const last = /^(?:internal|dhclient)-[0-9a-f-]{36}-(.{1,15})$/s.exec(stem)?.[1]
  return last === undefined ? null : rawOfLatin1(last)
}

function endsIn(stem: string, name: string): boolean {
  return stem.endsWith(`-${name}`) || stem.endsWith(`.${name}`)
}
