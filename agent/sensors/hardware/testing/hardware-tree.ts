/** A sysfs of files and links with the shape that real machines have: devices, buses, classes, drivers. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { configurationDescriptor, deviceDescriptor } from '../../testing/usb-descriptors.ts'

type Files = Readonly<Record<string, string | Buffer>>

export interface UsbTreeSpec {
  readonly vendor: number
  readonly product: number
  readonly name?: string
  readonly number?: number
  readonly isAuthorized?: boolean
  /** By interface number: class triple and driver. */
  readonly interfaces: readonly {
    readonly codes: readonly [number, number, number]
    readonly driver?: string
  }[]
  /** Class-specific descriptors after the interface with this number. */
  readonly descriptors?: Buffer
}

export class HardwareTree {
  readonly root = mkdtempSync(join(tmpdir(), 'shoukou-hardware-'))
  readonly sys = join(this.root, 'sys')
  readonly proc = join(this.root, 'proc')
  readonly dev = join(this.root, 'dev')
  readonly bluetoothState = join(this.root, 'bluetooth')

  constructor() {
    for (const folder of ['bus', 'class', 'devices']) mkdirSync(join(this.sys, folder), { recursive: true })
    mkdirSync(this.proc)
    mkdirSync(this.dev)
  }

  get roots(): { sys: string; proc: string; dev: string; bluetoothState: string } {
    const { sys, proc, dev, bluetoothState } = this
    return { sys, proc, dev, bluetoothState }
  }

  /** Adds a device to a bus; `path` is its folder below `devices`. */
  device(bus: string, path: string, files: Files, driver?: string): void {
    const name = path.split('/').at(-1) ?? ''
    this.#files(`devices/${path}`, files)
    this.#link(`bus/${bus}/devices/${name}`, `devices/${path}`)
    if (driver !== undefined) this.bind(bus, path, driver)
  }

  bind(bus: string, path: string, driver: string): void {
    mkdirSync(join(this.sys, `bus/${bus}/drivers/${driver}`), { recursive: true })
    this.#link(`devices/${path}/driver`, `bus/${bus}/drivers/${driver}`)
  }

  pci(path: string, ids: readonly [code: number, vendor: number, device: number], driver?: string): void {
    const [code, vendor, device] = ids
    const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}\n`
    this.device('pci', path, { class: hex(code, 6), vendor: hex(vendor, 4), device: hex(device, 4) }, driver)
  }

  usb(path: string, spec: UsbTreeSpec): void {
    const port = path.split('/').at(-1) ?? ''
    const { vendor, product, name, number = 5, isAuthorized = true, interfaces } = spec
    const configuration = configurationDescriptor(
      1,
      interfaces.map(({ codes }, index) => ({ number: index, codes, endpoints: 1 })),
    )
    const raw = spec.descriptors ?? Buffer.concat([deviceDescriptor(vendor, product, 1), configuration])
    this.device('usb', path, {
      descriptors: raw,
      devnum: `${number}\n`,
      idVendor: `${vendor.toString(16).padStart(4, '0')}\n`,
      idProduct: `${product.toString(16).padStart(4, '0')}\n`,
      bDeviceClass: '00\n',
      authorized: isAuthorized ? '1\n' : '0\n',
      ...(name === undefined ? {} : { product: `${name}\n` }),
    })
    if (!isAuthorized) return
    for (const [index, { driver }] of interfaces.entries())
      this.device('usb', `${path}/${port}:1.${index}`, {}, driver)
  }

  /** Adds a node of a class; `path` is its folder below `devices`, and `device` the one that it belongs to. */
  node(kind: string, path: string, files: Files = {}, device?: string): void {
    this.#files(`devices/${path}`, files)
    this.#link(`class/${kind}/${path.split('/').at(-1)}`, `devices/${path}`)
    if (device !== undefined) this.#link(`devices/${path}/device`, `devices/${device}`)
  }

  rfkill(path: string, type: string, soft: 0 | 1, hard: 0 | 1): void {
    this.node('rfkill', path, { type: `${type}\n`, soft: `${soft}\n`, hard: `${hard}\n` })
  }

  /** Makes a link without asking whether its folder is there. */
  link(from: string, to: string): void {
    symlinkSync(relative(dirname(`/${from}`), join('/', to)), join(this.sys, from))
  }

  dangle(link: string): void {
    mkdirSync(dirname(join(this.sys, link)), { recursive: true })
    symlinkSync('../../devices/nowhere', join(this.sys, link))
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), content)
  }

  remove(path: string): void {
    rmSync(join(this.sys, path), { recursive: true })
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  #files(folder: string, files: Files): void {
    mkdirSync(join(this.sys, folder), { recursive: true })
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.sys, folder, name), content)
  }

  #link(from: string, to: string): void {
    mkdirSync(dirname(join(this.sys, from)), { recursive: true })
    this.link(from, to)
  }
}

/** An AudioControl interface and a stream: `terminals` are subtype (2 input, 3 output) and terminal type. */
export function audioDescriptors(
  vendor: number,
  product: number,
  terminals: readonly (readonly [subtype: number, type: number])[],
): Buffer {
  const body = Buffer.concat([
    Buffer.from([9, 4, 0, 0, 0, 1, 1, 0, 0]),
    ...terminals.map(([subtype, type], index) =>
      Buffer.from([12, 0x24, subtype, index + 1, type & 0xff, type >> 8, 0, 1, 0, 0, 0, 0]),
    ),
    Buffer.from([9, 4, 1, 0, 0, 1, 2, 0, 0]),
  ])
  const head = Buffer.from([9, 2, 0, 0, 2, 1, 0, 0x80, 50])
  head.writeUInt16LE(head.length + body.length, 2)
  return Buffer.concat([deviceDescriptor(vendor, product, 1), head, body])
}
