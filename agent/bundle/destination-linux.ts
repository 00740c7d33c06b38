/** Which disk a folder stands on: its mount in the kernel's table, and the whole disk of that partition in sysfs. */
import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { parseMountinfo } from '../base/parse-mountinfo.ts'

/** Returns the kernel's name of the whole disk (`sdb`); null where no disk of its own stands behind the folder. */
export async function diskOfFolder(folder: string): Promise<string | null> {
  const path = await realpath(folder)
  const { dev } = await stat(path)
  const number = `${major(dev)}:${minor(dev)}`
  const { mounts } = parseMountinfo(await readFile('/proc/self/mountinfo'))
  const mounted = mounts.find((mount) => mount.number === number)
  if (mounted === undefined || number.startsWith('0:')) return null
  try {
    const device = await realpath(join('/sys/dev/block', number))
    // A partition's folder lies in its disk's.
    return await stat(join(device, 'partition')).then(
      () => basename(dirname(device)),
      () => basename(device),
    )
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return null
    throw fault
  }
}

/** As glibc's gnu_dev_major and gnu_dev_minor take a device number apart. */
function major(dev: number): number {
  const wide = BigInt(dev)
  return Number(((wide >> 8n) & 0xfffn) | ((wide >> 32n) & ~0xfffn))
}

function minor(dev: number): number {
  const wide = BigInt(dev)
  return Number((wide & 0xffn) | ((wide >> 12n) & ~0xffn & 0xffffffffn))
}
