/** Wakes at the moment the wall clock is set: a timer that the kernel cancels then (timerfd_create(2)). */
import { callError, loadLibc } from '../../base/libc-linux.ts'
import { type LazyPoller, POLLIN } from '../../base/poll-linux.ts'

const CLOCK_REALTIME = 0
const TFD_NONBLOCK = 0o4000
const TFD_CLOEXEC = 0o2000000
const TFD_TIMER_ABSTIME = 1
const TFD_TIMER_CANCEL_ON_SET = 2
/** Far enough that it never fires by itself: 2200-01-01, s. */
const never = 7_258_118_400n

/** Calls back whenever the clock was set; returns how to stop. @throws ShoukouError where koffi or the kernel refuses. */
export async function watchClockSet(poller: LazyPoller, onSet: () => void): Promise<() => void> {
  const thread = await poller.get()
  const libc = await loadLibc()
  const made = libc.timerfdCreate(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)
  if (made.value < 0) throw callError('timerfd_create', made)
  const fd = made.value
  const when = Buffer.alloc(32)
  when.writeBigInt64LE(never, 16)
  const arm = (): void => {
    const armed = libc.timerfdSettime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, when)
    if (armed.value < 0) throw callError('timerfd_settime', armed)
  }
  arm()
  const cell = Buffer.alloc(8)
  const unwatch = thread.watch(fd, POLLIN, () => {
    // Fails with ECANCELED, which is the very message; then it is armed anew.
    libc.read(fd, cell)
    arm()
    onSet()
  })
  return () => {
    unwatch()
    libc.close(fd)
  }
}
