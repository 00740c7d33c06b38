/**
 * One look at <sys> to pieces of hardware: one piece is one kind of one device, whatever number of buses, nodes and
 * switches show it. Pure.
 */
import { type Hardware, LIMITS, type RawText, rawTextOf } from '@shoukou/protocol'
import { addAliased, addPci, addSdio, addUsb } from './bus-evidence.ts'
import { devicePlaceOf } from './device-place.ts'
import { type HardwarePiece, type PieceDraft, PieceDrafts } from './hardware-piece.ts'
import type { BluetoothPower, HardwareView, RadioSwitch } from './hardware-view.ts'
import { isPassThroughDriver } from './known-radios.ts'
import { addNode, addSwitch, kindOfSwitch } from './node-evidence.ts'

const namesMax = 64
/** More than this no computer has; beyond, the sensor says that it left some out. */
export const PIECES_MAX = 1_024

/** Returns the pieces, ordered by kind and place. */
export function joinHardware(view: HardwareView): HardwarePiece[] {
  const drafts = new PieceDrafts()
  for (const one of view.pci) addPci(drafts, one, view.pci)
  for (const one of view.usb) addUsb(drafts, one)
  for (const one of view.sdio) addSdio(drafts, one)
  for (const one of view.aliased) addAliased(drafts, one)
  for (const one of view.nodes) addNode(drafts, one)
  for (const one of view.switches) addSwitch(drafts, one)
  nameByDevice(drafts, view)
  const pieces = drafts.all().map((draft) => pieceOf(draft, view))
  return pieces.sort((a, b) => (a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0))
}

/** A piece that only a class showed takes its numbers and driver from the device that its path leads to. */
function nameByDevice(drafts: PieceDrafts, view: HardwareView): void {
  const pci = new Map(view.pci.map((one) => [one.path, one]))
  const usb = new Map(view.usb.map((one) => [one.path, one]))
  const sdio = new Map(view.sdio.map((one) => [devicePlaceOf(one.path, null).path, one]))
  for (const draft of drafts.all()) {
    if (draft.busDetail !== null && draft.busDetail !== 'radio-switch') continue
    const { path } = draft.place
    const port = usb.get(path)
    if (port !== undefined) {
      draft.vendorId = port.vendorId
      draft.productId = port.productId
      draft.model = port.product ?? draft.model
      draft.stay = port.number === null ? '' : String(port.number)
      draft.isAuthorized = port.isAuthorized
      const own = draft.usbInterface === null ? null : port.drivers.get(draft.usbInterface)
      draft.driver = own ?? draft.driver
    }
    const card = pci.get(path) ?? sdio.get(path)
    if (card === undefined) continue
    draft.vendorId = card.vendorId
    draft.productId = card.deviceId
    draft.driver = card.driver ?? draft.driver
  }
}

function pieceOf(draft: PieceDraft, view: HardwareView): HardwarePiece {
  const { kind, place } = draft
  const power = view.bluetooth.filter(({ name }) => draft.nodes.some((node) => node.name === name))
  const hardware: Hardware = {
    kind,
    bus: place.bus,
    busPath: textOf(place.bus === 'usb' ? (draft.usbInterface ?? place.name) : place.name),
    usbPath: place.bus === 'usb' ? textOf(place.name) : null,
    vendorId: draft.vendorId,
    productId: draft.productId,
    model: draft.model,
    driver: draft.driver === null ? null : textOf(draft.driver),
    ...stateOf(draft, view.switches, power),
    names: namesOf(draft, power),
  }
  const identity = JSON.stringify(['hardware', kind, place.bus, place.name, draft.vendorId, draft.productId])
  return { identity, instance: `${identity}#${draft.stay}`, path: place.path, hardware }
}

type State = Pick<Hardware, 'state' | 'detail'>

function stateOf(
  draft: PieceDraft,
  switches: readonly RadioSwitch[],
  power: readonly BluetoothPower[],
): State {
  if (!draft.isAuthorized) return { state: 'no-driver', detail: 'usb-unauthorized' }
  if (draft.driver !== null && isPassThroughDriver(draft.driver))
    return { state: 'unknown', detail: 'passed-through' }
  const own = switches.filter(
    (one) => kindOfSwitch(one) === draft.kind && one.path.startsWith(`${draft.place.path}/`),
  )
  if (own.some((one) => one.isHardBlocked)) return { state: 'blocked', detail: 'rfkill-hard' }
  if (own.some((one) => one.isSoftBlocked)) return { state: 'blocked', detail: 'rfkill-soft' }
  if (draft.kind === 'bluetooth' && draft.nodes.length > 0) return bluetoothState(power, own.length > 0)
  const node = draft.nodes.find(({ detail }) => detail !== 'video-node') ?? draft.nodes[0]
  if (node !== undefined) return { state: 'on', detail: node.detail }
  if (own.length > 0) return { state: 'on', detail: 'rfkill-unblocked' }
  if (draft.driver === null) return { state: 'no-driver', detail: draft.busDetail }
  // The driver of a serial port on a PCI modem: what it offers is a plain ttyS.
  if (draft.kind === 'dialup-modem' && draft.driver === 'serial')
    return { state: 'on', detail: 'serial-port' }
  return { state: 'unknown', detail: 'driver-without-node' }
}

/** The controller's own flag where the kernel tells it; else that nothing blocks it, which lets any program switch it on. */
function bluetoothState(power: readonly BluetoothPower[], hasSwitch: boolean): State {
  if (power.some(({ isUp }) => isUp === true)) return { state: 'on', detail: 'hci-up' }
  if (power.length > 0 && power.every(({ isUp }) => isUp === false))
    return { state: 'blocked', detail: 'hci-down' }
  return hasSwitch ? { state: 'on', detail: 'rfkill-unblocked' } : { state: 'unknown', detail: 'hci' }
}

/** What it is paired with comes first: nodes can be looked up, pairings say who was there. */
function namesOf(draft: PieceDraft, power: readonly BluetoothPower[]): RawText[] {
  const paired = power.flatMap(({ pairedNames }) => pairedNames)
  return [...paired, ...draft.nodes.map(({ name }) => textOf(name))].slice(0, namesMax)
}

function textOf(bytes: string): RawText {
  return rawTextOf(Buffer.from(bytes, 'latin1').subarray(0, LIMITS.textBytesMax))
}
