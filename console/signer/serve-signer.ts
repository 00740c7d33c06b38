/** The signing process's side of one connection: one message after another, each answered, at a bounded pace. */

import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Envelope, isSignedCeiling, ShoukouError } from '@shoukou/protocol'
import { SIGNER_LIMITS } from './limits.ts'
import { type Answer, type Ask, encodeMessage, type Message, MessageReader } from './messages.ts'
import { Pace } from './pace.ts'
import type { SigningCore } from './signing-core.ts'

/**
 * Serves until the other end goes. Nothing is read on while a message is worked on: whoever asks faster waits in his own
 * buffer.
 *
 * @throws ShoukouError where the other end speaks another language; the connection is over then.
 */
export async function serveSigner(stream: Duplex, core: SigningCore): Promise<void> {
  const reader = MessageReader.ofAsks()
  const pace = new Pace(SIGNER_LIMITS.signaturesPerSecond, SIGNER_LIMITS.burst, performance.now())
  await write(stream, {
    said: 'ready',
    publicKey: core.publicKey,
    ceilingVersion: core.ceiling?.version ?? 0,
  })
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (const message of reader.push(chunk)) {
      const waitMs = pace.take(performance.now())
      if (waitMs > 0) await sleep(waitMs)
      await write(stream, await answerTo(message, core))
    }
  }
}

async function answerTo({ header, payload }: Message<Ask>, core: SigningCore): Promise<Answer> {
  const { id } = header
  try {
    if (header.ask === 'take-ceiling') {
      await core.takeCeiling(ceilingIn(payload))
      return { id, said: 'done', signature: '' }
    }
    const { signature } = await core.sign(header.kind as Envelope['kind'], payload)
    return { id, said: 'done', signature }
  } catch (error) {
    if (!(error instanceof ShoukouError)) throw error
    return { id, said: 'refused', code: error.code, message: error.message.slice(0, 32_768) }
  }
}

function ceilingIn(payload: Buffer) {
  let value: unknown
  try {
    value = JSON.parse(payload.toString('utf8'))
  } catch (cause) {
    throw new ShoukouError('ceiling-refused', 'The ceiling is not JSON.', { cause })
  }
  if (isSignedCeiling(value)) return value
  throw new ShoukouError('ceiling-refused', 'The ceiling is not signed as one is.')
}

async function write(stream: Duplex, answer: Answer): Promise<void> {
  if (stream.write(encodeMessage(answer))) return
  await new Promise<void>((resolve) => {
    const go = (): void => {
      stream.off('drain', go)
      stream.off('close', go)
      resolve()
    }
    stream.on('drain', go)
    stream.on('close', go)
  })
}
