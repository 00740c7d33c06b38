/** A uevent source that says what a test tells it to, in the kernel's own bytes. */
import { parseUevent } from '../../base/parse-uevent.ts'
import type { HintState, UeventListener, UeventSource } from '../../base/uevents-linux.ts'

export class ScriptedUevents implements UeventSource {
  readonly #listeners = new Set<UeventListener>()
  readonly #state: HintState
  #seqnum = 1_000

  constructor(state: HintState = { isListening: true, method: 'netlink-uevent' }) {
    this.#state = state
  }

  start(): Promise<HintState> {
    return Promise.resolve(this.#state)
  }

  subscribe(listener: UeventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): Promise<void> {
    this.#listeners.clear()
    return Promise.resolve()
  }

  /** Sends events as one burst; each is `ACTION`, `DEVPATH` and further fields. */
  say(...events: readonly Readonly<Record<string, string>>[]): void {
    const parsed = events.map((fields) => {
      this.#seqnum += 1
      const all = { ...fields, SEQNUM: String(this.#seqnum) }
      const lines = Object.entries(all).map(([key, value]) => `${key}=${value}\0`)
      const event = parseUevent(
        Buffer.from(`${fields['ACTION']}@${fields['DEVPATH']}\0${lines.join('')}`, 'latin1'),
      )
      if (event === null) throw new Error('the test wrote no uevent')
      return event
    })
    for (const listener of this.#listeners) listener.onUevents(parsed)
  }

  overflow(): void {
    for (const listener of this.#listeners) listener.onOverflow('netlink-uevent')
  }

  fail(reason: string): void {
    for (const listener of this.#listeners) listener.onFailure?.(reason)
  }
}
