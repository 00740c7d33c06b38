/** Reads the devices of the buses from <sys>/bus that could be one of the kinds. Only reads. */

import { audioTerminalsOf, NO_TERMINALS } from './audio-terminals.ts'
import type { AliasedDevice, PciFunction, SdioFunction, UsbThing } from './hardware-view.ts'
import { kindOfAlias } from './known-radios.ts'
import { parseInterfaces } from './parse-interfaces.ts'
import type { SysfsReader } from './sysfs-folder-linux.ts'

/** PCI base classes that can hold one of the kinds, display beside them (its sound function plays only). */
const pciClasses = new Set([0x02, 0x03, 0x04, 0x07, 0x0d, 0x11, 0x12, 0xff])

export async function readPci(reader: SysfsReader): Promise<PciFunction[]> {
  const found: PciFunction[] = []
  for (const slot of reader.list('bus/pci/devices')) {
    await reader.breathe()
    const folder = `bus/pci/devices/${slot}`
    const classCode = reader.number(`${folder}/class`)
    if (classCode === null || !pciClasses.has(classCode >> 16)) continue
    const path = reader.place(folder)
    if (path === null) continue
    found.push({
      path,
      slot,
      classCode,
      vendorId: reader.hex4(`${folder}/vendor`) ?? '0000',
      deviceId: reader.hex4(`${folder}/device`) ?? '0000',
      driver: reader.linkName(`${folder}/driver`),
    })
  }
  return found
}

const portName = /^\d+-[1-9]\d{0,2}(?:\.[1-9]\d{0,2})*$/

export async function readUsb(reader: SysfsReader): Promise<UsbThing[]> {
  const found: UsbThing[] = []
  const drivers = new Map<string, Map<string, string | null>>()
  const names = reader.list('bus/usb/devices')
  for (const name of names) {
    const port = name.split(':')[0] ?? ''
    if (port === name || !portName.test(port)) continue
    await reader.breathe()
    const known = drivers.get(port) ?? new Map<string, string | null>()
    known.set(name, reader.linkName(`bus/usb/devices/${name}/driver`))
    drivers.set(port, known)
  }
  for (const port of names) {
    if (!portName.test(port)) continue
    await reader.breathe()
    const folder = `bus/usb/devices/${port}`
    const path = reader.place(folder)
    if (path === null) continue
    const raw = reader.bytes(`${folder}/descriptors`)
    found.push({
      path,
      port,
      number: reader.number(`${folder}/devnum`),
      vendorId: reader.hex4(`${folder}/idVendor`) ?? '0000',
      productId: reader.hex4(`${folder}/idProduct`) ?? '0000',
      product: reader.text(`${folder}/product`),
      deviceClass: reader.word(`${folder}/bDeviceClass`),
      isAuthorized: reader.word(`${folder}/authorized`) !== '0',
      interfaces: raw === null ? [] : parseInterfaces(raw),
      terminals: raw === null ? NO_TERMINALS : audioTerminalsOf(raw),
      drivers: drivers.get(port) ?? new Map(),
    })
  }
  return found
}

export async function readSdio(reader: SysfsReader): Promise<SdioFunction[]> {
  const found: SdioFunction[] = []
  for (const name of reader.list('bus/sdio/devices')) {
    await reader.breathe()
    const folder = `bus/sdio/devices/${name}`
    const path = reader.place(folder)
    if (path === null) continue
    found.push({
      path,
      name,
      classCode: reader.number(`${folder}/class`) ?? 0,
      vendorId: reader.hex4(`${folder}/vendor`) ?? '0000',
      deviceId: reader.hex4(`${folder}/device`) ?? '0000',
      driver: reader.linkName(`${folder}/driver`),
    })
  }
  return found
}

export async function readAliased(reader: SysfsReader): Promise<AliasedDevice[]> {
  const found: AliasedDevice[] = []
  for (const bus of ['platform', 'serial', 'i2c', 'spi', 'pnp']) {
    for (const name of reader.list(`bus/${bus}/devices`)) {
      await reader.breathe()
      const folder = `bus/${bus}/devices/${name}`
      const id = bus === 'pnp' ? reader.word(`${folder}/id`)?.split('\n', 1)[0] : undefined
      const alias = id === undefined ? reader.word(`${folder}/modalias`) : `pnp:d${id}`
      if (alias === null || kindOfAlias(alias) === null) continue
      const path = reader.place(folder)
      if (path !== null) found.push({ path, alias, driver: reader.linkName(`${folder}/driver`) })
    }
  }
  return found
}
