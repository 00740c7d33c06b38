/**
 * Uploads in parts: a bundle that takes longer to send than one request may last. Each part is checked by its hash and goes to
 * the file at once; whoever began an upload goes on with it after a broken connection, and nobody else can.
 *
 * Bounded in number, bytes and time: what nobody goes on with is removed. After the last part the file is taken while the
 * sender asks how far that is.
 */
import { createHash, type Hash, randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BUNDLE_LIMITS, bundleError, ShoukouError } from '@shoukou/protocol'
import type { SlipRow } from '../../store/bundles-ports.ts'
import { isFull, type ReceivedFile } from './receive-file.ts'

export const UPLOAD_LIMITS = {
  /** 30 s are enough for it at 0.6 Mbit/s. */
  partBytesMax: 2_097_152,
  /** Unfinished ones at a time, of all accounts and of one: each may take a gigabyte of disk. */
  openMax: 4,
  openOfAccountMax: 2,
  /** Ended ones whose outcome is kept for whoever asks. */
  endedMax: 64,
  /** ms after which an upload that nobody goes on with is removed, and the outcome of one that ended is forgotten. */
  idleMsMax: 600_000,
  /** ms from the first byte to the last one. */
  wholeMsMax: 6 * 3_600_000,
  sweepMs: 30_000,
} as const

export interface UploadState {
  readonly upload: string
  /** `taking`: all parts are here, and the bundle is proven and taken. */
  readonly state: 'receiving' | 'taking' | 'done' | 'failed'
  readonly received: number
  readonly bytes: number
  /** Of `done`. */
  readonly slips: readonly SlipRow[]
  /** Of `failed`: the code of the console's own trouble; the upload is over. */
  readonly failure: string | null
}

export interface UploadPart {
  /** Where it belongs in the file. */
  readonly at: number
  readonly bytes: Uint8Array
  /** SHA-256, hex, as the sender computed it. */
  readonly hash: string
}

/** What became of an upload that was taken, for the log. */
export type UploadOutcome =
  | { readonly kind: 'done'; readonly slips: readonly SlipRow[] }
  | { readonly kind: 'failed'; readonly code: string }

export interface Uploads {
  /** @throws ShoukouError `bundle-refused` (`too-large`), `rate-limited` where too many are under way. */
  begin(bytes: number, account: string): Promise<UploadState>
  /** @throws ShoukouError `not-found` also for somebody else's. */
  state(upload: string, account: string): UploadState
  /**
   * Takes one part. One that is here already changes nothing.
   *
   * @throws ShoukouError `not-found`, `edit-conflict` where it is not the next one (ask how far it is), `invalid-request` where its
   * hash is another or it is beyond the end, `rate-limited` where one is under way, `store-unavailable`.
   */
  part(upload: string, part: UploadPart, account: string): Promise<UploadState>
  /** Begins to take it; `ended` is called once. @throws ShoukouError `not-found`, `edit-conflict` where parts are missing. */
  finish(upload: string, account: string, ended: (outcome: UploadOutcome) => Promise<void>): UploadState
  abandon(upload: string, account: string): Promise<void>
  close(): Promise<void>
}

export interface UploadsOptions {
  /** A folder of their own: what lies there is removed. */
  readonly folder: string
  /** Unix ms. */
  readonly now: () => number
  /** Takes a received file; whoever calls removes it. */
  readonly take: (file: ReceivedFile, account: string) => Promise<readonly SlipRow[]>
}

const namePattern = /^[0-9a-f]{32}\.incoming$/

interface Upload {
  readonly id: string
  readonly account: string
  readonly path: string
  readonly file: FileHandle
  readonly hash: Hash
  readonly bytes: number
  readonly begunAt: number
  state: UploadState['state']
  received: number
  touchedAt: number
  isBusy: boolean
  slips: readonly SlipRow[]
  failure: string | null
}

/** Opens them: clears what an earlier run left. */
export async function openUploads(options: UploadsOptions): Promise<Uploads> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  for (const name of await readdir(options.folder))
    if (namePattern.test(name)) await rm(join(options.folder, name), { force: true })
  return new UploadDesk(options)
}

class UploadDesk implements Uploads {
  readonly #options: UploadsOptions
  readonly #uploads = new Map<string, Upload>()
  readonly #timer: NodeJS.Timeout
  readonly #taking = new Set<Promise<void>>()
  /** Whose files are being opened: those under way that stand in no list yet. */
  readonly #opening: string[] = []

  constructor(options: UploadsOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#sweep(), UPLOAD_LIMITS.sweepMs).unref()
  }

  async begin(bytes: number, account: string): Promise<UploadState> {
    if (bytes > BUNDLE_LIMITS.bundleBytesMax)
      throw bundleError('too-large', `A bundle has at most ${BUNDLE_LIMITS.bundleBytesMax} bytes.`)
    await this.#sweep()
    const underWay = [...this.#uploads.values()].filter(isOpen)
    const whose = [...underWay.map((one) => one.account), ...this.#opening]
    if (
      whose.length >= UPLOAD_LIMITS.openMax ||
      whose.filter((one) => one === account).length >= UPLOAD_LIMITS.openOfAccountMax
    )
      throw new ShoukouError('rate-limited', 'Other bundles are being received; try again in a moment.')
    this.#opening.push(account)
    try {
      return await this.#open(bytes, account)
    } finally {
      this.#opening.splice(this.#opening.indexOf(account), 1)
    }
  }

  state(upload: string, account: string): UploadState {
    return viewOf(this.#of(upload, account))
  }

  async part(upload: string, part: UploadPart, account: string): Promise<UploadState> {
    const one = this.#of(upload, account)
    const { at, bytes, hash } = part
    if (bytes.length === 0) throw new ShoukouError('invalid-request', 'The part is empty.')
    if (one.isBusy) throw new ShoukouError('rate-limited', 'A part of this upload is being written.')
    if (one.state !== 'receiving' || at + bytes.length <= one.received) return viewOf(one)
    if (at !== one.received) {
      throw new ShoukouError('edit-conflict', `The next part begins at byte ${one.received}.`, {
        context: { received: one.received },
      })
    }
    if (bytes.length > UPLOAD_LIMITS.partBytesMax || at + bytes.length > one.bytes)
      throw new ShoukouError('invalid-request', 'The part is too long, or goes beyond the end.')
    if (createHash('sha256').update(bytes).digest('hex') !== hash)
      throw new ShoukouError('invalid-request', 'The part was changed on its way; send it once more.')
    one.isBusy = true
    try {
      await writeAll(one.file, bytes, at)
    } catch (error) {
      // What was written of it is not known: the whole upload is begun anew.
      await this.#remove(one)
      if (!isFull(error)) throw error
      const words = 'The console’s disk has no room for this file.'
      throw new ShoukouError('store-unavailable', words, { cause: error })
    } finally {
      one.isBusy = false
    }
    one.hash.update(bytes)
    one.received += bytes.length
    one.touchedAt = this.#options.now()
    return viewOf(one)
  }

  finish(upload: string, account: string, ended: (outcome: UploadOutcome) => Promise<void>): UploadState {
    const one = this.#of(upload, account)
    // Asked twice, because the first answer was lost: it is under way, or over.
    if (one.state !== 'receiving') return viewOf(one)
    if (one.isBusy || one.received !== one.bytes)
      throw new ShoukouError('edit-conflict', `The next part begins at byte ${one.received}.`)
    one.state = 'taking'
    const taking = this.#take(one, ended).finally(() => this.#taking.delete(taking))
    this.#taking.add(taking)
    return viewOf(one)
  }

  async abandon(upload: string, account: string): Promise<void> {
    const one = this.#of(upload, account)
    if (one.isBusy || one.state === 'taking')
      throw new ShoukouError('edit-conflict', 'It is being taken, and can’t be left now.')
    await this.#remove(one)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#taking)
    await Promise.all([...this.#uploads.values()].map((one) => this.#remove(one)))
  }

  async #open(bytes: number, account: string): Promise<UploadState> {
    const { folder, now } = this.#options
    const id = randomBytes(16).toString('hex')
    const path = join(folder, `${id}.incoming`)
    const one: Upload = {
      ...{ id, account, path, bytes },
      file: await open(path, 'wx', 0o600),
      hash: createHash('sha256'),
      begunAt: now(),
      state: 'receiving',
      received: 0,
      touchedAt: now(),
      isBusy: false,
      slips: [],
      failure: null,
    }
    this.#uploads.set(id, one)
    return viewOf(one)
  }

  async #take(one: Upload, ended: (outcome: UploadOutcome) => Promise<void>): Promise<void> {
    const { take, now } = this.#options
    let outcome: UploadOutcome
    try {
      await one.file.close()
      const { path, bytes } = one
      const slips = await take({ path, bytes, hash: one.hash.digest('hex') }, one.account)
      outcome = { kind: 'done', slips }
    } catch (error) {
      outcome = { kind: 'failed', code: codeOf(error) }
    }
    // One that can't be removed is removed at the next start; what became of the bundle is told all the same.
    await rm(one.path, { force: true }).catch(() => undefined)
    // The log knows it before the sender does.
    await ended(outcome).catch((error: unknown) => {
      outcome = { kind: 'failed', code: codeOf(error) }
    })
    if (outcome.kind === 'done') one.slips = outcome.slips
    else one.failure = outcome.code
    one.state = outcome.kind
    one.touchedAt = now()
  }

  /** Somebody else's is not there. */
  #of(upload: string, account: string): Upload {
    const one = this.#uploads.get(upload)
    if (one !== undefined && one.account === account) return one
    throw new ShoukouError('not-found', 'This upload is over, or was left for too long; begin anew.')
  }

  async #sweep(): Promise<void> {
    const at = this.#options.now()
    const ended = [...this.#uploads.values()].filter((one) => !isOpen(one))
    const tooMany = new Set(ended.slice(0, Math.max(0, ended.length - UPLOAD_LIMITS.endedMax)))
    for (const one of [...this.#uploads.values()]) {
      if (one.isBusy || one.state === 'taking') continue
      const isLeft = Math.abs(at - one.touchedAt) > UPLOAD_LIMITS.idleMsMax
      const isEndless = one.state === 'receiving' && at - one.begunAt > UPLOAD_LIMITS.wholeMsMax
      if (isLeft || isEndless || tooMany.has(one)) await this.#remove(one)
    }
  }

  async #remove(one: Upload): Promise<void> {
    this.#uploads.delete(one.id)
    if (one.state === 'receiving') await one.file.close()
    await rm(one.path, { force: true })
  }
}

function codeOf(error: unknown): string {
  return error instanceof ShoukouError ? error.code : 'internal-error'
}

function isOpen({ state }: Upload): boolean {
  return state === 'receiving' || state === 'taking'
}

function viewOf({ id, state, received, bytes, slips, failure }: Upload): UploadState {
  return { upload: id, state, received, bytes, slips, failure }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done)
    done += bytesWritten
  }
}
