/** A task that runs at most once at a time, with at most one more run waiting: any number of hints is one look. */
export class CoalescedTask {
  readonly #run: () => Promise<void>
  readonly #onFailure: (error: unknown) => void
  #current: Promise<void> | undefined
  #pending: Promise<void> | undefined
  #isStopped = false

  constructor(run: () => Promise<void>, onFailure: (error: unknown) => void) {
    this.#run = run
    this.#onFailure = onFailure
  }

  /** Resolves when a run that began after this call has ended; a failure goes to `onFailure`, not to the caller. */
  request(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    if (this.#current === undefined) {
      this.#current = this.#execute()
      return this.#current
    }
    this.#pending ??= this.#current.then(() => {
      this.#pending = undefined
      return this.request()
    })
    return this.#pending
  }

  /** No further run begins; resolves when the current one has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#current
  }

  async #execute(): Promise<void> {
    try {
      await this.#run()
    } catch (error) {
      this.#onFailure(error)
    } finally {
      this.#current = undefined
    }
  }
}
