/**
 * JSON lines over a Unix socket, as QEMU's monitor and its guest agent both speak them. Knows nothing of commands.
 */
import { connect, type Socket } from 'node:net'
import { waitFor } from './wait-for.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export interface LineSocket extends Disposable {
  send(message: JsonObject): void
}

export interface LineHandlers {
  /** `at`: milliseconds since the epoch on the host's steady clock, taken when the bytes arrived. */
  onMessage(message: JsonObject, at: number): void
  onClose(error: Error): void
}

/** Milliseconds since the epoch, from the steady clock that the tests share with the browser's `performance`. */
export function hostNow(): number {
  return performance.timeOrigin + performance.now()
}

/** Connects to `path`, which may appear only after a while. */
export async function connectLines(
  path: string,
  handlers: LineHandlers,
  timeoutMs: number,
): Promise<LineSocket> {
  const socket = await waitFor(() => open(path), { what: `a socket at ${path}`, timeoutMs })
  let rest = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    const at = hostNow()
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      // The guest agent answers guest-sync-delimited with a 0xff before the reply: what stood before is another's.
      const message = parseObject(line.slice(line.lastIndexOf('\u00ff') + 1))
      if (message !== undefined) handlers.onMessage(message, at)
    }
  })
  socket.on('error', () => undefined) // 'close' follows, and tells
  socket.on('close', () => handlers.onClose(new Error(`the socket ${path} was closed`)))
  return {
    send: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function parseObject(line: string): JsonObject | undefined {
  if (line.trim() === '') return undefined
  // Both ends escape what is not ASCII, so latin1 loses nothing.
  const value: unknown = JSON.parse(line)
  return isObject(value) ? value : undefined
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
