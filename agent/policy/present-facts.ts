/**
 * What the sensors have told of and not taken back, as it was told last: for whoever has to look at it again under
 * another policy. Pure bookkeeping.
 */
import { type Fact, type RawText, rawTextKey, type UsbDevice } from '@shoukou/protocol'
import type { PresentFact } from './judge-anew.ts'

interface Told<F extends PresentFact = PresentFact> {
  readonly fact: F
  /** Of the policy in force when it was told. */
  readonly policyVersion: number
}

export class PresentFacts {
  readonly #usb = new Map<string, Told<Extract<PresentFact, { kind: 'usb.attached' }>>>()
  readonly #interfaces = new Map<number, Told<Extract<PresentFact, { kind: 'network.interface-added' }>>>()

  /**
   * Returns what is there now and was not judged under the policy of this version: told before it, or told as a thing
   * that an earlier run had told of.
   */
  notJudgedUnder(policyVersion: number): readonly PresentFact[] {
    const all: readonly Told[] = [...this.#usb.values(), ...this.#interfaces.values()]
    return all
      .filter((told) => told.policyVersion < policyVersion || told.fact.origin === 'still-present')
      .map(({ fact }) => fact)
  }

  usbAt(path: RawText): UsbDevice | null {
    return this.#usb.get(rawTextKey(path))?.fact.device ?? null
  }

  usbDevices(): readonly UsbDevice[] {
    return [...this.#usb.values()].map(({ fact }) => fact.device)
  }

  /** Takes in what came or changed; call it before the fact is decided. */
  noteArrival(fact: Fact, policyVersion: number): void {
    if (fact.kind === 'usb.attached') this.#usb.set(rawTextKey(fact.device.path), { fact, policyVersion })
    else if (fact.kind === 'network.interface-added')
      this.#interfaces.set(fact.interface.index, { fact, policyVersion })
    else if (fact.kind === 'network.interface-changed') {
      const known = this.#interfaces.get(fact.before.index)
      if (known === undefined) return
      const now = { ...known.fact, interface: fact.interface }
      this.#interfaces.set(fact.interface.index, { ...known, fact: now })
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
