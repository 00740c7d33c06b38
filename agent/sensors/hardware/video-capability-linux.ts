/**
 * Asks video nodes what they can do (VIDIOC_QUERYCAP): one camera has several nodes, and a codec has some as well.
 *
 * Each node is asked once in its life: opening it may wake the device, and a device that was made for it may take as long
 * as it likes over waking. So it is asked on a thread of the pool, and waited for only so long. Kernel:
 * include/uapi/linux/videodev2.h.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { loadLibc } from '../../base/libc-linux.ts'
import { capturesVideo } from './video-capability.ts'

/** _IOR('V', 0, struct v4l2_capability) */
const VIDIOC_QUERYCAP = 0x80685600
const capabilityBytes = 104
const answersMax = 1_024
const waitMsMax = 200
/** Nodes that are being asked at one time: threads of the pool are few, and others need them. */
const askedMax = 1

export class VideoCapabilities {
  readonly #dev: string
  readonly #answers = new Map<string, boolean>()
  readonly #asked = new Set<string>()

  constructor(dev: string) {
    this.#dev = dev
  }

  /** `number` is the node's `major:minor`. Null where it can't be opened, does not answer, or has not yet. */
  async mayCapture(name: string, number: string | null): Promise<boolean | null> {
    const key = `${name} ${number ?? ''}`
    const known = this.#answers.get(key)
    if (known !== undefined) return known
    if (this.#asked.size >= askedMax) return null
    const timer = new AbortController()
    const late = delay(waitMsMax, null, { signal: timer.signal }).catch(() => null)
    try {
      return await Promise.race([this.#ask(key, `${this.#dev}/${name}`), late])
    } finally {
      timer.abort()
    }
  }

  /** Forgets nodes that are not there any more: another may take their names. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const key of [...this.#answers.keys()]) {
      if (!names.has(key.split(' ', 1)[0] ?? '')) this.#answers.delete(key)
    }
  }

  /** What comes after the wait is kept for the next look. */
  async #ask(key: string, path: string): Promise<boolean | null> {
    this.#asked.add(key)
    try {
      const answer = await askNode(path)
      if (answer !== null && this.#answers.size < answersMax) this.#answers.set(key, answer)
      return answer
    } finally {
      this.#asked.delete(key)
    }
  }
}

async function askNode(path: string): Promise<boolean | null> {
  try {
    const node = await open(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const libc = await loadLibc()
      const capability = Buffer.alloc(capabilityBytes)
      const result = await libc.ioctlAsync(node.fd, VIDIOC_QUERYCAP, capability)
      return result.value < 0 ? null : capturesVideo(capability)
    } finally {
      await node.close()
    }
  } catch {
    // No node yet, refused, or no library for this processor: the node's name has to do, and it is asked again.
    return null
  }
}
