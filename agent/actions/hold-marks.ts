/**
 * What a hold and its release leave behind for the next program: the switches as they were, and the word that nothing
 * is to be denied. Pure: the files are `hold-marks-linux.ts`.
 */
import type { UsbSwitches } from './usb-control.ts'

/** A release by an administrator. It ends with the policy that it was made under. */
export interface ReleaseMark {
  readonly v: 1
  readonly policyVersion: number
  readonly releasedAtMs: number
  readonly reason: string
}

/** Reports whether a release holds under a policy: a newer one brings the denial back. */
export function isReleased(mark: ReleaseMark | null, policyVersion: number): boolean {
  return mark !== null && policyVersion <= mark.policyVersion
}

/**
 * Reports whether the kernel was started with `shoukou.hold=off`: the way back for whoever has only the boot loader.
 * Of several the last holds, as for the kernel's own; what follows `--` is not the kernel's.
 */
export function isHoldOff(commandLine: string): boolean {
  return parameter(commandLine, 'shoukou.hold') === 'off'
}

/** Returns what the switches are on a kernel that nobody has touched since it was started. */
export function kernelDefaults(commandLine: string): UsbSwitches {
  const asked = parameter(commandLine, 'usbcore.authorized_default')
  const isKnown = asked !== null && /^(?:-1|0|1|2)$/.test(asked)
  const delay = parameter(commandLine, 'usbcore.autosuspend')
  const isDelay = delay !== null && /^-?\d{1,6}$/.test(delay)
  return {
    moduleDefault: isKnown ? asked : '-1',
    hosts: [],
    driversAutoprobe: '1',
    autosuspend: isDelay ? delay : '2',
  }
}

/**
 * Returns what is to be kept as the state before: the switches as they stand, or the kernel's defaults where a denial
 * stands already and nobody has kept what was before it. A denial must never be saved as what to go back to.
 */
export function switchesToKeep(now: UsbSwitches, commandLine: string): UsbSwitches {
  return now.driversAutoprobe === '0' ? kernelDefaults(commandLine) : now
}

/** Dashes and underscores are one in a parameter's name (kernel, Documentation/admin-guide/kernel-parameters.rst). */
function parameter(commandLine: string, name: string): string | null {
  let value: string | null = null
  for (const word of commandLine.trim().match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []) {
    if (word === '--') break
    const at = word.indexOf('=')
    if (at < 0) continue
    if (word.slice(0, at).replaceAll('-', '_') === name) value = word.slice(at + 1).replaceAll('"', '')
  }
  return value
}
