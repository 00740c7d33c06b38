/**
 * What `hold` does once it has been asked: whether the denial is to stand, and putting it there. The kernel comes as an
 * argument, because what is done here is done to the whole computer.
 */
import {
  type Baseline,
  type BlockDevice,
  diskKey,
  type FactNamed,
  isOwnDisk,
  type Policy,
} from '@shoukou/protocol'
import { isReleased } from '../actions/hold-marks.ts'
import { readRelease } from '../actions/hold-marks-linux.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { readIdentity } from '../link/identity.ts'
import { PolicyStore } from '../link/policy-store.ts'

export type LayerReport = FactNamed<'control.state'>['layers'][number]

export interface HoldKernel {
  isOffAtBoot(): Promise<boolean>
  denyUsb(): Promise<readonly LayerReport[]>
  readDisks(): Promise<readonly BlockDevice[]>
  guardDisks(isOwn: (disk: BlockDevice) => boolean): Promise<LayerReport>
}

export type HoldOutcome =
  | { readonly kind: 'nothing'; readonly why: 'off-at-boot' | 'not-enrolled' | 'observe' | 'released' }
  | { readonly kind: 'held'; readonly layers: readonly LayerReport[] }

/**
 * Puts the denial into force where the stored policy asks for it.
 *
 * The guard waits for the agent where a disk of the baseline is not there yet: this early its driver may still be
 * missing, and a guard that does not know it would keep the computer from mounting its own file systems.
 *
 * @throws ShoukouError `policy-refused`, `not-enrolled` where what is stored cannot be used. Nothing is denied then: no
 * agent could run to let the keyboard in again.
 */
export async function holdMedia(
  folder: StateFolder,
  kernel: HoldKernel,
  onDamaged: (path: string) => void,
): Promise<HoldOutcome> {
  if (await kernel.isOffAtBoot()) return { kind: 'nothing', why: 'off-at-boot' }
  const identity = await readIdentity(folder)
  if (identity === null) return { kind: 'nothing', why: 'not-enrolled' }
  const { current: policy } = await PolicyStore.open(folder, identity, onDamaged)
  if (policy.settings.modes.media !== 'enforce') return { kind: 'nothing', why: 'observe' }
  if (isReleased(await readRelease(folder, onDamaged), policy.version))
    return { kind: 'nothing', why: 'released' }
  const usb = await kernel.denyUsb()
  return { kind: 'held', layers: [...usb, await guardWhereWhole(kernel, policy)] }
}

async function guardWhereWhole(kernel: HoldKernel, { baseline }: Policy): Promise<LayerReport> {
  try {
    const missing = missingDisks(baseline, await kernel.readDisks())
    if (missing > 0)
      return {
        layer: 'device-guard',
        state: 'absent',
        detail: `${missing} disks of the baseline are not there yet; the agent sets the guard when it starts`,
      }
    return await kernel.guardDisks((disk) => isOwnDisk(disk, baseline))
  } catch (fault) {
    // USB is denied by now. The guard is the second net, and it must not cost the first one its report.
    return { layer: 'device-guard', state: 'failed', detail: String(fault).slice(0, 1_000) }
  }
}

/** Disks without bytes of their own (loop, RAM, mapped) and drives that stood empty are made or filled later. */
function missingDisks({ disks }: Baseline, present: readonly BlockDevice[]): number {
  const keys = new Set(present.map((disk) => diskKey(disk)))
  return disks.filter((own) => {
    const name = typeof own.name === 'string' ? own.name : ''
    const isLater = /^(?:loop|ram|zram|dm-|md|sr|fd|nbd)\d*/.test(name) || own.sizeBytes === 0
    return !isLater && !keys.has(diskKey(own))
  }).length
}
