/** What all ways out have in common: a batch goes whole and in order, or it fails and comes again. */
import type { ForwardMessage } from './message.ts'

export interface SendContext {
  readonly signal: AbortSignal
  /** Of a folder: the number of this file, and the hash of the one before. */
  readonly sequence: number
  readonly lastHash: string | null
}

export interface Sent {
  /** What the receiver said; empty where its kind says nothing. */
  readonly answer: string
  /** Of a folder: SHA-256 of what was written, hex. */
  readonly hash?: string
}

export interface Transport {
  /** @throws ForwardError, or an error that `failureOf` reads. */
  send(messages: readonly ForwardMessage[], context: SendContext): Promise<Sent>
  /** Sends a test beside the queue; left out: as any message. */
  test?(message: ForwardMessage, context: SendContext): Promise<Sent>
  /** Called now and then while nothing is to be sent. */
  idle?(state: {
    readonly sequence: number
    readonly lastHash: string | null
    readonly now: number
  }): Promise<void>
}
