/**
 * New violations as they come, for what rings or counts: each told once, also those that came while the page was cut off.
 * What is shown is not decided here.
 */
import type { ViolationItem, ViolationsAnswer } from '../../api/contract.ts'
import { request } from '../server/request.ts'
import type { FeedMessage } from './feed-connection.ts'

/** After a cut so many are asked for: a page that missed more rings for the newest of them. */
const askedMax = 50
/** Told by the feed while a question is under way; of more, the newest ring. */
const waitingMax = 1_000

export type ArrivalListener = (arrived: readonly ViolationItem[]) => void
export type ChangeListener = (changed: ViolationItem) => void

/** What is known of arrivals: everything up to `highest` was told, or was there before. */
export class Arrivals {
  readonly #listeners = new Set<ArrivalListener>()
  readonly #changeListeners = new Set<ChangeListener>()
  readonly #ask: (limit: number) => Promise<readonly ViolationItem[]>
  /** Null until the first look: what was there before is no arrival. */
  #highest: number | null = null
  /** Questions under way: what the feed tells meanwhile waits, or it would hide what came before it in the cut. */
  #asking = 0
  #waiting: ViolationItem[] = []

  constructor(ask: (limit: number) => Promise<readonly ViolationItem[]> = askNewest) {
    this.#ask = ask
  }

  /** Returns the way to stop listening. */
  listen(onArrival: ArrivalListener, onChange: ChangeListener): () => void {
    this.#listeners.add(onArrival)
    this.#changeListeners.add(onChange)
    return () => {
      this.#listeners.delete(onArrival)
      this.#changeListeners.delete(onChange)
    }
  }

  /** Takes messages of the feed, in order. */
  take(messages: readonly FeedMessage[]): void {
    for (const message of messages) {
      if (message.kind === 'violation') {
        // At the first look nothing was cut off: what comes is new, and the answer may have it already.
        if (this.#asking > 0 && this.#highest !== null)
          this.#waiting = [...this.#waiting, message.violation].slice(-waitingMax)
        else this.#arrive([message.violation])
      } else if (message.kind === 'resync') void this.#catchUp()
      else if (message.kind !== 'computer') this.#change(message.violation)
    }
  }

  async #catchUp(): Promise<void> {
    this.#asking += 1
    try {
      // At first only where they begin is asked for.
      this.#arrive(await this.#ask(this.#highest === null ? 1 : askedMax), this.#highest === null)
    } catch (error) {
      // The bar says that the console does not answer; once it does, the feed says `resync` again.
      console.warn('what came meanwhile could not be asked for', error)
    } finally {
      this.#asking -= 1
      if (this.#asking === 0 && this.#waiting.length > 0) {
        const waiting = this.#waiting
        this.#waiting = []
        this.#arrive(waiting)
      }
    }
  }

  #arrive(items: readonly ViolationItem[], isFirst = false): void {
    const known = this.#highest ?? 0
    const arrived = items.filter(({ id }) => id > known).toSorted((a, b) => a.id - b.id)
    this.#highest = Math.max(known, ...items.map(({ id }) => id))
    if (isFirst || arrived.length === 0) return
    for (const listener of this.#listeners) listener(arrived)
  }

  #change(item: ViolationItem): void {
    for (const listener of this.#changeListeners) listener(item)
  }
}

/** Of whoever may read violations; an empty answer for others. */
async function askNewest(limit: number): Promise<readonly ViolationItem[]> {
  return (await request<ViolationsAnswer>('GET', `/api/violations?limit=${limit}`)).violations
}

/** The page's own. */
export const arrivals = new Arrivals()
