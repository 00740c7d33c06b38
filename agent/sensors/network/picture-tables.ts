/**
 * The kernel's own network tables as the running sensor holds them: what a picture of the network is made from. Only
 * the shape; the sensor fills it, `picture/` reads the rest of a picture around it.
 */
import type { Neighbour, NetworkInterface, Picture, Route, RouteRule } from '@shoukou/protocol'

export interface PictureTables {
  /** By index. */
  readonly interfaces: readonly NetworkInterface[]
  /** Unicast routes of all tables but the local one. */
  readonly routes: readonly Route[]
  /** Resolved and failed entries; those that need no resolving (loopback, multicast) are left out by the kernel. */
  readonly neighbours: readonly Neighbour[]
  /** In the order in which the kernel asks them; the three that every computer has are left out. */
  readonly rules: readonly RouteRule[]
  /** Tables that could not be read this time, by their name in a picture (`Picture.unread`): an empty list says nothing then. */
  readonly unread: readonly PictureTableName[]
}

export type PictureTableName = 'interfaces' | 'routes' | 'neighbours' | 'rules'

/** Reads the rest of a picture around these tables. */
export type ReadPicture = (tables: PictureTables) => Promise<Picture>
