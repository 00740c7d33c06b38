/**
 * Port stories: what left a port and what came at once after it are one incident. A step machine; pure.
 */
import type { FactNamed, UsbDevice } from '@shoukou/protocol'

export interface PortStories {
  readonly left: ReadonlyMap<string, { readonly device: UsbDevice; readonly atMs: number }>
}

export type PortEvent =
  | { readonly kind: 'attached'; readonly device: UsbDevice; readonly atMs: number }
  | { readonly kind: 'detached'; readonly device: UsbDevice; readonly atMs: number }

export type StepPortStories = (
  state: PortStories,
  event: PortEvent,
) => { readonly state: PortStories; readonly facts: readonly FactNamed<'usb.re-enumerated'>[] }
