/**
 * Port stories: what left a port and what came at once after it are one incident, such as "CD-ROM 12d1:1f01 became
 * Ethernet 12d1:14dc". A step machine; pure. It judges nothing: both sides are told, rules are elsewhere.
 */
import { type FactNamed, showRawText, type UsbDevice } from '@shoukou/protocol'
import { usbFunctionsOf } from '@shoukou/protocol/usb/functions.ts'
import { isSameText } from './own-things.ts'

/** A mode switch takes 2 to 5 s; a person who draws one device and plugs another is seldom as fast. */
export const STORY_GAP_MS_MAX = 10_000
/** More ports than a computer has; beyond, the oldest departure is forgotten. */
export const STORY_PORTS_MAX = 1_024

export interface PortStories {
  /** What left, by port, the oldest first. */
  readonly left: ReadonlyMap<string, { readonly device: UsbDevice; readonly atMs: number }>
}

export const NO_PORT_STORIES: PortStories = { left: new Map() }

/** `atMs` is of the boot clock: nobody can set it. */
export type PortEvent =
  | { readonly kind: 'attached'; readonly device: UsbDevice; readonly atMs: number }
  | { readonly kind: 'detached'; readonly device: UsbDevice; readonly atMs: number }

export interface PortStep {
  readonly state: PortStories
  readonly facts: readonly FactNamed<'usb.re-enumerated'>[]
}

/**
 * Takes one arrival or departure. A fact comes out where another device stands on the port than left it shortly before;
 * a device that comes back as it was has only been reset or plugged anew.
 */
export function stepPortStories(state: PortStories, event: PortEvent): PortStep {
  const port = showRawText(event.device.path).slice(0, 64)
  const left = new Map(state.left)
  const before = left.get(port)
  left.delete(port)
  if (event.kind === 'detached') {
    left.set(port, { device: event.device, atMs: event.atMs })
    const oldest = left.keys().next()
    if (left.size > STORY_PORTS_MAX && oldest.done !== true) left.delete(oldest.value)
    return { state: { left }, facts: [] }
  }
  if (before === undefined) return { state, facts: [] }
  const gapMs = Math.max(0, Math.round(event.atMs - before.atMs))
  if (gapMs > STORY_GAP_MS_MAX || isSameDevice(before.device, event.device))
    return { state: { left }, facts: [] }
  const fact = {
    kind: 'usb.re-enumerated',
    port,
    before: sideOf(before.device),
    after: sideOf(event.device),
    gapMs,
  } as const
  return { state: { left }, facts: [fact] }
}

function isSameDevice(a: UsbDevice, b: UsbDevice): boolean {
  if (a.vendorId !== b.vendorId || a.productId !== b.productId) return false
  // What was drawn before it could be read says nothing of its serial and functions.
  if (a.descriptors === null || b.descriptors === null) return true
  return isSameText(a.serial, b.serial) && functionsOf(a).join() === functionsOf(b).join()
}

function sideOf(device: UsbDevice): FactNamed<'usb.re-enumerated'>['before'] {
  const { vendorId, productId, product } = device
  return { vendorId, productId, product, functions: functionsOf(device) }
}

function functionsOf(device: UsbDevice): string[] {
  return [...usbFunctionsOf(device)].sort()
}
