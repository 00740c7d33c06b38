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

export interface UsbPorts {
  plugStick(options: StickOptions): Promise<Plugged & { readonly image: string }>
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

const UNPLUG_TIMEOUT_MS = 10_000

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

  return {
    async plugStick(options) {
      const id = newId('stick')
      const image = options.image ?? join(bench.folder, `${id}.img`)
      if (options.image === undefined) await run('cp', ['--sparse=always', bench.emptyStick, image])
      const isReadOnly = options.isReadOnly ?? false
      await qmp.execute('blockdev-add', {
        driver: 'raw',
        'node-name': `${id}-disk`,
        'read-only': isReadOnly,
        file: { driver: 'file', filename: image, 'read-only': isReadOnly },
      })
      backends.set(id, { command: 'blockdev-del', args: { 'node-name': `${id}-disk` } })
      const properties = { drive: `${id}-disk`, serial: options.serial, removable: true }
      return { ...(await add(id, 'usb-storage', properties)), image }
    },
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
