/** Reads every number by which the bytes of one disk can be reached, from sysfs. Only reads. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { deviceNumberOf } from './device-number.ts'
import { readNames, readNumber, readWord } from './disk-attributes-linux.ts'
import type { DiskNumbers, NamedNumber } from './guard-plan.ts'

/** Reads one disk; null where it is gone. `name` is that of its folder (`sdb`, `cciss!c0d0`). */
export async function readDiskNumbers(sys: string, name: string): Promise<DiskNumbers | null> {
  const folder = `${sys}/block/${name}`
  const number = await readNumber(folder)
  if (number === null) return null
  const partitions = await readNumbersIn(folder, (child) => child.startsWith(name))
  const folders = [folder, ...partitions.map((each) => join(folder, each.name))]
  const [sequence, characters, slaves, backing, holders] = await Promise.all([
    readWord(`${folder}/diskseq`),
    readCharacters(sys, folder, name),
    readNumbersIn(`${folder}/slaves`),
    readLoopBacking(folder),
    Promise.all(folders.map((each) => readNumbersIn(`${each}/holders`))),
  ])
  return {
    name,
    number,
    diskSequence: sequence !== null && /^\d{1,15}$/.test(sequence) ? Number(sequence) : null,
    partitions,
    characters,
    liesOn: [...slaves.map((each) => each.number), ...(backing === null ? [] : [backing])],
    holders: [...new Set(holders.flat().map((each) => each.number))],
  }
}

/** Reads all disks there are. @throws the file system's error where <sys>/block can't be read. */
export async function readAllDiskNumbers(sys: string): Promise<DiskNumbers[]> {
  const names = (await readdir(`${sys}/block`)).sort()
  const disks = await Promise.all(names.map((name) => readDiskNumbers(sys, name)))
  return disks.filter((disk) => disk !== null)
}

/** SCSI: folders below the device. NVMe: the controller itself, and the node of the name space beside the disk. */
async function readCharacters(sys: string, folder: string, name: string): Promise<NamedNumber[]> {
  const device = `${folder}/device`
  const generic = name.replace(/^nvme/, 'ng')
  const lists = await Promise.all([
    readNumbersIn(`${device}/scsi_generic`),
    readNumbersIn(`${device}/bsg`),
    readNumbersIn(`${device}/scsi_tape`),
    ...(name.startsWith('nvme')
      ? [
          readController(device),
          // With several paths to one name space the controllers stand below the subsystem.
          readNumbersIn(device, (child) => /^nvme\d+$/.test(child)),
          readNumbersIn(`${sys}/class/nvme-generic`, (child) => child === generic),
        ]
      : []),
  ])
  return lists.flat()
}

async function readController(device: string): Promise<NamedNumber[]> {
  const number = await readNumber(device)
  if (number === null) return []
  try {
    return [{ name: basename(await realpath(device)), number }]
  } catch {
    // Gone between the two looks.
    return []
  }
}

/** Returns the number of the block device behind a loop device; null where a file is, or nothing. */
async function readLoopBacking(folder: string): Promise<string | null> {
  const path = await readWord(`${folder}/loop/backing_file`)
  if (path === null || path === '') return null
  try {
    const { rdev, mode } = await stat(path, { bigint: true })
    return (Number(mode) & 0o170000) === 0o060000 ? deviceNumberOf(rdev) : null
  } catch {
    // Removed meanwhile, or in another mount name space: then it was a file, as nodes of disks stand in /dev.
    return null
  }
}

async function readNumbersIn(
  folder: string,
  isMeant: (name: string) => boolean = () => true,
): Promise<NamedNumber[]> {
  const found = await Promise.all(
    (await readNames(folder))
      .filter(isMeant)
      .map(async (name) => ({ name, number: await readNumber(join(folder, name)) })),
  )
  return found.flatMap(({ name, number }) => (number === null ? [] : [{ name, number }]))
}
