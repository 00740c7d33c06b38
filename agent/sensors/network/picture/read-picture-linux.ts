/**
 * The whole network at one moment, as proof: the kernel's tables that the sensor holds, and around them leases, DNS,
 * wireless, what is shared, and sockets with their owners. Only reads; asks nobody on the network.
 */
import type { Picture, SocketSeen } from '@shoukou/protocol'
import { readSessionUser } from '../../../base/session-user-linux.ts'
import { type OwnedSocket, readSockets } from '../../../base/sock-diag-linux.ts'
import type { PictureTables } from '../picture-tables.ts'
import { findBridges } from './find-bridges.ts'
import { listsMax, orderPicture } from './order-picture.ts'
import { PictureFiles } from './picture-files-linux.ts'
import { readDnsServers } from './read-dns-linux.ts'
import { readForwarding } from './read-forwarding-linux.ts'
import { readLeases } from './read-leases-linux.ts'
import { readProxies } from './read-proxies-linux.ts'
import { readTranslation } from './read-translation-linux.ts'
import { readWireless, type WirelessRead } from './read-wireless-linux.ts'

export interface ReadPictureOptions {
  /** Folder that stands for `/`. Another than `/`: recorded files are read and the kernel is not asked. */
  readonly root?: string
  /** False for routine pictures: `sockets` stays empty; what listens is still looked at, for proxies. */
  readonly withSockets?: boolean
  /** ms since 1970: which leases still hold. */
  readonly nowWallMs?: number
}

/** Beside the sockets that a picture holds: those that listen, to find proxies among them however many are connected. */
const listenersMax = 1_024

/**
 * Reads a picture around the sensor's tables. Parts that could not be read, or only in part, are named in `unread`:
 * `interfaces`, `routes`, `neighbours`, `rules`, `leases`, `dns`, `wireless`, `forwarding`, `address-translation`, `sockets`,
 * `socket-owners`. Never throws.
 */
export async function readPicture(tables: PictureTables, options: ReadPictureOptions = {}): Promise<Picture> {
  const { root = '/', withSockets = true, nowWallMs = Date.now() } = options
  const asksKernel = root === '/'
  const { interfaces } = tables
  const unread = new Set<string>(tables.unread)
  const readPart = <T>(name: string, read: (files: PictureFiles) => T): T => {
    const files = new PictureFiles(root)
    const value = read(files)
    if (files.hasGap) unread.add(name)
    return value
  }

  const wireless = await readWirelessPart(asksKernel)
  const isUntold = interfaces.some(
    ({ isWireless, index }) => isWireless && !wireless?.wireless.some((one) => one.interfaceIndex === index),
  )
  if (asksKernel && (wireless === null || isUntold)) unread.add('wireless')

  const translation = await readTranslation(new PictureFiles(root), interfaces, asksKernel)
  if (translation.hasGap) unread.add('address-translation')

  const read = await readSockets({
    root,
    limit: listsMax.sockets,
    waitingMax: listenersMax,
    listenersOnly: !withSockets,
  })
  for (const name of read.unread) unread.add(name === 'socket-owners' ? name : 'sockets')
  const sockets = withSockets ? read.sockets.map(seenOf) : []

  return orderPicture(
    {
      interfaces: [...interfaces],
      routes: [...tables.routes],
      neighbours: [...tables.neighbours],
      rules: [...tables.rules],
      leases: readPart('leases', (files) => readLeases(files, interfaces, nowWallMs)),
      dnsServers: readPart('dns', readDnsServers),
      wireless: [...(wireless?.wireless ?? [])],
      sharing: [
        ...readPart('forwarding', readForwarding),
        ...findBridges(interfaces),
        // What is missing of a process is null there; it may have ended meanwhile.
        ...readProxies(new PictureFiles(root), read.sockets),
        ...translation.sharing,
      ],
      sockets,
      sessionAccount: readSessionUser(`${asksKernel ? '' : root}/run/systemd/sessions`),
      unread: [...unread],
    },
    (wireless?.omitted ?? 0) + (withSockets ? read.omitted : 0),
  )
}

/** Null where the kernel did not answer. */
async function readWirelessPart(asksKernel: boolean): Promise<WirelessRead | null> {
  if (!asksKernel) return { wireless: [], omitted: 0 }
  try {
    return await readWireless()
  } catch {
    // Told by the caller as a part that could not be read.
    return null
  }
}

function seenOf({ protocol, family, state, local, peer, pid, uid, program }: OwnedSocket): SocketSeen {
  return { protocol, family, state, local, peer, pid, uid, program }
}
