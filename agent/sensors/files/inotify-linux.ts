/** One inotify instance: folders in, events out. Works without privilege. */
import { callError, ERRNO, type Libc, loadLibc } from '../../base/libc-linux.ts'
import { type LazyPoller, POLLIN } from '../../base/poll-linux.ts'
import {
  IN_ATTRIB,
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_DONT_FOLLOW,
  IN_MODIFY,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_ONLYDIR,
  type InotifyEvent,
  parseInotify,
} from './parse-inotify.ts'

const IN_NONBLOCK = 0o4000
const IN_CLOEXEC = 0o2000000
const folderMask =
  IN_MODIFY |
  IN_ATTRIB |
  IN_CLOSE_WRITE |
  IN_MOVED_FROM |
  IN_MOVED_TO |
  IN_CREATE |
  IN_DELETE |
  IN_DELETE_SELF |
  IN_ONLYDIR |
  IN_DONT_FOLLOW
const readBytes = 262_144
/** Reads in one go, so that a storm does not starve the event loop. */
const readsMax = 64

export type AddedWatch =
  | { readonly kind: 'watching'; readonly watch: number }
  | { readonly kind: 'gone' }
  /** The folder may not be read by this process. */
  | { readonly kind: 'denied' }
  /** max_user_watches is reached. */
  | { readonly kind: 'no-space' }

export class Inotify {
  readonly #libc: Libc
  readonly #fd: number
  readonly #buffer = Buffer.alloc(readBytes)
  readonly #onEvents: (events: readonly InotifyEvent[]) => void
  #unwatch: () => void = () => undefined
  #isClosed = false

  private constructor(libc: Libc, fd: number, onEvents: (events: readonly InotifyEvent[]) => void) {
    this.#libc = libc
    this.#fd = fd
    this.#onEvents = onEvents
  }

  /** Opens an instance. @throws ShoukouError where koffi or the kernel (max_user_instances) refuses. */
  static async open(
    poller: LazyPoller,
    onEvents: (events: readonly InotifyEvent[]) => void,
  ): Promise<Inotify> {
    const thread = await poller.get()
    const libc = await loadLibc()
    const opened = libc.inotifyInit(IN_NONBLOCK | IN_CLOEXEC)
    if (opened.value < 0) throw callError('inotify_init1', opened)
    const inotify = new Inotify(libc, opened.value, onEvents)
    inotify.#unwatch = thread.watch(opened.value, POLLIN, () => inotify.drain())
    return inotify
  }

  /** Watches one folder, not what is below it. @throws ShoukouError for what is neither absence nor a limit. */
  add(path: Buffer): AddedWatch {
    const added = this.#libc.inotifyAddWatch(this.#fd, Buffer.concat([path, Buffer.alloc(1)]), folderMask)
    if (added.value >= 0) return { kind: 'watching', watch: added.value }
    if (added.errno === ERRNO.ENOSPC) return { kind: 'no-space' }
    if (added.errno === ERRNO.EACCES || added.errno === ERRNO.EPERM) return { kind: 'denied' }
    if (added.errno === ERRNO.ENOENT || added.errno === ERRNO.ENOTDIR) return { kind: 'gone' }
    throw callError('inotify_add_watch', added)
  }

  remove(watch: number): void {
    // Fails only where the kernel has dropped the watch already, and then it is as wanted.
    this.#libc.inotifyRemoveWatch(this.#fd, watch)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unwatch()
    this.#libc.close(this.#fd)
  }

  /** Hands on what is queued now; called by the poller, and before the end so that nothing stays behind. */
  drain(): void {
    for (let count = 0; count < readsMax && !this.#isClosed; count += 1) {
      const got = this.#libc.read(this.#fd, this.#buffer)
      if (got.value <= 0) return
      this.#onEvents(parseInotify(this.#buffer.subarray(0, got.value)).events)
    }
  }
}
