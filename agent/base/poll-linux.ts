/**
 * One thread that waits for every kernel descriptor of the agent: poll(2), woken through an eventfd.
 *
 * Handlers run on the main thread and must drain their descriptor without blocking. One blocking call in the thread
 * pool for all sensors together, however many descriptors there are.
 */
import { callError, ERRNO, type Libc, loadLibc } from './libc-linux.ts'

export const POLLIN = 0x001
export const POLLPRI = 0x002
export const POLLERR = 0x008
const POLLNVAL = 0x020

export interface Poller {
  /** Calls back whenever one of `events` (POLLERR always) stands at the descriptor; returns how to stop. */
  watch(fd: number, events: number, onReady: (revents: number) => void): () => void
  close(): Promise<void>
}

interface Registration {
  readonly fd: number
  readonly events: number
  readonly onReady: (revents: number) => void
}

/**
 * Leaving the process joins the thread pool, and a thread that waits for ever would hold it for ever: the `exit` event
 * wakes it, and should that ever not come, this is how long leaving takes at most.
 */
const waitMsMax = 5_000

const EFD_NONBLOCK = 0o4000
const EFD_CLOEXEC = 0o2000000

/** Starts the waiting thread. @throws ShoukouError where the C library can't be called. */
export async function openPoller(): Promise<Poller> {
  const libc = await loadLibc()
  const wake = libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)
  if (wake.value < 0) throw callError('eventfd', wake)
  return new PollThread(libc, wake.value)
}

/** Opens the poller when the first sensor needs it, once for all; a failure is told to each that asks. */
export class LazyPoller {
  #opened: Promise<Poller> | undefined

  get(): Promise<Poller> {
    this.#opened ??= openPoller()
    return this.#opened
  }

  async close(): Promise<void> {
    const opened = this.#opened
    if (opened === undefined) return
    // A poller that never opened has nothing to close, and whoever asked for it has been told.
    await opened.then(
      (poller) => poller.close(),
      () => undefined,
    )
  }
}

class PollThread implements Poller {
  readonly #libc: Libc
  readonly #wakeFd: number
  readonly #registrations = new Set<Registration>()
  readonly #done: Promise<void>
  #isClosed = false
  #isWaiting = false

  constructor(libc: Libc, wakeFd: number) {
    this.#libc = libc
    this.#wakeFd = wakeFd
    process.on('exit', this.#onExit)
    this.#done = this.#loop()
  }

  watch(fd: number, events: number, onReady: (revents: number) => void): () => void {
    const registration: Registration = { fd, events, onReady }
    this.#registrations.add(registration)
    this.#wake()
    return () => {
      this.#registrations.delete(registration)
      this.#wake()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#wake()
    await this.#done
  }

  readonly #onExit = (): void => this.#wake()

  #wake(): void {
    if (!this.#isWaiting) return
    const one = Buffer.alloc(8)
    one.writeBigUInt64LE(1n)
    this.#libc.write(this.#wakeFd, one)
  }

  async #loop(): Promise<void> {
    const counter = Buffer.alloc(8)
    while (!this.#isClosed) {
      const current = [...this.#registrations]
      const fds = Buffer.alloc((current.length + 1) * 8)
      fds.writeInt32LE(this.#wakeFd, 0)
      fds.writeInt16LE(POLLIN, 4)
      current.forEach((registration, index) => {
        fds.writeInt32LE(registration.fd, (index + 1) * 8)
        fds.writeInt16LE(registration.events, (index + 1) * 8 + 4)
      })
      this.#isWaiting = true
      // An interrupted poll (-1, EINTR) is simply begun again.
      const ready = await this.#libc.poll(fds, current.length + 1, waitMsMax)
      this.#isWaiting = false
      if (ready <= 0) continue
      if (fds.readInt16LE(6) !== 0) this.#drain(counter)
      current.forEach((registration, index) => {
        const revents = fds.readInt16LE((index + 1) * 8 + 6)
        // One handler may end the watch of another in the same round.
        if (revents === 0 || !this.#registrations.has(registration)) return
        // A descriptor closed before its watch ended would be ready for ever.
        if ((revents & POLLNVAL) !== 0) this.#registrations.delete(registration)
        else registration.onReady(revents)
      })
    }
    process.off('exit', this.#onExit)
    this.#libc.close(this.#wakeFd)
  }

  #drain(counter: Buffer): void {
    const result = this.#libc.read(this.#wakeFd, counter)
    if (result.value < 0 && result.errno !== ERRNO.EAGAIN) throw callError('read(eventfd)', result)
  }
}
