/** A sysfs of files and links in a temporary folder: the layout of the kernel's, with what a test puts in it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

export interface UsbSpec {
  readonly vendor: string
  readonly product: string
  readonly devnum: number
  readonly serial?: Buffer | string
  readonly descriptors?: Buffer
}

export class SysfsTree {
  readonly root = mkdtempSync(join(tmpdir(), 'shoukou-sysfs-'))

  constructor(options: { readonly withUsb: boolean }) {
    mkdirSync(join(this.root, 'bus'))
    mkdirSync(join(this.root, 'block'))
    if (options.withUsb) this.addUsbBus()
  }

  addUsbBus(): void {
    mkdirSync(join(this.root, 'bus/usb/devices'), { recursive: true })
    mkdirSync(join(this.root, 'devices/pci0000:00/0000:00:14.0/usb1'), { recursive: true })
    this.#link('bus/usb/devices/usb1', 'devices/pci0000:00/0000:00:14.0/usb1')
  }

  plugUsb(path: string, spec: UsbSpec): void {
    const folder = `devices/pci0000:00/0000:00:14.0/usb1/${path}`
    const files = {
      busnum: '1\n',
      devnum: `${spec.devnum}\n`,
      idVendor: `${spec.vendor}\n`,
      idProduct: `${spec.product}\n`,
      bcdDevice: '0100\n',
      bDeviceClass: '00\n',
      speed: '480\n',
      authorized: '1\n',
      manufacturer: 'QEMU\n',
      product: 'QEMU USB HARDDRIVE\n',
      descriptors: spec.descriptors ?? Buffer.alloc(0),
    }
    this.#write(folder, files)
    if (spec.serial !== undefined)
      this.#write(folder, { serial: Buffer.concat([Buffer.from(spec.serial), Buffer.from('\n')]) })
    this.#link(`bus/usb/devices/${path}`, folder)
  }

  unplugUsb(path: string): void {
    rmSync(join(this.root, `bus/usb/devices/${path}`))
    rmSync(join(this.root, `devices/pci0000:00/0000:00:14.0/usb1/${path}`), { recursive: true })
  }

  /** `place` is the disk's folder below the root, ending in its name. */
  addDisk(place: string, files: Readonly<Record<string, string | Buffer>>): void {
    this.#write(place, files)
    this.#link(`block/${place.split('/').at(-1)}`, place)
  }

  removeDisk(place: string): void {
    rmSync(join(this.root, `block/${place.split('/').at(-1)}`))
    rmSync(join(this.root, place), { recursive: true })
  }

  write(path: string, content: string): void {
    writeFileSync(join(this.root, path), content)
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  #write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, folder, name)), { recursive: true })
      writeFileSync(join(this.root, folder, name), content)
    }
  }

  #link(from: string, to: string): void {
    symlinkSync(relative(dirname(`/${from}`), join('/', to)), join(this.root, from))
  }
}
