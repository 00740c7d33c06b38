/** Nobody decides: the kernel as it comes. What the watcher can't read here proves nothing elsewhere. */
import type { Guest } from '../../lab/boot-guest.ts'
import type { Arm } from './arm.ts'

/** Opens every USB controller again, whoever closed it. */
export const OPEN_BUS = `echo 1 >/sys/bus/usb/drivers_autoprobe
  for each in /sys/bus/usb/devices/usb*/authorized_default; do echo 1 >$each; done`

export function controlArm(guest: Guest): Arm {
  return {
    name: 'no control',
    pidFile: null,
    log: null,
    start: async () => {
      await guest.run(OPEN_BUS)
    },
    stop: async () => undefined,
    isRefusal: () => false,
    isRecord: () => false,
  }
}
