/**
 * Where the console stands, as addresses: what stays reachable whatever else is refused. The last good answer is kept on
 * the disk, because a computer that may ask no name server must still find its console.
 */
import { parseAddress } from '@shoukou/protocol'
import type { Log } from '../../base/log.ts'
import type { NetworkBook } from './network-book.ts'

export interface ConsolePlaceOptions {
  readonly port: number
  /** Where the agent renews its certificate; left out: nowhere. */
  readonly webPort?: number
  /** Resolves the console's name; an address is its own answer. */
  readonly resolve: () => Promise<readonly string[]>
  readonly book: NetworkBook
  readonly log: Log
  /** Nothing but the console may be asked, so no name server may. */
  readonly isIsolated: () => boolean
  readonly onChange: () => void
}

const addressesMax = 16
const againMsMin = 5_000
const resolveMsMax = 3_000

export class ConsolePlace {
  readonly #options: ConsolePlaceOptions
  #places: readonly { readonly address: string; readonly port: number }[]
  #askedMs = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | null = null

  constructor(options: ConsolePlaceOptions) {
    this.#options = options
    const { book } = options
    this.#places = book.state.console.flatMap(({ address }) => this.#placesAt(address))
  }

  get places(): readonly { readonly address: string; readonly port: number }[] {
    return this.#places
  }

  /**
   * Returns the addresses to try: where nobody can be asked, those that were good last.
   *
   * @throws the resolver's error where there are none.
   */
  async addresses(): Promise<readonly string[]> {
    const known = [...new Set(this.#places.map(({ address }) => address))]
    const { resolve, isIsolated } = this.#options
    if (known.length > 0 && isIsolated()) return known
    try {
      const found = await inTime(resolve())
      if (found.length > 0) return found
    } catch (fault) {
      if (known.length === 0) throw fault
    }
    return known
  }

  /** Asks again, unless that was done a moment ago. Never throws: the last good answer stays. */
  async look(): Promise<void> {
    const isKnown = this.#places.length > 0
    if (isKnown && this.#options.isIsolated()) return
    if (performance.now() - this.#askedMs < againMsMin) return await (this.#asking ?? undefined)
    this.#askedMs = performance.now()
    this.#asking = this.#ask().finally(() => {
      this.#asking = null
    })
    await this.#asking
  }

  #placesAt(address: string): { address: string; port: number }[] {
    const { port, webPort } = this.#options
    return [port, ...(webPort === undefined || webPort === port ? [] : [webPort])].map((each) => ({
      address,
      port: each,
    }))
  }

  async #ask(): Promise<void> {
    const { resolve, log, book, port, onChange } = this.#options
    try {
      const found = await inTime(resolve())
      const addresses = [...new Set(found)].filter((each) => parseAddress(each) !== null).sort()
      if (addresses.length === 0) return
      const places = addresses.slice(0, addressesMax).flatMap((address) => this.#placesAt(address))
      if (JSON.stringify(places) === JSON.stringify(this.#places)) return
      this.#places = places
      void book.change({ console: places.filter((place) => place.port === port) })
      onChange()
    } catch (fault) {
      log.warn({ fault: String(fault) }, 'the console could not be resolved; the last address is kept')
    }
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${resolveMsMax} ms`)), resolveMsMax)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
