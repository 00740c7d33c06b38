/** Looks at this process's clocks and counters, and tells where it was held still. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { FactNamed, RawText } from '@shoukou/protocol'
import type { Clock } from '../base/clock.ts'
import {
  beginPauses,
  continued,
  LOOK_EVERY_MS,
  type PauseLook,
  type PauseState,
  stepPauses,
} from './pauses.ts'

/** Every so many looks it is asked who traces this process. */
const tracerEvery = 4

/** Starts looking; the returned function ends it. */
export function watchPauses(clock: Clock, tell: (fact: FactNamed<'agent.paused'>) => void): () => void {
  const counters = openCounters()
  let tracer: RawText | null = null
  const look = (): PauseLook => ({
    wallMs: clock.wallMs(),
    bootMs: clock.bootMs(),
    monotonicMs: performance.now(),
    busyMs: counters.busyMs(),
    tracer,
  })
  let state: PauseState = beginPauses(look())
  let looks = 0
  const timer = setInterval(() => {
    looks += 1
    if (looks % tracerEvery === 0) {
      void readTracer().then(
        (found) => {
          tracer = found
        },
        // No file handle left, say: who traced it at the last look is asked again at the next one.
        () => undefined,
      )
    }
    const next = stepPauses(state, look())
    state = next.state
    if (next.fact !== null) tell(next.fact)
  }, LOOK_EVERY_MS).unref()
  const onContinue = (): void => {
    state = continued(state)
  }
  process.on('SIGCONT', onContinue)
  return () => {
    clearInterval(timer)
    process.off('SIGCONT', onContinue)
    counters.close()
  }
}

/** `schedstat` of this thread: ns on a processor, ns waited for one, turns. A kernel without CONFIG_SCHED_INFO has none. */
function openCounters(): { readonly busyMs: () => number | null; readonly close: () => void } {
  let fd: number
  try {
    fd = openSync('/proc/thread-self/schedstat', 'r')
  } catch {
    return { busyMs: () => null, close: () => undefined }
  }
  const buffer = Buffer.alloc(96)
  return {
    busyMs() {
      const [ran = 0, waited = 0] = buffer
        .toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0))
        .split(' ')
        .map(Number)
      return (ran + waited) / 1e6
    },
    close: () => closeSync(fd),
  }
}

async function readTracer(): Promise<RawText | null> {
  const status = await readFile('/proc/self/status', 'latin1')
  const pid = /^TracerPid:\t(\d+)$/m.exec(status)?.[1]
  return pid === undefined || pid === '0' ? null : nameOf(pid)
}

function nameOf(pid: string): RawText {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/comm`, 'latin1').trim()}`.replaceAll(/[^\x20-\x7e]/g, '?')
  } catch {
    // It has gone meanwhile, or lives where this process does not look.
    return pid
  }
}
