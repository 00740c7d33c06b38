/**
 * One thing at a time: tasks in order, and between them the standing work (writing batches) while there is any.
 *
 * A rejected task is its caller's. Standing work that fails ends the loop, and with it, as a defect, the agent.
 */
export interface StandingWork {
  hasWork(): boolean
  work(): Promise<void>
}

export class WorkLoop {
  readonly #standing: StandingWork
  readonly #tasks: (() => Promise<void>)[] = []
  #running: Promise<void> | null = null

  constructor(standing: StandingWork) {
    this.#standing = standing
  }

  /** Resolves when nothing is left to do now. */
  async settled(): Promise<void> {
    await this.#running
  }

  /** Runs a task after those that wait, or before them. */
  run(task: () => Promise<void>, place: 'first' | 'last'): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const settle = () => task().then(resolve, reject)
    if (place === 'first') this.#tasks.unshift(settle)
    else this.#tasks.push(settle)
    this.kick()
    return promise
  }

  /** There may be work now. */
  kick(): void {
    this.#running ??= this.#work().finally(() => {
      this.#running = null
      if (this.#tasks.length > 0 || this.#standing.hasWork()) this.kick()
    })
  }

  async #work(): Promise<void> {
    // One turn later, so that what comes in the same turn shares a sync.
    await Promise.resolve()
    for (;;) {
      const task = this.#tasks.shift()
      if (task !== undefined) await task()
      else if (this.#standing.hasWork()) await this.#standing.work()
      else return
    }
  }
}
