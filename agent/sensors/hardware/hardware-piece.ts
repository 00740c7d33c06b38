/** A piece of hardware under way from evidence to fact: what it is, and all that was found about it. Pure. */
import type { Hardware, HardwareKind, RawText } from '@shoukou/protocol'
import type { DevicePlace } from './device-place.ts'

export interface PieceNode {
  readonly name: string
  /** How the node shows that it works: `capture-device`, `phy` … */
  readonly detail: string
}

export interface PieceDraft {
  readonly kind: HardwareKind
  readonly place: DevicePlace
  /** How its bus shows it: `usb-class`, `pci-class`, `known-id` …; null where only a class of the kernel has it. */
  readonly busDetail: string | null
  vendorId: string | null
  productId: string | null
  model: RawText | null
  driver: string | null
  /** The USB interface of this kind with the lowest number. */
  usbInterface: string | null
  isAuthorized: boolean
  /** Distinguishes one stay on the same port from the next. */
  stay: string
  readonly nodes: PieceNode[]
}

/** One piece, told as one fact. */
export interface HardwarePiece {
  /** The same across boots: kind, bus, place, numbers. */
  readonly identity: string
  /** This one stay. */
  readonly instance: string
  /** The folder that all of it is below. */
  readonly path: string
  readonly hardware: Hardware
}

/** Drafts by kind and device, in the order in which they were found. */
export class PieceDrafts {
  readonly #drafts = new Map<string, PieceDraft>()

  /** Returns the draft of this kind on this device, made where there is none. */
  take(kind: HardwareKind, place: DevicePlace, busDetail: string | null): PieceDraft {
    const key = `${kind}|${place.path}`
    const known = this.#drafts.get(key)
    if (known !== undefined) return known
    const draft: PieceDraft = {
      kind,
      place,
      busDetail,
      vendorId: null,
      productId: null,
      model: null,
      driver: null,
      usbInterface: place.usbInterface,
      isAuthorized: true,
      stay: '',
      nodes: [],
    }
    this.#drafts.set(key, draft)
    return draft
  }

  find(kind: HardwareKind, path: string): PieceDraft | undefined {
    return this.#drafts.get(`${kind}|${path}`)
  }

  all(): PieceDraft[] {
    return [...this.#drafts.values()]
  }
}
