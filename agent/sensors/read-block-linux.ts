/** Reads the disks that the kernel knows, from <sys>/block. Only reads. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { type RawText, rawTextOf } from '@shoukou/protocol'
import { type BlockEntry, blockBusOf, serialOfVpd80, trimPadding, usbPathOf } from './block-entry.ts'
import { readAttribute, readCount, readWord } from './read-sysfs-linux.ts'

const sectorBytes = 512

export type BlockListing =
  | { readonly kind: 'listed'; readonly names: readonly string[] }
  | { readonly kind: 'unreadable'; readonly reason: string }

export async function listBlock(sys: string): Promise<BlockListing> {
  try {
    return { kind: 'listed', names: (await readdir(`${sys}/block`)).sort() }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    // A kernel without block devices has an empty folder; one that is absent means that sysfs is not there.
    return { kind: 'unreadable', reason: `${sys}/block cannot be read (${code})` }
  }
}

/** Reads all disks by name; empty where none can be read. */
export async function readAllBlock(sys: string): Promise<Map<string, BlockEntry>> {
  const listing = await listBlock(sys)
  const names = listing.kind === 'listed' ? listing.names : []
  const entries = await Promise.all(names.map(async (name) => [name, await readBlock(sys, name)] as const))
  return new Map(entries.flatMap(([name, entry]) => (entry === null ? [] : [[name, entry]])))
}

/** The two values that tell a new medium, or another disk in the same place, without reading everything. */
export async function readBlockMarks(sys: string, name: string): Promise<string> {
  const [size, sequence, readOnly] = await Promise.all([
    readWord(`${sys}/block/${name}/size`),
    readWord(`${sys}/block/${name}/diskseq`),
    readWord(`${sys}/block/${name}/ro`),
  ])
  return `${size}/${sequence}/${readOnly}`
}

/** Returns what `readBlockMarks` would have read when the entry was. */
export function marksOf(entry: BlockEntry): string {
  const { sizeBytes, isReadOnly } = entry.device
  const size = sizeBytes === null ? null : sizeBytes / sectorBytes
  return `${size}/${entry.diskSequence}/${isReadOnly === null ? null : Number(isReadOnly)}`
}

/** Reads one disk; null where it is gone. */
export async function readBlock(sys: string, name: string): Promise<BlockEntry | null> {
  const folder = `${sys}/block/${name}`
  const devpath = await readDevpath(sys, name)
  const children = await readNames(folder)
  if (children === null) return null
  const [number, size, removable, readOnly, sequence, mappedName, slaves, partitions, texts, backing] =
    await Promise.all([
      readWord(`${folder}/dev`),
      readCount(`${folder}/size`),
      readCount(`${folder}/removable`),
      readCount(`${folder}/ro`),
      readCount(`${folder}/diskseq`),
      readWord(`${folder}/dm/name`),
      readNames(`${folder}/slaves`),
      readPartitions(folder, name, children),
      readTexts(folder),
      readLoopBacking(folder, name),
    ])
  if (number === null && size === null) return null
  return {
    device: {
      name: name.replaceAll('!', '/'),
      number: number !== null && /^\d{1,10}:\d{1,10}$/.test(number) ? number : null,
      bus: blockBusOf(name, devpath),
      sizeBytes: size === null ? null : size * sectorBytes,
      isRemovable: removable === null ? null : removable !== 0,
      isReadOnly: readOnly === null ? null : readOnly !== 0,
      ...texts,
      usbPath: usbPathOf(devpath),
    },
    devpath,
    diskSequence: sequence,
    partitions,
    slaves: backing === null ? (slaves ?? []) : [backing],
    mappedName,
  }
}

async function readDevpath(sys: string, name: string): Promise<string> {
  try {
    return `/${(await readlink(`${sys}/block/${name}`)).replace(/^(\.\.\/)+/, '')}`
  } catch {
    // Not a link (a very old or a recorded tree): its place is then not known, and it is named by its name.
    return `/block/${name}`
  }
}

async function readPartitions(
  folder: string,
  name: string,
  children: readonly string[],
): Promise<{ name: string; number: string }[]> {
  const found = await Promise.all(
    children
      .filter((child) => child.startsWith(name))
      .map(async (child) => ({ name: child, number: await readWord(`${folder}/${child}/dev`) })),
  )
  return found.flatMap(({ name: child, number }) => (number === null ? [] : [{ name: child, number }]))
}

/** Returns the disk or partition that a loop device lies on, by name; null where a file is, or nothing. */
async function readLoopBacking(folder: string, name: string): Promise<string | null> {
  if (!/^loop\d/.test(name)) return null
  const path = await readWord(`${folder}/loop/backing_file`)
  return path?.startsWith('/dev/') === true ? path.slice('/dev/'.length) : null
}

interface DiskTexts {
  readonly vendor: RawText | null
  readonly model: RawText | null
  readonly serial: RawText | null
  readonly wwn: RawText | null
}

async function readTexts(folder: string): Promise<DiskTexts> {
  const [vendor, model, cardName, page80, deviceSerial, ownSerial, deviceWwid, ownWwid] = await Promise.all([
    readPadded(`${folder}/device/vendor`),
    readPadded(`${folder}/device/model`),
    readPadded(`${folder}/device/name`),
    readBytes(`${folder}/device/vpd_pg80`),
    readPadded(`${folder}/device/serial`),
    readPadded(`${folder}/serial`),
    readPadded(`${folder}/device/wwid`),
    readPadded(`${folder}/wwid`),
  ])
  const scsiSerial = page80 === null ? null : serialOfVpd80(page80)
  return {
    vendor,
    model: model ?? cardName,
    serial: scsiSerial === null ? (deviceSerial ?? ownSerial) : rawTextOf(scsiSerial),
    wwn: ownWwid ?? deviceWwid,
  }
}

async function readPadded(path: string): Promise<RawText | null> {
  const bytes = await readAttribute(path)
  if (bytes === null) return null
  const trimmed = trimPadding(bytes)
  return trimmed.length === 0 ? null : rawTextOf(trimmed)
}

async function readBytes(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch {
    // Most disks have no such page.
    return null
  }
}

async function readNames(path: string): Promise<string[] | null> {
  try {
    return await readdir(path)
  } catch {
    // Absent or gone meanwhile: the same to the caller.
    return null
  }
}
