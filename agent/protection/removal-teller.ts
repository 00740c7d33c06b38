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
  /** Told in this run: a disk that does not take that down has it told once, not each second. */
  #toldHere = 0
  #place: Position | null = null
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
    // What can't be read says nothing of what was told: twice said is no harm, not said is.
    const told = await removalToldFile.peek(toldPath).catch(() => 'damaged' as const)
    const toldNumber = told === null || told === 'damaged' ? 0 : told.number
    if (last === undefined || last.number <= toldNumber) return
    for (const event of book.events) {
      if (event.number <= Math.max(toldNumber, this.#toldHere)) continue
      this.#place = await tell(removalFact(event))
      this.#toldHere = event.number
      if (event.result !== 'refused') this.isRemoving = true
    }
    const isAcknowledged = this.#place !== null && (await acknowledged(this.#place.seq))
    await removalToldFile.write(toldPath, { v: 1, number: last.number, isAcknowledged })
  }
}
