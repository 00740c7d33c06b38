/**
 * Reads the numbers that this machine's makers burnt in: SMBIOS or the device tree, built-in disks, built-in adapters.
 * What can't be read is left out: a machine is known by what it does name.
 */
import { readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { HardwareFact } from '@shoukou/protocol'
import { hardwareFacts, type NamedPart } from './hardware-facts.ts'

const smbios = [
  ['product-uuid', 'product_uuid'],
  ['product-serial', 'product_serial'],
  ['board-serial', 'board_serial'],
  ['chassis-serial', 'chassis_serial'],
] as const
const readMax = 4_096

/** Reads them below `sys`. */
export async function readHardware(sys = '/sys'): Promise<HardwareFact[]> {
  const [board, disks, adapters] = await Promise.all([readBoard(sys), readDisks(sys), readAdapters(sys)])
  return hardwareFacts([...board, ...disks, ...adapters])
}

async function readBoard(sys: string): Promise<NamedPart[]> {
  const named = await Promise.all(
    smbios.map(async ([part, name]) => ({ part, number: await readText(`${sys}/class/dmi/id/${name}`) })),
  )
  // Boards without SMBIOS have a device tree.
  const tree = await readText(`${sys}/firmware/devicetree/base/serial-number`)
  return [...named, { part: 'board-serial' as const, number: tree }].flatMap(({ part, number }) =>
    number === null ? [] : [{ part, number }],
  )
}

async function readDisks(sys: string): Promise<NamedPart[]> {
  const names = await readNames(`${sys}/block`)
  const found = await Promise.all(names.map((name) => readDisk(`${sys}/block/${name}`)))
  return found.flatMap((number) => (number === null ? [] : [{ part: 'disk', number }]))
}

/** What can be plugged in from outside is not the machine. */
async function readDisk(folder: string): Promise<string | null> {
  const place = await readPlace(folder)
  if (place === null || place.includes('/virtual/') || isOutside(place)) return null
  if ((await readText(`${folder}/removable`)) !== '0') return null
  const named = ['wwid', 'device/wwid', 'device/serial', 'serial']
  for (const name of named) {
    const number = await readText(join(folder, name))
    if (number !== null) return number
  }
  return null
}

async function readAdapters(sys: string): Promise<NamedPart[]> {
  const names = await readNames(`${sys}/class/net`)
  const found = await Promise.all(names.map((name) => readAdapter(`${sys}/class/net/${name}`)))
  return found.flatMap((number) => (number === null ? [] : [{ part: 'adapter', number }]))
}

/** `addr_assign_type` 0: the address is the permanent one (NET_ADDR_PERM); what was set by hand says nothing. */
async function readAdapter(folder: string): Promise<string | null> {
  const place = await readPlace(`${folder}/device`)
  if (place === null || isOutside(place)) return null
  const lent = await readText(`${folder}/bonding_slave/perm_hwaddr`)
  if (lent !== null) return lent
  return (await readText(`${folder}/addr_assign_type`)) === '0' ? readText(`${folder}/address`) : null
}

function isOutside(place: string): boolean {
  return /\/usb\d+\//.test(place)
}

async function readPlace(path: string): Promise<string | null> {
  try {
    return await realpath(path)
  } catch {
    // Absent or gone meanwhile: not a part that can be named.
    return null
  }
}

async function readNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch {
    // A kernel without that class has none of them.
    return []
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path)).subarray(0, readMax).toString('latin1').replaceAll('\0', '').trim()
    return text === '' ? null : text
  } catch {
    // Absent, unreadable or gone: not known.
    return null
  }
}
