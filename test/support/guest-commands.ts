/**
 * Runs commands inside a QEMU guest through the guest agent's channel (qemu-ga on a virtio-serial port): exit code and
 * output come back whole, several commands may run at once, and nothing of it touches the guest's network.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { connectLines, isObject, type JsonObject } from './qmp-socket.ts'
import { waitFor, within } from './wait-for.ts'

export interface GuestResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly timeoutMs?: number
  /** Given to the command as its standard input. */
  readonly input?: string
  /** Return also when the exit code is not 0, instead of throwing. */
  readonly mayFail?: boolean
}

export interface GuestCommands extends Disposable {
  /** Waits until the guest's end answers: after the boot, and again after a reset. */
  waitUntilReady(timeoutMs: number): Promise<void>
  /**
   * Runs a `sh` script. Past its time it is killed with its children, and the call fails. Output above 16 MB is cut.
   * The call ends when the last holder of the output does: what shall go on running must write elsewhere
   * (`setsid program </dev/null >file 2>&1 &`).
   */
  run(script: string, options?: RunOptions): Promise<GuestResult>
  /** Fails the call that now waits: its guest is gone. */
  abandon(reason: string): void
}

const COMMAND_TIMEOUT_MS = 30_000
const REPLY_TIMEOUT_MS = 20_000
const KILL_TIMEOUT_MS = 5_000
const POLL_MS_MAX = 40

/** Connects to the guest agent's socket at `path`; the guest itself may still be booting. */
export async function connectGuestCommands(path: string, connectTimeoutMs: number): Promise<GuestCommands> {
  // The protocol answers in order and, but for sync, without ids: one request at a time, the others queue.
  let pending: { readonly reply: PromiseWithResolvers<unknown>; accepts(value: unknown): boolean } | undefined
  let closed: Error | undefined
  let isOutOfStep = false
  let queue: Promise<unknown> = Promise.resolve()

  const socket = await connectLines(
    path,
    {
      onMessage(message) {
        const error = message['error']
        if (isObject(error)) pending?.reply.reject(new Error(`the guest refused: ${String(error['desc'])}`))
        else if (pending?.accepts(message['return']) === true) pending.reply.resolve(message['return'])
      },
      onClose(error) {
        closed = error
        pending?.reply.reject(error)
      },
    },
    connectTimeoutMs,
  )

  async function exchange(
    command: string,
    args: JsonObject,
    replyTimeoutMs: number,
    accepts: (value: unknown) => boolean = () => true,
  ): Promise<unknown> {
    if (closed !== undefined) throw closed
    const reply = Promise.withResolvers<unknown>()
    pending = { reply, accepts }
    socket.send({ execute: command, arguments: args })
    try {
      return await within(reply.promise, replyTimeoutMs, () => `the guest's reply to ${command}`)
    } catch (error) {
      // Its reply may still come, and must not be taken for the next one's.
      isOutOfStep = true
      throw error
    } finally {
      pending = undefined
    }
  }

  async function synchronise(replyTimeoutMs: number): Promise<void> {
    const token = Math.floor(Math.random() * 2 ** 31)
    await exchange('guest-sync-delimited', { id: token }, replyTimeoutMs, (value) => value === token)
    isOutOfStep = false
  }

  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = queue.then(action)
    queue = turn.catch(() => undefined)
    return turn
  }

  function request(command: string, args: JsonObject): Promise<unknown> {
    return inTurn(async () => {
      if (isOutOfStep) await synchronise(REPLY_TIMEOUT_MS)
      return await exchange(command, args, REPLY_TIMEOUT_MS)
    })
  }

  const run: GuestCommands['run'] = async (script, options = {}) => {
    const timeoutMs = options.timeoutMs ?? COMMAND_TIMEOUT_MS
    const started = await request('guest-exec', {
      path: '/usr/bin/setsid',
      arg: ['--wait', '/bin/sh', '-c', script],
      env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8'],
      'capture-output': true,
      ...(options.input === undefined ? {} : { 'input-data': Buffer.from(options.input).toString('base64') }),
    })
    const pid = isObject(started) ? started['pid'] : undefined
    const status = await pollUntilExited(pid, timeoutMs)
    if (status === undefined) {
      // setsid made a session of it: everything the script started and that stayed in it goes too.
      await request('guest-exec', { path: '/usr/bin/pkill', arg: ['-KILL', '-s', String(pid)] })
      await pollUntilExited(pid, KILL_TIMEOUT_MS)
      throw new Error(`in the guest, not within ${timeoutMs} ms: ${script}`)
    }
    const result = toResult(status)
    if (result.exitCode === 0 || options.mayFail === true) return result
    throw new Error(`in the guest, exit code ${result.exitCode}: ${script}\n${result.stderr}${result.stdout}`)
  }

  async function pollUntilExited(pid: unknown, timeoutMs: number): Promise<JsonObject | undefined> {
    const deadline = performance.now() + timeoutMs
    for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 1.5, POLL_MS_MAX)) {
      const status = await request('guest-exec-status', { pid })
      if (isObject(status) && status['exited'] === true) return status
      if (performance.now() >= deadline) return undefined
      await sleep(pauseMs)
    }
  }

  return {
    run,
    async waitUntilReady(readyTimeoutMs) {
      await waitFor(() => inTurn(() => synchronise(1000).then(() => true)), {
        what: "the guest's command channel",
        timeoutMs: readyTimeoutMs,
        everyMs: 50,
      })
    },
    abandon(reason) {
      pending?.reply.reject(new Error(reason))
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  }
}

function toResult(status: JsonObject): GuestResult {
  const signal = status['signal']
  const text = (encoded: unknown) =>
    typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString('utf8') : ''
  const code = status['exitcode']
  return {
    exitCode: typeof code === 'number' ? code : typeof signal === 'number' ? 128 + signal : -1,
    stdout: text(status['out-data']),
    stderr: text(status['err-data']),
  }
}
