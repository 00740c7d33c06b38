/**
 * Tells what `shoukou-agent uninstall` wrote down: that command can't write into the journal of an agent that runs. There is
 * no channel between the two but files of the state folder, which nobody without rights may open.
 */
import type { Fact, Position } from '@shoukou/protocol'
import type { Log } from '../base/log.ts'
import { removalFact, removalFile, removalToldFile } from './removal-book.ts'

export interface RemovalTellerOptions {
  readonly path: string
  readonly toldPath: string
  readonly tell: (fact: Fact) => Promise<Position | null>
  /** Resolves to whether the console has the record, in good time. */
  readonly acknowledged: (seq: number) => Promise<boolean>
  readonly log: Log
  readonly everyMs?: number
}

const lookEveryMs = 1_000

export class RemovalTeller {
  readonly #options: RemovalTellerOptions
  #timer: NodeJS.Timeout | null = null
  #look: Promise<void> = Promise.resolve()
  #isLooking = false
  /** A removal was permitted, or forced: what stops the agent next is that. */
  isRemoving = false

  constructor(options: RemovalTellerOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (this.#isLooking) return
      this.#isLooking = true
      this.#look = this.#tellNew()
        .catch((fault: unknown) =>
          this.#options.log.error({ fault: String(fault) }, 'what was asked of the removal was not told'),
        )
        .finally(() => {
          this.#isLooking = false
        })
    }, this.#options.everyMs ?? lookEveryMs).unref()
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#look
  }

  async #tellNew(): Promise<void> {
    const { path, toldPath, tell, acknowledged } = this.#options
    const book = await removalFile.peek(path)
    if (book === null || book === 'damaged') return
    const last = book.events.at(-1)
    const told = await removalToldFile.peek(toldPath)
    const toldNumber = told === null || told === 'damaged' ? 0 : told.number
    if (last === undefined || last.number <= toldNumber) return
    let place: Position | null = null
    for (const event of book.events) {
      if (event.number <= toldNumber) continue
      place = await tell(removalFact(event))
      if (event.result !== 'refused') this.isRemoving = true
    }
    const isAcknowledged = place !== null && (await acknowledged(place.seq))
    await removalToldFile.write(toldPath, { v: 1, number: last.number, isAcknowledged })
  }
}
