/** What the kernel's classes show: nodes that programs can use, joined with the device that is behind them. Pure. */
import type { HardwareKind } from '@shoukou/protocol'
import { type DevicePlace, devicePlaceOf } from './device-place.ts'
import type { PieceDraft, PieceDrafts } from './hardware-piece.ts'
import type { ClassNode, RadioSwitch } from './hardware-view.ts'

export function addNode(drafts: PieceDrafts, node: ClassNode): void {
  const place = devicePlaceOf(node.path, node.class)
  switch (node.class) {
    case 'ieee80211':
      return add(drafts, node, place, 'wifi', 'phy')
    case 'net':
      return addNet(drafts, node, place)
    case 'bluetooth':
      // `hci0:11` is a connection of hci0.
      return node.name.includes(':') ? undefined : add(drafts, node, place, 'bluetooth', 'hci')
    case 'wwan':
      return add(drafts, node, place, 'cellular-modem', 'modem-port')
    case 'nfc':
      return add(drafts, node, place, 'nfc', 'nfc-adapter')
    case 'lirc':
      return add(drafts, node, place, 'infrared', 'infrared-receiver')
    case 'video4linux':
      return addVideo(drafts, node, place)
    case 'sound':
      return addSound(drafts, node, place)
    case 'tty':
    case 'usbmisc':
      return addPort(drafts, node, place)
  }
}

function add(
  drafts: PieceDrafts,
  node: ClassNode,
  place: DevicePlace,
  kind: HardwareKind,
  detail: string,
): void {
  const draft = drafts.take(kind, place, null)
  addTo(draft, node, detail)
}

function addTo(draft: PieceDraft, node: ClassNode, detail: string): void {
  if (draft.nodes.some(({ name }) => name === node.name)) return
  draft.nodes.push({ name: node.name, detail })
  draft.model ??= node.label
  draft.driver ??= node.driver
}

function addNet(drafts: PieceDrafts, node: ClassNode, place: DevicePlace): void {
  if (node.isCapable === true || node.devtype === 'wlan')
    return add(drafts, node, place, 'wifi', 'wireless-interface')
  if (node.devtype === 'wwan') return add(drafts, node, place, 'cellular-modem', 'modem-port')
  const modem = drafts.find('cellular-modem', place.path)
  if (modem !== undefined) addTo(modem, node, 'modem-port')
}

/** Names of video devices that convert and never see anything: the codecs of systems on a chip. */
const converter = /codec|encod|decod|jpeg|m2m|vpu|rkvdec|hantro|cedrus|scaler|deinterlac|\bisp\b|pisp/i

function addVideo(drafts: PieceDrafts, node: ClassNode, place: DevicePlace): void {
  if (!/^video\d+$/.test(node.name) || node.isCapable === false) return
  const label = typeof node.label === 'string' ? node.label : ''
  // Asked, it said that it captures; else by its name, and a device that one plugs in is believed nothing.
  if (node.isCapable === null && place.bus !== 'usb' && converter.test(label)) return
  add(drafts, node, place, 'camera', node.isCapable === true ? 'capture-device' : 'video-node')
}

function addSound(drafts: PieceDrafts, node: ClassNode, place: DevicePlace): void {
  const direction = /^pcmC\d+D\d+([cp])$/.exec(node.name)?.[1]
  if (direction === 'c') add(drafts, node, place, 'microphone', node.detail ?? 'capture-device')
  if (direction === 'p') add(drafts, node, place, 'speaker', 'playback-device')
}

/** A serial or control port says nothing by itself; it belongs to a modem where its device is one. */
function addPort(drafts: PieceDrafts, node: ClassNode, place: DevicePlace): void {
  for (const kind of ['cellular-modem', 'dialup-modem'] as const) {
    const draft = drafts.find(kind, place.path)
    if (draft !== undefined) addTo(draft, node, 'modem-port')
  }
}

const KIND_OF_SWITCH: Readonly<Record<string, HardwareKind>> = {
  wlan: 'wifi',
  bluetooth: 'bluetooth',
  ultrawideband: 'uwb',
  wwan: 'cellular-modem',
  nfc: 'nfc',
}

export function kindOfSwitch(one: RadioSwitch): HardwareKind | null {
  return KIND_OF_SWITCH[one.type] ?? null
}

/**
 * Takes a switch as evidence of a radio that has no node of its own, where it hangs on a device of a bus. The switches of
 * laptop makers (`/devices/platform/…`) are there with or without a radio and prove nothing.
 */
export function addSwitch(drafts: PieceDrafts, one: RadioSwitch): void {
  const kind = kindOfSwitch(one)
  if (kind === null || kind === 'wifi' || kind === 'bluetooth') return
  const place = devicePlaceOf(one.path, null)
  if (place.bus === 'usb' || place.bus === 'pci' || place.bus === 'sdio')
    drafts.take(kind, place, 'radio-switch')
}
