/** One look at everything: buses, class nodes, switches, Bluetooth. Only reads; never throws. */
import { existsSync } from 'node:fs'
import { readBluetoothPower } from './bluetooth-power-linux.ts'
import type { HardwareView } from './hardware-view.ts'
import { readAliased, readPci, readSdio, readUsb } from './read-buses-linux.ts'
import { readNodes, readSwitches } from './read-nodes-linux.ts'
import { SysfsReader } from './sysfs-folder-linux.ts'
import { VideoCapabilities } from './video-capability-linux.ts'

export interface HardwareRoots {
  readonly sys: string
  readonly proc: string
  readonly dev: string
  readonly bluetoothState: string
}

export type HardwareLook =
  | { readonly kind: 'read'; readonly view: HardwareView; readonly unread: readonly string[] }
  | { readonly kind: 'unreadable'; readonly reason: string }

export class HardwareReader {
  readonly #roots: HardwareRoots
  readonly #video: VideoCapabilities

  constructor(roots: HardwareRoots) {
    this.#roots = roots
    this.#video = new VideoCapabilities(roots.dev)
  }

  async read(): Promise<HardwareLook> {
    const { sys, proc, bluetoothState } = this.#roots
    if (!existsSync(`${sys}/bus`) && !existsSync(`${sys}/class`))
      return { kind: 'unreadable', reason: `neither ${sys}/bus nor ${sys}/class is there` }
    const reader = new SysfsReader(sys)
    const pci = await readPci(reader)
    const usb = await readUsb(reader)
    const sdio = await readSdio(reader)
    const aliased = await readAliased(reader)
    const nodes = await readNodes(reader, {
      proc,
      mayCapture: (name, number) => this.#video.mayCapture(name, number),
    })
    const switches = await readSwitches(reader)
    this.#video.keepOnly(new Set(nodes.map(({ name }) => name)))
    const controllers = nodes.filter((node) => node.class === 'bluetooth').map(({ name }) => name)
    const bluetooth = await readBluetoothPower(controllers, bluetoothState, reader.unread)
    const view = { pci, usb, sdio, aliased, nodes, switches, bluetooth }
    return { kind: 'read', view, unread: reader.unread.list }
  }
}
