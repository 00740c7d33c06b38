/** One plug, from the kernel's `add` to what the arm made of it, as the outside watcher saw it. */
import type { Guest } from '../../lab/boot-guest.ts'
import type { OutsideWatcher } from '../../lab/outside-watcher.ts'
import type { Plugged } from '../../lab/usb-ports.ts'
import { isDriverBind, type Seen } from '../../lab/watch-report.ts'
import { ALLOWED_SERIALS, type Arm } from './arm.ts'

export const ALLOWED = ['allowed keyboard', 'allowed UAS stick', 'allowed bulk-only stick'] as const
export const REFUSED = ['refused bulk-only stick', 'refused UAS stick', 'refused keyboard'] as const
/** Without control; the keyboard shows how long the kernel itself takes. */
export const CONTROL = ['bulk-only stick', 'UAS stick', 'keyboard'] as const
export type Kind = (typeof ALLOWED)[number] | (typeof REFUSED)[number] | (typeof CONTROL)[number]

export interface Sample {
  readonly arm: string
  readonly kind: Kind
  readonly pair: number
  readonly isWarmUp: boolean
  /** ms; null: not what this kind is measured for; undefined: it did not come. */
  readonly decideMs: number | null | undefined
  readonly usableMs: number | null | undefined
  readonly binds: number
  readonly inputNodes: number
  readonly bytes: number
  readonly isRecorded: boolean
}

export interface Plugs {
  plug(arm: Arm, kind: Kind, pair: number): Promise<Sample>
}

const answerMsMax = 10_000
/** How long a refused device is tried on: half as long again as the watcher needs where nobody refuses. */
const tryBulkOnlyMs = 1_600
const tryMs = 500

export function createPlugs(guest: Guest, watcher: OutsideWatcher): Plugs {
  let number = 0
  let followed = ''

  const follow = async (arm: Arm, serial: string) => {
    const what = `${arm.log ?? ''} ${serial}`
    if (what !== followed) await watcher.follow(arm.log ?? '', serial)
    followed = what
  }

  return {
    async plug(arm, kind, pair) {
      number += 1
      const serial =
        kind in ALLOWED_SERIALS ? ALLOWED_SERIALS[kind as keyof typeof ALLOWED_SERIALS] : `BENCH-NO-${number}`
      const isRefused = kind.startsWith('refused')
      const isKeyboard = kind.endsWith('keyboard')
      await follow(arm, serial)
      await watcher.open()
      const device = await plugIn(guest, kind, serial)
      const add = await watcher.next(({ e }) => e === 'usb', answerMsMax)
      if (add === null) throw new Error(`the guest did not see a ${kind}`)
      const isAnswer = isRefused
        ? (seen: Seen) => seen.e === 'line' && arm.isRefusal(seen.text)
        : isKeyboard
          ? isDriverBind
          : (seen: Seen) => seen.e === 'read' && seen.block === 1
      const answer = await watcher.next(isAnswer, answerMsMax)
      const isRecord = (seen: Seen) => seen.e === 'line' && arm.isRecord(seen.text)
      const record = arm.log === null ? null : await watcher.next(isRecord, answerMsMax)
      if (isRefused) {
        const trySince = add.at + (kind === 'refused bulk-only stick' ? tryBulkOnlyMs : tryMs)
        await watcher.next(({ at }) => at >= trySince, Math.max(0, trySince - (answer?.at ?? add.at)))
      }
      const report = await watcher.close()
      await unplug(device, kind)
      const ms = answer === null ? undefined : answer.at - add.at
      return {
        arm: arm.name,
        kind,
        pair,
        isWarmUp: false,
        decideMs: isRefused || isKeyboard ? ms : null,
        usableMs: isRefused || isKeyboard ? null : ms,
        binds: report.binds.length,
        inputNodes: report.inputNodes.length,
        bytes: report.bytesRead,
        isRecorded: record !== null,
      }
    },
  }

  async function unplug(device: Plugged, kind: Kind): Promise<void> {
    // QEMU ends where a UAS stick goes in the middle of a read: udev looks at a new disk for a while.
    if (kind.endsWith('UAS stick')) await guest.run('udevadm settle --timeout=10', { mayFail: true })
    const gone = watcher.next(({ e }) => e === 'usb-gone', answerMsMax)
    await guest.unplug(device)
    await gone
  }
}

function plugIn(guest: Guest, kind: Kind, serial: string): Promise<Plugged> {
  if (kind.endsWith('keyboard')) return guest.plugKeyboard({ serial })
  return kind.endsWith('UAS stick') ? guest.plugUasStick({ serial }) : guest.plugStick({ serial })
}
