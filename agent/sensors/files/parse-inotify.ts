/** inotify's bytes to events (inotify(7)). Pure. Names stay bytes. */
export interface InotifyEvent {
  /** -1: the kernel's queue was full and events were lost. */
  readonly watch: number
  readonly mask: number
  /** Joins the two halves of a rename; 0 where there is none. */
  readonly cookie: number
  /** Without the padding; empty where the event is about the folder itself. */
  readonly name: Buffer
}

export const IN_MODIFY = 0x0000_0002
export const IN_ATTRIB = 0x0000_0004
export const IN_CLOSE_WRITE = 0x0000_0008
export const IN_MOVED_FROM = 0x0000_0040
export const IN_MOVED_TO = 0x0000_0080
export const IN_CREATE = 0x0000_0100
export const IN_DELETE = 0x0000_0200
export const IN_DELETE_SELF = 0x0000_0400
export const IN_UNMOUNT = 0x0000_2000
export const IN_Q_OVERFLOW = 0x0000_4000
export const IN_IGNORED = 0x0000_8000
export const IN_ONLYDIR = 0x0100_0000
export const IN_DONT_FOLLOW = 0x0200_0000
export const IN_ISDIR = 0x4000_0000

const headerBytes = 16

/** Reads one buffer of events; what is cut off at its end is left out and counted. */
export function parseInotify(bytes: Uint8Array): {
  readonly events: readonly InotifyEvent[]
  readonly faults: number
} {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const events: InotifyEvent[] = []
  let at = 0
  while (at + headerBytes <= view.length) {
    const length = view.readUInt32LE(at + 12)
    const end = at + headerBytes + length
    if (end > view.length) break
    const padded = view.subarray(at + headerBytes, end)
    const zero = padded.indexOf(0)
    events.push({
      watch: view.readInt32LE(at),
      mask: view.readUInt32LE(at + 4),
      cookie: view.readUInt32LE(at + 8),
      name: Buffer.from(zero < 0 ? padded : padded.subarray(0, zero)),
    })
    at = end
  }
  return { events, faults: at === view.length ? 0 : 1 }
}
