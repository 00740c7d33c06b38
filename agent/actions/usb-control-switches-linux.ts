/**
 * The switches of the USB bus: what devices are born as, and whether drivers bind by themselves.
 *
 * Order matters. The module's parameter comes first, so that a controller that appears while the others are written is
 * born denying.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { ActionStep } from '@shoukou/protocol'
import { isPortPath, isRootHub, type UsbDenial, type UsbSwitches } from './usb-control.ts'
import type { SysfsWriter } from './usb-control-writes-linux.ts'

/** Controllers named one by one in a record; a computer with more reports the rest as one step. */
const hostsNamedMax = 24

/** Reads the switches as they stand. */
export function readSwitches(sys: string): UsbSwitches {
  const hosts = hostNames(sys).flatMap((name) => {
    const authorizedDefault = word(hostFile(sys, name))
    return authorizedDefault === null ? [] : [{ name, authorizedDefault }]
  })
  return {
    moduleDefault: word(moduleFile(sys)),
    hosts,
    driversAutoprobe: word(autoprobeFile(sys)),
    autosuspend: word(autosuspendFile(sys)),
  }
}

/** Sets the denial, and reads back whether it stands. */
export async function denyUsb(sys: string, writer: SysfsWriter): Promise<UsbDenial> {
  const steps = [await put(writer, 'module-default', moduleFile(sys), '0')]
  const hosts = hostNames(sys).map((name) => ({ name, authorizedDefault: '0' }))
  steps.push(...(await putHosts(sys, writer, hosts)))
  steps.push(await put(writer, 'drivers-autoprobe', autoprobeFile(sys), '0'))
  // A device that waits for its authorisation idles. One that was put to sleep meanwhile may not wake up to it: then the
  // kernel remembers the fault and answers EINVAL until it is plugged anew.
  steps.push(await put(writer, 'autosuspend', autosuspendFile(sys), '-1'), ...(await keepAwake(sys, writer)))
  return { ...standing(sys, 'failed'), steps }
}

/** Puts saved switches back. A controller that was not there then gets what its kernel would have given it. */
export async function restoreUsb(sys: string, writer: SysfsWriter, saved: UsbSwitches): Promise<UsbDenial> {
  const known = new Map(saved.hosts.map(({ name, authorizedDefault }) => [name, authorizedDefault]))
  const born = saved.moduleDefault === '0' || saved.moduleDefault === '2' ? saved.moduleDefault : '1'
  const hosts = hostNames(sys).map((name) => ({ name, authorizedDefault: known.get(name) ?? born }))
  const steps: ActionStep[] = []
  if (saved.moduleDefault !== null)
    steps.push(await put(writer, 'module-default', moduleFile(sys), saved.moduleDefault))
  steps.push(...(await putHosts(sys, writer, hosts)))
  if (saved.driversAutoprobe !== null)
    steps.push(await put(writer, 'drivers-autoprobe', autoprobeFile(sys), saved.driversAutoprobe))
  if (saved.autosuspend !== null)
    steps.push(await put(writer, 'autosuspend', autosuspendFile(sys), saved.autosuspend))
  return { ...standing(sys, 'absent'), steps }
}

/** Reads back: what a write returned is not what the kernel does. `missing`: what a layer that does not hold is called. */
function standing(sys: string, missing: 'failed' | 'absent') {
  const now = readSwitches(sys)
  if (now.driversAutoprobe === null) return { usbDefault: 'absent', usbAirlock: 'absent' } as const
  const isDenied =
    now.moduleDefault === '0' && now.hosts.every(({ authorizedDefault }) => authorizedDefault === '0')
  return {
    usbDefault: isDenied ? 'in-force' : missing,
    usbAirlock: now.driversAutoprobe === '0' ? 'in-force' : missing,
  } as const
}

async function putHosts(
  sys: string,
  writer: SysfsWriter,
  hosts: UsbSwitches['hosts'],
): Promise<ActionStep[]> {
  const steps: ActionStep[] = []
  for (const { name, authorizedDefault } of hosts)
    steps.push(await put(writer, `authorized-default:${name}`, hostFile(sys, name), authorizedDefault))
  if (steps.length <= hostsNamedMax) return steps
  const rest = steps.slice(hostsNamedMax)
  const bad = rest.filter(({ result }) => result === 'failed').length
  const detail = `${rest.length} more controllers, ${bad} failed`
  return [
    ...steps.slice(0, hostsNamedMax),
    { step: 'authorized-default:others', result: bad === 0 ? 'done' : 'failed', detail },
  ]
}

async function put(writer: SysfsWriter, step: string, path: string, text: string): Promise<ActionStep> {
  const done = await writer.write({ step, path, text })
  if (done.result === 'done') {
    const now = word(path)
    if (now !== text)
      return { step, result: 'failed', detail: `reads ${now ?? 'nothing'} after writing ${text}` }
  }
  // Nothing to switch: a kernel without this bus, a controller that has just gone.
  return done.detail === 'ENOENT' ? { step, result: 'skipped', detail: 'not there' } : done
}

/** Devices that were born unauthorised before, by the kernel's command line: the parameter is for those to come. */
async function keepAwake(sys: string, writer: SysfsWriter): Promise<ActionStep[]> {
  const waiting = names(sys).filter(
    (name) => isPortPath(name) && word(`${sys}/bus/usb/devices/${name}/authorized`) === '0',
  )
  let bad = 0
  for (const name of waiting) {
    const path = `${sys}/bus/usb/devices/${name}/power/autosuspend_delay_ms`
    const { result, detail } = await writer.write({ step: name, path, text: '-1' })
    if (result === 'failed' && detail !== 'ENOENT') bad += 1
  }
  if (bad === 0) return []
  return [{ step: 'autosuspend:waiting', result: 'failed', detail: `${bad} of ${waiting.length} devices` }]
}

function hostNames(sys: string): string[] {
  return names(sys).filter(isRootHub).sort()
}

function names(sys: string): string[] {
  try {
    return readdirSync(`${sys}/bus/usb/devices`)
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault) return []
    throw fault
  }
}

function word(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault) return null
    throw fault
  }
}

const moduleFile = (sys: string): string => `${sys}/module/usbcore/parameters/authorized_default`
const autosuspendFile = (sys: string): string => `${sys}/module/usbcore/parameters/autosuspend`
const autoprobeFile = (sys: string): string => `${sys}/bus/usb/drivers_autoprobe`
const hostFile = (sys: string, name: string): string => `${sys}/bus/usb/devices/${name}/authorized_default`
