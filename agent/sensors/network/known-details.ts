/** What sysfs said of each interface, read once for each: an index is never given twice in one boot. */
import type { InterfaceDetails } from './interface-state.ts'
import type { LinkMessage } from './net-messages.ts'
import { detailsFromMessage, readInterfaceDetails } from './read-interface-linux.ts'

export class KnownDetails {
  readonly #sys: string
  readonly #details = new Map<number, InterfaceDetails>()

  constructor(sys: string) {
    this.#sys = sys
  }

  /** Reads what is not known yet of the interfaces named, by the last name that is given of each. */
  async learn(links: readonly LinkMessage[]): Promise<void> {
    const wanted = new Map<number, LinkMessage>()
    for (const link of links) {
      const isWanted = !link.isRemoval && this.#details.get(link.index)?.isRead !== true
      if (isWanted) wanted.set(link.index, link)
    }
    await Promise.all(
      [...wanted.values()].map(async (link) =>
        this.#details.set(link.index, await readInterfaceDetails(this.#sys, link)),
      ),
    )
  }

  readonly of = (message: LinkMessage): InterfaceDetails =>
    this.#details.get(message.index) ?? detailsFromMessage(message)

  /** Forgets those that are there no more. */
  keep(present: ReadonlyMap<number, unknown>): void {
    for (const index of this.#details.keys()) {
      if (!present.has(index)) this.#details.delete(index)
    }
  }
}
