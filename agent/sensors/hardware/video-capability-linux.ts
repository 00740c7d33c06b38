/**
 * Asks video nodes what they can do (VIDIOC_QUERYCAP): one camera has several nodes, and a codec has some as well.
 *
 * Each node is asked once in its life: opening it may wake the device. Kernel: include/uapi/linux/videodev2.h.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { loadLibc } from '../../base/libc-linux.ts'
import { capturesVideo } from './video-capability.ts'

/** _IOR('V', 0, struct v4l2_capability) */
const VIDIOC_QUERYCAP = 0x80685600
const capabilityBytes = 104
const answersMax = 1_024

export class VideoCapabilities {
  readonly #dev: string
  readonly #answers = new Map<string, boolean | null>()

  constructor(dev: string) {
    this.#dev = dev
  }

  /** `number` is the node's `major:minor`. Null where it can't be opened or does not answer. */
  async mayCapture(name: string, number: string | null): Promise<boolean | null> {
    const key = `${name} ${number ?? ''}`
    const known = this.#answers.get(key)
    if (known !== undefined && known !== null) return known
    const answer = await ask(`${this.#dev}/${name}`)
    if (this.#answers.size >= answersMax) this.#answers.clear()
    this.#answers.set(key, answer)
    return answer
  }

  /** Forgets nodes that are not there any more: another may take their names. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const key of [...this.#answers.keys()]) {
      if (!names.has(key.split(' ', 1)[0] ?? '')) this.#answers.delete(key)
    }
  }
}

async function ask(path: string): Promise<boolean | null> {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch {
    // No node yet, in use by one that shares it with nobody, or refused: asked again at the next look.
    return null
  }
  try {
    const libc = await loadLibc()
    const capability = Buffer.alloc(capabilityBytes)
    if (libc.ioctl(fd, VIDIOC_QUERYCAP, capability).value < 0) return null
    return capturesVideo(capability)
  } catch {
    // No library for this processor: the node's name has to do.
    return null
  } finally {
    closeSync(fd)
  }
}
