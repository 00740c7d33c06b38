/**
 * Plugs things into the guest's USB bus and pulls them out, over QMP. Each call gives the host's clock at QEMU's reply:
 * the moment from which a time "from plug to screen" counts.
 */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Qmp } from '../support/qmp.ts'
import type { JsonObject } from '../support/qmp-socket.ts'

const run = promisify(execFile)

export interface Plugged {
  /** QEMU's name of the device, for `unplug`. */
  readonly id: string
  /** Host clock, ms since the epoch (`hostNow`), at QEMU's reply to `device_add`. */
  readonly pluggedAt: number
}

export interface StickOptions {
  /** As the USB descriptor tells it. QEMU's sticks are vendor 46f4, product 0001. */
  readonly serial: string
  /** An image to use as it is; left out, an empty vfat file system of 64 MB. The guest writes to it. */
  readonly image?: string
  readonly isReadOnly?: boolean
}

export interface PluggedMedium extends Plugged {
  /** The file behind it. */
  readonly image: string
}

export interface UsbPorts {
  plugStick(options: StickOptions): Promise<PluggedMedium>
  /**
   * A stick that speaks UAS alone (real ones also have a bulk-only setting). QEMU ends where it is unplugged in the
   * middle of a read: leave nothing reading it.
   */
  plugUasStick(options: StickOptions): Promise<PluggedMedium>
  /** A USB drive with a disc in it. */
  plugOpticalDrive(options: StickOptions): Promise<PluggedMedium>
  plugKeyboard(options: { readonly serial: string }): Promise<Plugged>
  /** A phone that offers a folder over MTP. */
  plugPhone(options?: { readonly serial?: string }): Promise<Plugged>
  /** A USB network adapter, as a tethered phone shows itself; no one is at its other end. */
  plugNetworkAdapter(options: { readonly mac: string }): Promise<Plugged>
  /** Any other USB device that QEMU knows: `usb-kbd`, `usb-audio`, … */
  plugDevice(driver: string, properties?: JsonObject): Promise<Plugged>
  /** Returns the host's clock when the guest had let go of the device. */
  unplug(plugged: { readonly id: string }): Promise<number>
}

interface Bench {
  readonly qmp: Qmp
  readonly emptyStick: string
  /** Images and folders of plugged things are made here. */
  readonly folder: string
}

const UNPLUG_TIMEOUT_MS = 30_000

/** Returns the ports of the guest that `bench.qmp` controls. */
export function createUsbPorts(bench: Bench): UsbPorts {
  const { qmp } = bench
  let nextNumber = 1
  /** What stands behind a device and must go after it. */
  const backends = new Map<string, { readonly command: string; readonly args: JsonObject }>()

  const newId = (kind: string) => `${kind}${nextNumber++}`

  async function add(id: string, driver: string, properties: JsonObject): Promise<Plugged> {
    const reply = await qmp.execute('device_add', { driver, id, bus: 'xhci.0', ...properties })
    return { id, pluggedAt: reply.repliedAt }
  }

  /** Makes the disk that a medium shows. */
  async function addMedium(kind: string, options: StickOptions) {
    const id = newId(kind)
    const image = options.image ?? join(bench.folder, `${id}.img`)
    if (options.image === undefined) await run('cp', ['--sparse=always', bench.emptyStick, image])
    const isReadOnly = options.isReadOnly ?? false
    const drive = `${id}-disk`
    await qmp.execute('blockdev-add', {
      driver: 'raw',
      'node-name': drive,
      'read-only': isReadOnly,
      file: { driver: 'file', filename: image, 'read-only': isReadOnly },
    })
    backends.set(id, { command: 'blockdev-del', args: { 'node-name': drive } })
    return { id, image, drive }
  }

  /** Plugs a carrier of SCSI devices with one in it: the guest sees nothing before both are there. */
  async function addWithDisk(
    id: string,
    carrier: string,
    driver: string,
    properties: { readonly drive: string; readonly serial: string },
  ): Promise<Plugged> {
    await qmp.execute('device_add', { driver: carrier, id, bus: 'xhci.0', serial: properties.serial })
    await qmp.execute('device_add', { driver, id: `${id}-lun`, bus: `${id}.0`, ...properties })
    const reply = await qmp.execute('qom-set', {
      path: `/machine/peripheral/${id}`,
      property: 'attached',
      value: true,
    })
    return { id, pluggedAt: reply.repliedAt }
  }

  return {
    async plugStick(options) {
      const { id, image, drive } = await addMedium('stick', options)
      return { ...(await add(id, 'usb-storage', { drive, serial: options.serial, removable: true })), image }
    },
    async plugUasStick(options) {
      const { id, image, drive } = await addMedium('uas', options)
      return { ...(await addWithDisk(id, 'usb-uas', 'scsi-hd', { drive, serial: options.serial })), image }
    },
    async plugOpticalDrive(options) {
      const { id, image, drive } = await addMedium('optical', { ...options, isReadOnly: true })
      return { ...(await addWithDisk(id, 'usb-bot', 'scsi-cd', { drive, serial: options.serial })), image }
    },
    plugKeyboard: ({ serial }) => add(newId('keyboard'), 'usb-kbd', { serial }),
    async plugPhone(options = {}) {
      const id = newId('phone')
      const rootdir = join(bench.folder, id)
      await mkdir(rootdir)
      return await add(id, 'usb-mtp', {
        rootdir,
        ...(options.serial === undefined ? {} : { serial: options.serial }),
      })
    },
    async plugNetworkAdapter({ mac }) {
      const id = newId('adapter')
      await qmp.execute('netdev_add', { type: 'hubport', id: `${id}-net`, hubid: nextNumber })
      backends.set(id, { command: 'netdev_del', args: { id: `${id}-net` } })
      return await add(id, 'usb-net', { netdev: `${id}-net`, mac })
    },
    plugDevice: (driver, properties = {}) => add(newId('device'), driver, properties),
    async unplug({ id }) {
      const deleted = qmp.nextEvent(
        `DEVICE_DELETED of ${id}`,
        (event) => event.name === 'DEVICE_DELETED' && event.data['device'] === id,
        UNPLUG_TIMEOUT_MS,
      )
      const [event] = await Promise.all([deleted, qmp.execute('device_del', { id })])
      const backend = backends.get(id)
      backends.delete(id)
      if (backend !== undefined) await qmp.execute(backend.command, backend.args)
      return event.at
    },
  }
}
