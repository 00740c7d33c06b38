/**
 * A client of QEMU's machine protocol (QMP): commands with their replies, events, and the host clock at each.
 */
import { connectLines, isObject, type JsonObject } from './qmp-socket.ts'
import { within } from './wait-for.ts'

export interface QmpReply {
  readonly value: unknown
  /** Host clock (`hostNow`) when QEMU's reply arrived. */
  readonly repliedAt: number
}

export interface QmpEvent {
  readonly name: string
  readonly data: JsonObject
  readonly at: number
}

export interface Qmp extends Disposable {
  /** Throws QEMU's own words when it refuses the command. */
  execute(command: string, args?: JsonObject, timeoutMs?: number): Promise<QmpReply>
  /** Resolves with the first event from now on that `matches`. Call it before the command that causes the event. */
  nextEvent(what: string, matches: (event: QmpEvent) => boolean, timeoutMs: number): Promise<QmpEvent>
}

const REPLY_TIMEOUT_MS = 20_000

/** Connects to QEMU's monitor at `path` and leaves its negotiation mode. */
export async function connectQmp(path: string, timeoutMs: number): Promise<Qmp> {
  const waiting = new Map<number, PromiseWithResolvers<QmpReply>>()
  const listeners = new Set<(event: QmpEvent) => void>()
  const greeted = Promise.withResolvers<undefined>()
  greeted.promise.catch(() => undefined)
  let nextId = 1
  let closed: Error | undefined

  const socket = await connectLines(
    path,
    {
      onMessage(message, at) {
        if ('QMP' in message) return greeted.resolve(undefined)
        if (typeof message['event'] === 'string') {
          const event = { name: message['event'], data: isObject(message['data']) ? message['data'] : {}, at }
          for (const listener of listeners) listener(event)
          return
        }
        const id = message['id']
        const reply = typeof id === 'number' ? waiting.get(id) : undefined
        if (typeof id !== 'number' || reply === undefined) return
        waiting.delete(id)
        const error = message['error']
        if (isObject(error)) reply.reject(new Error(`QEMU refused: ${String(error['desc'])}`))
        else reply.resolve({ value: message['return'], repliedAt: at })
      },
      onClose(error) {
        closed = error
        greeted.reject(error)
        for (const reply of waiting.values()) reply.reject(error)
        waiting.clear()
      },
    },
    timeoutMs,
  )

  const execute: Qmp['execute'] = async (command, args = {}, replyTimeoutMs = REPLY_TIMEOUT_MS) => {
    if (closed !== undefined) throw closed
    const id = nextId++
    const reply = Promise.withResolvers<QmpReply>()
    waiting.set(id, reply)
    socket.send({ execute: command, arguments: args, id })
    try {
      return await within(reply.promise, replyTimeoutMs, () => `QEMU's reply to ${command}`)
    } finally {
      waiting.delete(id)
    }
  }

  await within(greeted.promise, timeoutMs, () => "QEMU's greeting")
  await execute('qmp_capabilities')

  return {
    execute,
    async nextEvent(what, matches, eventTimeoutMs) {
      const found = Promise.withResolvers<QmpEvent>()
      const listener = (event: QmpEvent) => {
        if (matches(event)) found.resolve(event)
      }
      listeners.add(listener)
      try {
        return await within(found.promise, eventTimeoutMs, () => `the event ${what}`)
      } finally {
        listeners.delete(listener)
      }
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  }
}
