/**
 * What uevents say of radios and cameras: that it is time to look, and what came and went before anyone could. Pure.
 *
 * A radio that was switched on for a moment, or a controller that was there for a moment, is in no snapshot; the kernel's
 * events are then all there will ever be.
 */
import type { Uevent } from '../../base/parse-uevent.ts'
import type { HardwarePiece } from './hardware-piece.ts'
import type { HardwareView, NodeClass } from './hardware-view.ts'
import { NODE_CLASSES } from './hardware-view.ts'
import { joinHardware } from './join-hardware.ts'

const SUBSYSTEMS: ReadonlySet<string> = new Set([
  ...NODE_CLASSES.filter((name) => name !== 'net' && name !== 'tty'),
  ...['rfkill', 'pci', 'usb', 'sdio', 'serial', 'i2c', 'spi', 'pnp', 'mac80211_hwsim', 'faux'],
])
const tellingDevtypes: ReadonlySet<string> = new Set(['wlan', 'wwan'])

/** Reports whether an event is a reason to look again. */
export function isHardwareHint(event: Uevent): boolean {
  if (SUBSYSTEMS.has(event.subsystem)) return true
  if (event.subsystem === 'net') return event.devtype !== null && tellingDevtypes.has(event.devtype)
  if (event.subsystem === 'tty') return /\/tty(?:ACM|USB|HS)\d+$/.test(event.devpath)
  return event.subsystem === 'platform' && event.action !== 'change'
}

/** Returns pieces that events announced and that neither look has: they came and went in between. */
export function passingPieces(
  events: readonly Uevent[],
  known: readonly Iterable<HardwarePiece>[],
): HardwarePiece[] {
  const places = new Set<string>()
  for (const pieces of known) for (const piece of pieces) places.add(placeKey(piece))
  const found = new Map<string, HardwarePiece>()
  for (const event of events) {
    if (event.action !== 'add') continue
    for (const piece of piecesOfEvent(event)) {
      if (!places.has(placeKey(piece))) found.set(placeKey(piece), piece)
    }
  }
  return [...found.values()].map((piece) => ({
    ...piece,
    hardware: { ...piece.hardware, state: 'unknown', detail: 'event-only' },
  }))
}

function piecesOfEvent(event: Uevent): HardwarePiece[] {
  const kind = NODE_CLASSES.find((name) => name === event.subsystem)
  // A video node that could not be asked may be a codec's; serial ports alone are no modem.
  if (kind === undefined || kind === 'video4linux' || kind === 'tty' || kind === 'usbmisc') return []
  return joinHardware(viewOfNode(kind, event))
}

function viewOfNode(kind: NodeClass, event: Uevent): HardwareView {
  const name = event.devpath.split('/').at(-1) ?? ''
  const node = {
    class: kind,
    name,
    path: event.devpath,
    devtype: event.devtype,
    label: null,
    isCapable: null,
    driver: null,
    detail: null,
  }
  return { pci: [], usb: [], sdio: [], aliased: [], nodes: [node], switches: [], bluetooth: [] }
}

function placeKey(piece: HardwarePiece): string {
  return `${piece.hardware.kind}|${piece.path}`
}

/** Returns paths of radio switches that events saw open (RFKILL_STATE=1: RFKILL_USER_STATE_UNBLOCKED). */
export function openedSwitches(events: readonly Uevent[]): string[] {
  return events
    .filter((event) => event.subsystem === 'rfkill' && event.fields.get('RFKILL_STATE') === '1')
    .map((event) => event.devpath)
}

/** Reports whether a radio that both looks saw blocked was open in between. */
export function wasOpenBetween(
  before: HardwarePiece | undefined,
  after: HardwarePiece,
  opened: readonly string[],
): boolean {
  if (before === undefined || !isSwitchedOff(before) || !isSwitchedOff(after)) return false
  return opened.some((path) => path.startsWith(`${after.path}/`))
}

function isSwitchedOff({ hardware }: HardwarePiece): boolean {
  return hardware.state === 'blocked' && hardware.detail?.startsWith('rfkill-') === true
}
