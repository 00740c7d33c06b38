/**
 * What the sensors have told of and not taken back, as it was told last: for whoever has to look at it again under
 * another policy. Pure bookkeeping.
 */
import { type Fact, type RawText, rawTextKey, type UsbDevice } from '@shoukou/protocol'
import type { PresentFact } from './policy/judge-anew.ts'

export class PresentFacts {
  readonly #usb = new Map<string, Extract<PresentFact, { kind: 'usb.attached' }>>()
  readonly #interfaces = new Map<number, Extract<PresentFact, { kind: 'network.interface-added' }>>()

  /** Everything that is there now. */
  get all(): readonly PresentFact[] {
    return [...this.#usb.values(), ...this.#interfaces.values()]
  }

  usbAt(path: RawText): UsbDevice | null {
    return this.#usb.get(rawTextKey(path))?.device ?? null
  }

  /** Takes in what came or changed; call it before the fact is decided. */
  noteArrival(fact: Fact): void {
    if (fact.kind === 'usb.attached') this.#usb.set(rawTextKey(fact.device.path), fact)
    else if (fact.kind === 'network.interface-added') this.#interfaces.set(fact.interface.index, fact)
    else if (fact.kind === 'network.interface-changed') {
      const known = this.#interfaces.get(fact.before.index)
      if (known !== undefined)
        this.#interfaces.set(fact.interface.index, { ...known, interface: fact.interface })
    }
  }

  /** Takes out what went; call it after the fact was decided. */
  noteDeparture(fact: Fact): void {
    if (fact.kind === 'usb.detached') this.#usb.delete(rawTextKey(fact.device.path))
    else if (fact.kind === 'network.interface-removed') this.#interfaces.delete(fact.interface.index)
  }

  /** A sensor that begins anew tells all that is there; what it does not tell went while it did not look. */
  forget(sensor: string): void {
    if (sensor === 'usb') this.#usb.clear()
    if (sensor === 'network') this.#interfaces.clear()
  }
}
