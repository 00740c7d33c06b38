/**
 * Receives an uploaded file into the console's own folder, under a name that is made here: nothing of what was sent becomes
 * part of a path. Memory holds one piece; size and number are bounded.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BUNDLE_LIMITS, bundleError, ShoukouError } from '@shoukou/protocol'

export interface ReceivedFile {
  readonly path: string
  /** SHA-256, hex. */
  readonly hash: string
  readonly bytes: number
}

/** Uploads at one time: each may take a gigabyte of disk. */
const receivingMax = 4

export class FileReceiver {
  readonly #folder: string
  #receiving = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Makes the folder, and clears what an earlier run left half received. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    for (const name of await readdir(this.#folder)) {
      if (incomingPattern.test(name)) await rm(join(this.#folder, name), { force: true })
    }
  }

  /**
   * Receives one file; whoever asked removes it.
   *
   * @throws ShoukouError `limit-exceeded` where too many are received now, `bundle-refused` (`too-large`), `store-unavailable`
   * where the disk is full; whatever the stream throws. Then nothing is left.
   */
  async receive(from: AsyncIterable<Uint8Array>): Promise<ReceivedFile> {
    if (this.#receiving >= receivingMax)
      throw new ShoukouError('rate-limited', 'Other bundles are being received; try again in a moment.')
    this.#receiving += 1
    const path = join(this.#folder, `${randomBytes(16).toString('hex')}.incoming`)
    try {
      return await write(path, from)
    } catch (error) {
      await rm(path, { force: true })
      throw isFull(error)
        ? new ShoukouError('store-unavailable', 'The console’s disk has no room for this file.', {
            cause: error,
          })
        : error
    } finally {
      this.#receiving -= 1
    }
  }
}

const incomingPattern = /^[0-9a-f]{32}\.incoming$/

async function write(path: string, from: AsyncIterable<Uint8Array>): Promise<ReceivedFile> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const piece of from) {
      bytes += piece.length
      if (bytes > BUNDLE_LIMITS.bundleBytesMax)
        throw bundleError('too-large', `A bundle has at most ${BUNDLE_LIMITS.bundleBytesMax} bytes.`)
      hash.update(piece)
      await file.writeFile(piece)
    }
  } finally {
    await file.close()
  }
  return { path, hash: hash.digest('hex'), bytes }
}

/** Reports whether an error says that there is no more room. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
