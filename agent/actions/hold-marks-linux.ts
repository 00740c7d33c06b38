/**
 * The files of `hold-marks.ts`, and the kernel's command line.
 *
 * The switches as they were stand below /run: what they describe ends with the boot, and early in a boot nothing else
 * may be written. A release stands in the state folder: it is to outlive a boot.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LIMITS } from '@shoukou/protocol'
import { Type } from 'typebox'
import { makeFolder } from '../base/atomic-file.ts'
import { stateFile } from '../base/state-file.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { isHoldOff, kernelDefaults, type ReleaseMark, switchesToKeep } from './hold-marks.ts'
import type { UsbSwitches } from './usb-control.ts'

export const DEFAULT_RUN_FOLDER = '/run/shoukou'

const closed = { additionalProperties: false } as const
const word = Type.String({ maxLength: 16, pattern: '^-?\\d{1,6}$' })
const wordOrNull = Type.Union([word, Type.Null()])

const heldFile = stateFile(
  Type.Object(
    {
      v: Type.Literal(1),
      bootId: Type.String({ maxLength: 64 }),
      switches: Type.Object(
        {
          moduleDefault: wordOrNull,
          hosts: Type.Array(
            Type.Object({ name: Type.String({ pattern: '^usb\\d{1,5}$' }), authorizedDefault: word }, closed),
            { maxItems: LIMITS.baselineItemsMax },
          ),
          driversAutoprobe: wordOrNull,
          autosuspend: wordOrNull,
        },
        closed,
      ),
    },
    closed,
  ),
)
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const releaseFile = stateFile(
  Type.Object(
    {
      v: Type.Literal(1),
      policyVersion: count,
      releasedAtMs: count,
      reason: Type.String({ minLength: 1, maxLength: 1_000 }),
    },
    closed,
  ),
)

export interface HoldPlaces {
  /** Emptied at each boot; `DEFAULT_RUN_FOLDER`. */
  readonly run: string
  readonly bootId: string
  /** Where procfs is mounted. */
  readonly proc?: string
  readonly onDamaged: (path: string) => void
}

/** Reads the kernel's command line. */
export async function readCommandLine(proc = '/proc'): Promise<string> {
  return (await readFile(`${proc}/cmdline`, 'latin1')).trim()
}

/** Reports whether this boot was started with `shoukou.hold=off`. */
export async function isHeldOffAtBoot(proc = '/proc'): Promise<boolean> {
  return isHoldOff(await readCommandLine(proc))
}

/** Keeps the switches as they were before the first denial of this boot; later calls change nothing. */
export async function keepSwitches(places: HoldPlaces, now: UsbSwitches): Promise<void> {
  const path = join(places.run, 'usb-before-hold.json')
  const kept = await heldFile.read(path, places.onDamaged)
  if (kept?.bootId === places.bootId) return
  await makeFolder(places.run)
  const switches = switchesToKeep(now, await readCommandLine(places.proc))
  await heldFile.write(path, {
    v: 1,
    bootId: places.bootId,
    switches: { ...switches, hosts: [...switches.hosts] },
  })
}

/** Returns the switches to go back to: those kept in this boot, else the kernel's own defaults. */
export async function switchesBefore(places: HoldPlaces): Promise<UsbSwitches> {
  const kept = await heldFile.read(join(places.run, 'usb-before-hold.json'), places.onDamaged)
  if (kept?.bootId === places.bootId) return kept.switches
  return kernelDefaults(await readCommandLine(places.proc))
}

/** Reads the mark of a release; null where there is none, or a damaged one, which is set aside: then the denial stands. */
export async function readRelease(
  folder: Pick<StateFolder, 'root'>,
  onDamaged: (path: string) => void,
): Promise<ReleaseMark | null> {
  return await releaseFile.read(join(folder.root, 'release.json'), onDamaged)
}

/** Leaves the mark of a release. */
export async function writeRelease(folder: Pick<StateFolder, 'root'>, mark: ReleaseMark): Promise<void> {
  await releaseFile.write(join(folder.root, 'release.json'), mark)
}
