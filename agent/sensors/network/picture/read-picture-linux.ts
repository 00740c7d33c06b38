/**
 * The whole network at one moment, as proof: the kernel's tables that the sensor holds, and around them leases, DNS,
 * wireless, what is shared, and sockets with their owners. Only reads; asks nobody on the network.
 */
import type { Picture } from '@shoukou/protocol'
import type { PictureTables } from '../picture-tables.ts'

export interface ReadPictureOptions {
  /** Folder that stands for `/`. Another than `/`: recorded files are read and the kernel is not asked. */
  readonly root?: string
  /** False for routine pictures: sockets are left out (proxies that listen are still looked for). */
  readonly withSockets?: boolean
}
