/** What an arm makes of devices that came while its queue of kernel events ran over. */
import type { Guest } from '../../lab/boot-guest.ts'
import type { OutsideWatcher } from '../../lab/outside-watcher.ts'
import { isDriverBind } from '../../lab/watch-report.ts'
import { type Arm, FLOOD_SERIALS } from './arm.ts'

export interface Flooded {
  readonly events: number
  readonly plugs: number
  readonly bound: number
  readonly recorded: number
  /** From waking until the last one worked and was recorded, or the wait's end. */
  readonly ms: number
}

const EVENTS = 12_000
const answerMsMax = 10_000

/** Freezes the arm, makes the kernel talk, plugs allowed keyboards and wakes it. */
export async function floodAndPlug(guest: Guest, watcher: OutsideWatcher, arm: Arm): Promise<Flooded> {
  if (arm.pidFile === null || arm.log === null) throw new Error(`${arm.name} has nobody to freeze`)
  // udev would spend minutes of this processor on the flood.
  await guest.run(
    `pkill -STOP -x systemd-udevd; kill -STOP "$(cat ${arm.pidFile})"
    made=0; while [ $made -lt ${EVENTS} ]; do echo change >/sys/class/mem/null/uevent; made=$((made + 1)); done`,
    { timeoutMs: 90_000 },
  )
  await watcher.follow(arm.log, 'BENCH-FLOOD-')
  await watcher.open()
  const keyboards = []
  for (const serial of FLOOD_SERIALS) keyboards.push(await guest.plugKeyboard({ serial }))
  await guest.run(
    `until [ "$(cat /sys/bus/usb/devices/*/serial | grep -c BENCH-FLOOD)" = ${FLOOD_SERIALS.length} ]; do sleep 0.05; done
    kill -CONT "$(cat ${arm.pidFile})"`,
  )
  const wokenAt = performance.now()
  const bound = () => watcher.seen().filter(isDriverBind).length
  const recorded = () =>
    FLOOD_SERIALS.filter((serial) =>
      watcher
        .seen()
        .some((seen) => seen.e === 'line' && arm.isRecord(seen.text) && seen.text.includes(serial)),
    ).length
  const isDone = () => bound() >= FLOOD_SERIALS.length && recorded() >= FLOOD_SERIALS.length
  await watcher.next(isDone, answerMsMax)
  const told = {
    events: EVENTS,
    plugs: FLOOD_SERIALS.length,
    bound: bound(),
    recorded: recorded(),
    ms: performance.now() - wokenAt,
  }
  await watcher.close()
  for (const each of keyboards) await guest.unplug(each)
  await guest.run('pkill -CONT -x systemd-udevd; sleep 1')
  return told
}
