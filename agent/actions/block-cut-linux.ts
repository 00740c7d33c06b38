/**
 * Takes a disk away from the kernel, for computers without a device guard; and asks for its event again.
 *
 * A cut comes after the disk has appeared, so bytes may have been read before it: whoever calls this measures that
 * time. The mildest way first, each step reported, until the disk is gone.
 */
import { access, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ActionStep } from '@shoukou/protocol'
import type { SysfsWriter } from './usb-control-writes-linux.ts'

/** How far above the disk a driver is looked for: name space, controller, PCI function. */
const levelsMax = 4
const pollMs = 10

/** `isDone`: the disk is gone. Nothing here throws. */
export interface CutResult {
  readonly isDone: boolean
  readonly steps: readonly ActionStep[]
}

/** Takes away the disk of a folder (`<sys>/block/sdb`), waiting up to `goneMsMax` after each step for it to go. */
export async function cutBlockDevice(
  folder: string,
  { writer, goneMsMax = 1_000 }: { readonly writer: SysfsWriter; readonly goneMsMax?: number },
): Promise<CutResult> {
  const steps: ActionStep[] = []
  for (const way of await waysToCut(folder)) {
    const step = await writer.write(way)
    steps.push(step)
    if (step.result === 'done' && (await isGone(folder, goneMsMax))) return { isDone: true, steps }
  }
  if (steps.length === 0)
    steps.push({ step: 'block-cut', result: 'skipped', detail: 'no device stands behind this disk' })
  return { isDone: !(await exists(folder)), steps }
}

/** Lets the kernel send the event of a disk or partition again: `change` makes udev look at it anew. */
export function writeUevent(
  folder: string,
  action: 'add' | 'change',
  writer: SysfsWriter,
): Promise<ActionStep> {
  return writer.write({ step: `uevent-${action}`, path: join(folder, 'uevent'), text: action })
}

interface Way {
  readonly step: string
  readonly path: string
  readonly text: string
}

/** SCSI disks can be deleted one by one; others lose their driver; the last is the function on the PCI bus. */
async function waysToCut(folder: string): Promise<Way[]> {
  const device = await realPath(join(folder, 'device'))
  if (device === null) return []
  const ways: Way[] = []
  const deletion = join(device, 'delete')
  if (await exists(deletion)) ways.push({ step: 'scsi-delete', path: deletion, text: '1' })
  let place = device
  for (let level = 0; level < levelsMax; level += 1, place = dirname(place)) {
    const isPci = (await realPath(join(place, 'subsystem')))?.endsWith('/bus/pci') ?? false
    const unbind = join(place, 'driver/unbind')
    if (await exists(unbind)) ways.push({ step: 'driver-unbind', path: unbind, text: basename(place) })
    if (isPci) {
      // The function of an adapter that other disks hang on goes only where this is all it carries.
      if (isAlone(device)) ways.push({ step: 'pci-remove', path: join(place, 'remove'), text: '1' })
      break
    }
    if (ways.length > 0 && !isAlone(device)) break
  }
  return ways
}

/** An NVMe controller or a card reader's function is one medium's; that of a SCSI or ATA adapter is not. */
function isAlone(device: string): boolean {
  return /\/(nvme|mmc_host)\//.test(`${device}/`)
}

async function isGone(folder: string, waitMsMax: number): Promise<boolean> {
  for (let waited = 0; waited < waitMsMax; waited += pollMs) {
    if (!(await exists(folder))) return true
    await sleep(pollMs)
  }
  return !(await exists(folder))
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    // Absent, or not to be reached: there is nothing to write to.
    return false
  }
}

async function realPath(path: string): Promise<string | null> {
  try {
    return await realpath(path)
  } catch {
    return null
  }
}
