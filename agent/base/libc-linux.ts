/**
 * The few C library calls that Node has no name for, through koffi. Loaded when first asked for.
 *
 * Not a wrapper with opinions: numbers in, numbers out, `errno` beside. Constants are those of the generic Linux ABI
 * (x86-64, arm64, riscv64, loong64 share them).
 */
import { ShoukouError } from '@shoukou/protocol'

export const ERRNO = {
  EINTR: 4,
  EAGAIN: 11,
  EACCES: 13,
  ENODEV: 19,
  ENOTDIR: 20,
  EMFILE: 24,
  ENOSPC: 28,
  ENOLINK: 67,
  ENOENT: 2,
  EPERM: 1,
  E2BIG: 7,
  ENOMEM: 12,
  EEXIST: 17,
  EINVAL: 22,
  EOPNOTSUPP: 95,
  ENOBUFS: 105,
  ECANCELED: 125,
} as const

/** Result of a call: `value` as C returned it, `errno` valid only where `value` is negative. */
export interface CallResult {
  readonly value: number
  readonly errno: number
}

/** `bytes` is null where the call failed. */
export type MappedMemory =
  | { readonly bytes: ArrayBuffer; readonly unmap: () => void }
  | { readonly bytes: null; readonly errno: number }

export interface Libc {
  socket(domain: number, type: number, protocol: number): CallResult
  bind(fd: number, address: Buffer): CallResult
  setsockopt(fd: number, level: number, option: number, value: Buffer): CallResult
  getsockopt(fd: number, level: number, option: number, value: Buffer): CallResult
  getsockname(fd: number, address: Buffer): CallResult
  /** `address` receives the sender (12 bytes for netlink). */
  recvfrom(fd: number, into: Buffer, flags: number, address: Buffer): CallResult
  send(fd: number, bytes: Buffer, flags: number): CallResult
  read(fd: number, into: Buffer): CallResult
  write(fd: number, bytes: Buffer): CallResult
  close(fd: number): CallResult
  eventfd(initial: number, flags: number): CallResult
  inotifyInit(flags: number): CallResult
  /** `path` must end in a zero byte. */
  inotifyAddWatch(fd: number, path: Buffer, mask: number): CallResult
  inotifyRemoveWatch(fd: number, watch: number): CallResult
  timerfdCreate(clock: number, flags: number): CallResult
  timerfdSettime(fd: number, flags: number, value: Buffer): CallResult
  clockGettime(clock: number, into: Buffer): CallResult
  /** `argument` is what the request's pointer points to; the kernel may write into it. */
  ioctl(fd: number, request: number, argument: Buffer): CallResult
  /** The same on a thread of the pool, for requests that wait for a device; `argument` is held until then. */
  ioctlAsync(fd: number, request: number, argument: Buffer): Promise<CallResult>
  /** Where a buffer's bytes stand: for a pointer inside a structure. Whoever writes it there must hold the buffer. */
  addressOf(bytes: Buffer): bigint
  /**
   * Maps `length` bytes of a descriptor, shared with the kernel. The memory is valid until `unmap`, and must not be
   * touched after it.
   */
  mapMemory(fd: number, length: number, offset: number, isWritable: boolean): MappedMemory
  /** A system call that the C library has no name for: a number, a structure, a number. */
  syscall(number: number, first: number, structure: Buffer, third: number): CallResult
  mount(source: string, target: string, fileSystem: string, flags: number): CallResult
  /** `limit` is a `struct rlimit`: two 64-bit numbers. */
  setrlimit(resource: number, limit: Buffer): CallResult
  /** Writes everything that waits to all file systems; takes as long as the disks take, on a thread of the pool. */
  sync(): Promise<void>
  /** Blocks one pool thread until a descriptor is ready; `fds` is an array of `struct pollfd`, held until then. */
  poll(fds: Buffer, count: number, timeoutMs: number): Promise<number>
}

const PROT_READ = 1
const readWrite = 3
const MAP_SHARED = 1

let loaded: Promise<Libc> | undefined

/** Loads the library once. @throws ShoukouError `internal-error` where koffi has no build for this computer. */
export function loadLibc(): Promise<Libc> {
  loaded ??= bindLibc()
  return loaded
}

async function bindLibc(): Promise<Libc> {
  try {
    const { default: koffi } = await import('koffi')
    // null is the running program: glibc and musl alike, without naming a file.
    const library = koffi.load(null)
    const call = (signature: string) => {
      const raw = library.func(signature)
      return (...values: unknown[]): CallResult => {
        const value = Number(raw(...values))
        return { value, errno: value < 0 ? koffi.errno() : 0 }
      }
    }
    const socket = call('int socket(int domain, int type, int protocol)')
    const bind = call('int bind(int fd, void *address, uint32_t length)')
    const setsockopt = call('int setsockopt(int fd, int level, int option, void *value, uint32_t length)')
    const getsockopt = call('int getsockopt(int fd, int level, int option, void *value, void *length)')
    const getsockname = call('int getsockname(int fd, void *address, void *length)')
    const recvfrom = call(
      'long recvfrom(int fd, void *into, size_t size, int flags, void *address, void *length)',
    )
    const send = call('long send(int fd, void *bytes, size_t size, int flags)')
    const read = call('long read(int fd, void *into, size_t size)')
    const write = call('long write(int fd, void *bytes, size_t size)')
    const close = call('int close(int fd)')
    const eventfd = call('int eventfd(uint32_t initial, int flags)')
    const inotifyInit = call('int inotify_init1(int flags)')
    const inotifyAdd = call('int inotify_add_watch(int fd, void *path, uint32_t mask)')
    const inotifyRemove = call('int inotify_rm_watch(int fd, int watch)')
    const timerfdCreate = call('int timerfd_create(int clock, int flags)')
    const timerfdSettime = call('int timerfd_settime(int fd, int flags, void *value, void *old)')
    const clockGettime = call('int clock_gettime(int clock, void *into)')
    const ioctl = library.func('int ioctl(int fd, unsigned long request, void *argument)')
    const syscall = call('long syscall(long number, long first, void *structure, unsigned long third)')
    const mount = call(
      'int mount(const char *source, const char *target, const char *type, unsigned long flags, void *data)',
    )
    const mmap = library.func(
      'void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)',
    )
    const munmap = call('int munmap(void *address, size_t length)')
    const setrlimit = call('int setrlimit(int resource, void *limit)')
    const sync = library.func('void sync(void)')
    const poll = library.func('int poll(void *fds, unsigned long count, int timeout)')
    const lengthCell = Buffer.alloc(4)
    const lengthOf = (buffer: Buffer): Buffer => {
      lengthCell.writeUInt32LE(buffer.length)
      return lengthCell
    }
    return {
      socket,
      bind: (fd, address) => bind(fd, address, address.length),
      setsockopt: (fd, level, option, value) => setsockopt(fd, level, option, value, value.length),
      getsockopt: (fd, level, option, value) => getsockopt(fd, level, option, value, lengthOf(value)),
      getsockname: (fd, address) => getsockname(fd, address, lengthOf(address)),
      recvfrom: (fd, into, flags, address) =>
        recvfrom(fd, into, into.length, flags, address, lengthOf(address)),
      send: (fd, bytes, flags) => send(fd, bytes, bytes.length, flags),
      read: (fd, into) => read(fd, into, into.length),
      write: (fd, bytes) => write(fd, bytes, bytes.length),
      close,
      eventfd,
      inotifyInit,
      inotifyAddWatch: inotifyAdd,
      inotifyRemoveWatch: inotifyRemove,
      timerfdCreate,
      timerfdSettime: (fd, flags, value) => timerfdSettime(fd, flags, value, null),
      clockGettime,
      ioctl: (fd, request, argument) => {
        const value = Number(ioctl(fd, request, argument))
        return { value, errno: value < 0 ? koffi.errno() : 0 }
      },
      ioctlAsync: (fd, request, argument) =>
        new Promise((resolve, reject) => {
          ioctl.async(fd, request, argument, (error: unknown, result: unknown) => {
            const value = Number(result)
            // koffi carries the thread's errno into this callback, and no further.
            const errno = value < 0 ? koffi.errno() : 0
            if (error === null || error === undefined) resolve({ value, errno })
            else reject(error instanceof Error ? error : new Error('ioctl could not be called'))
          })
        }),
      addressOf: (bytes) => BigInt(koffi.address(bytes)),
      mapMemory: (fd, length, offset, isWritable) => {
        const address: unknown = mmap(
          null,
          length,
          isWritable ? readWrite : PROT_READ,
          MAP_SHARED,
          fd,
          offset,
        )
        if (address === null || BigInt.asIntN(64, BigInt(koffi.address(address))) === -1n)
          return { bytes: null, errno: koffi.errno() }
        return { bytes: koffi.view(address, length), unmap: () => void munmap(address, length) }
      },
      syscall,
      mount: (source, target, fileSystem, flags) => mount(source, target, fileSystem, flags, null),
      setrlimit,
      sync: () =>
        new Promise((resolve, reject) => {
          sync.async((error: unknown) => {
            if (error === null || error === undefined) resolve()
            else reject(error instanceof Error ? error : new Error('sync could not be called'))
          })
        }),
      poll: (fds, count, timeoutMs) =>
        new Promise((resolve, reject) => {
          poll.async(fds, count, timeoutMs, (error: unknown, value: unknown) => {
            if (error === null || error === undefined) resolve(Number(value))
            else reject(error instanceof Error ? error : new Error('poll could not be called'))
          })
        }),
    }
  } catch (cause) {
    throw new ShoukouError('internal-error', 'The C library could not be called: koffi did not load.', {
      cause,
    })
  }
}

/** Returns a failed call as an error that names the call and its errno. */
export function callError(call: string, result: CallResult): ShoukouError {
  return new ShoukouError('internal-error', `${call} failed with errno ${result.errno}.`, {
    context: { call, errno: result.errno },
  })
}
