/**
 * Messages of one connection that are read and not yet handled, in order; neighbouring records are taken together.
 *
 * Bounded by whoever fills it: `isFull` says when to stop reading the socket.
 */
import { LIMITS } from '@shoukou/protocol'

export interface Message {
  readonly data: Buffer
  readonly isBinary: boolean
}

/** A few small ones, or what the window that was offered may hold in bytes. */
const messagesMax = 256
const bytesMax = LIMITS.windowBytesMax

export class MessageQueue {
  #messages: Message[] = []
  #bytes = 0

  get isEmpty(): boolean {
    return this.#messages.length === 0
  }

  get isFull(): boolean {
    return this.#messages.length >= messagesMax || this.#bytes >= bytesMax
  }

  push(message: Message): void {
    this.#messages.push(message)
    this.#bytes += message.data.length
  }

  /** Takes the next message, with the binary ones behind it where it is one itself, as long as they fit one frame. */
  take(): Message[] {
    const [first] = this.#messages
    if (first === undefined) return []
    let count = 1
    let bytes = first.data.length
    while (first.isBinary) {
      const next = this.#messages[count]
      if (next === undefined || !next.isBinary || bytes + next.data.length > LIMITS.frameBytesMax) break
      bytes += next.data.length
      count += 1
    }
    this.#bytes -= bytes
    return this.#messages.splice(0, count)
  }
}
