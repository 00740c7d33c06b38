/**
 * The outside watcher in the guest, as tests speak with it: what a plug did to the computer, judged by a program that
 * shares no code with the agent (`watcher/`). It is compiled here, and runs in the guest from the shared folder.
 */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectLines } from '../support/qmp-socket.ts'
import { waitFor } from '../support/wait-for.ts'
import type { Guest } from './boot-guest.ts'
import { compileProgram } from './compile-program.ts'
import { WATCHER_PORT } from './qemu-arguments.ts'
import { reportOf, type Seen, type WatchReport } from './watch-report.ts'

export interface OutsideWatcher extends AsyncDisposable {
  /** From now on everything is tried, and what is seen belongs to the next report. Nodes read before are tried again. */
  open(): Promise<void>
  /** What was seen since `open`, so far. */
  seen(): readonly Seen[]
  /** Waits for something to be seen in the open window; null where it was not within the time. */
  next(is: (seen: Seen) => boolean, timeoutMs: number): Promise<Seen | null>
  /** Ends the window. */
  close(): Promise<WatchReport>
  /** From now on lines that hold `text`, in files under `folder`, are seen as `line`. */
  follow(folder: string, text: string): Promise<void>
}

const START_TIMEOUT_MS = 30_000
const ANSWER_TIMEOUT_MS = 30_000
const SOURCE = join(import.meta.dirname, 'watcher')

/** Starts the watcher; `ownDisks` are names under /dev that are the guest's own: never tried. One at a time. */
export async function startWatcher(
  guest: Guest,
  ownDisks: readonly string[] = ['vda', 'vdb', 'vdc'],
): Promise<OutsideWatcher> {
  await using undo = new AsyncDisposableStack()
  await copyFile(await compileProgram(SOURCE), join(guest.share, 'watcher'))
  let seen: Seen[] = []
  let answered: Seen | undefined
  let failure: Error | undefined
  const listeners = new Set<() => void>()
  const socket = undo.use(
    await connectLines(
      guest.watcherSocket,
      {
        onMessage(message) {
          const one = message as unknown as Seen
          if (one.e === 'did') {
            answered = one
            if (one.what === 'open') seen = []
          } else seen.push(one)
          for (const listener of listeners) listener()
        },
        onClose(error) {
          failure = error
        },
      },
      START_TIMEOUT_MS,
    ),
  )
  const started = waitForAnswer('start')
  await guest.run(
    `pkill -KILL -x watcher; cp /host/watcher /watcher && chmod 755 /watcher
    setsid /watcher /dev/virtio-ports/${WATCHER_PORT} ${ownDisks.join(' ')} </dev/null >/run/watcher.log 2>&1 &`,
  )
  undo.defer(async () => {
    if (failure === undefined) await guest.run('pkill -KILL -x watcher', { mayFail: true })
  })
  await started

  function waitForAnswer(what: string): Promise<Seen> {
    answered = undefined
    return waitFor(
      () => {
        if (failure !== undefined) throw failure
        return answered !== undefined && 'what' in answered && answered.what === what ? answered : undefined
      },
      { what: `the watcher to ${what}`, timeoutMs: ANSWER_TIMEOUT_MS, everyMs: 2 },
    )
  }
  const order = async (message: { readonly do: string } & Readonly<Record<string, string>>) => {
    const answer = waitForAnswer(message.do)
    socket.send(message)
    return await answer
  }

  const whole = undo.move()
  return {
    async open() {
      await order({ do: 'open' })
    },
    seen: () => seen,
    async next(is, timeoutMs) {
      const found = Promise.withResolvers<Seen | null>()
      const look = () => {
        const one = seen.find(is)
        if (one !== undefined) found.resolve(one)
      }
      const timer = setTimeout(() => found.resolve(null), timeoutMs)
      listeners.add(look)
      look()
      try {
        return await found.promise
      } finally {
        clearTimeout(timer)
        listeners.delete(look)
      }
    },
    async close() {
      const end = await order({ do: 'close' })
      return reportOf(seen, 'tries' in end ? end.tries : 0)
    },
    async follow(folder, text) {
      await order({ do: 'follow', folder, text })
    },
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  }
}
