import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUNDLE_LIMITS, ShoukouError } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReceivedFile } from './receive-file.ts'
import { openUploads, UPLOAD_LIMITS, type UploadOutcome, type Uploads } from './uploads.ts'

let folder: string
let uploads: Uploads
let clock: { now: number }
let taken: { file: ReceivedFile; bytes: Buffer; account: string }[]
let fault: Error | null
const outcomes: UploadOutcome[] = []
const ended = async (outcome: UploadOutcome) => void outcomes.push(outcome)

const opened = () =>
  openUploads({
    folder,
    now: () => clock.now,
    take: async (file, account) => {
      if (fault !== null) throw fault
      taken.push({ file, bytes: await readFile(file.path), account })
      return []
    },
  })
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-uploads-'))
  clock = { now: 1_000 }
  taken = []
  fault = null
  outcomes.length = 0
  uploads = await opened()
})
afterEach(async () => {
  await uploads.close()
  expect(await readdir(folder)).toEqual([])
  await rm(folder, { recursive: true })
})

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const part = (at: number, bytes: Uint8Array) => ({ at, bytes, hash: hashOf(bytes) })
const left = () => readdir(folder)
const stateOf = (upload: string) => () => uploads.state(upload, 'zhou').state

describe('an upload in parts', () => {
  it('puts the file together, also where a part comes twice and the last answer was lost', async () => {
    const whole = randomBytes(UPLOAD_LIMITS.partBytesMax + 100)
    const { upload } = await uploads.begin(whole.length, 'zhou')
    const first = part(0, whole.subarray(0, UPLOAD_LIMITS.partBytesMax))
    await uploads.part(upload, first, 'zhou')
    expect(await uploads.part(upload, first, 'zhou')).toMatchObject({ received: first.bytes.length })
    const rest = part(first.bytes.length, whole.subarray(first.bytes.length))
    expect(await uploads.part(upload, rest, 'zhou')).toMatchObject({ received: whole.length })
    uploads.finish(upload, 'zhou', ended)
    uploads.finish(upload, 'zhou', ended)
    await expect.poll(stateOf(upload)).toBe('done')
    expect(taken).toHaveLength(1)
    expect(taken[0]).toMatchObject({ account: 'zhou', file: { bytes: whole.length, hash: hashOf(whole) } })
    expect(taken[0]?.bytes.equals(whole)).toBe(true)
    expect(outcomes).toEqual([{ kind: 'done', slips: [] }])
    expect(await left()).toEqual([])
  })

  it('takes no part that was changed, is not the next one, is too long or beyond the end', async () => {
    const { upload } = await uploads.begin(10, 'zhou')
    const send = (one: ReturnType<typeof part>) => uploads.part(upload, one, 'zhou')
    await expect(send({ ...part(0, Buffer.from('abc')), hash: hashOf(Buffer.from('abd')) })).rejects.toThrow(
      'changed',
    )
    await expect(send(part(3, Buffer.from('abc')))).rejects.toMatchObject({ code: 'edit-conflict' })
    await expect(send(part(0, Buffer.alloc(11)))).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(send(part(0, Buffer.alloc(0)))).rejects.toBeInstanceOf(ShoukouError)
    await send(part(0, Buffer.from('abc')))
    expect(() => uploads.finish(upload, 'zhou', ended)).toThrow('byte 3')
    expect(uploads.state(upload, 'zhou')).toMatchObject({ state: 'receiving', received: 3 })
  })

  it('is there for nobody but the account that began it', async () => {
    const { upload } = await uploads.begin(3, 'zhou')
    const refused = expect.objectContaining({ code: 'not-found' }) as Error
    expect(() => uploads.state(upload, 'li')).toThrow(refused)
    expect(() => uploads.finish(upload, 'li', ended)).toThrow(refused)
    await expect(uploads.part(upload, part(0, Buffer.from('abc')), 'li')).rejects.toThrow(refused)
    await expect(uploads.abandon(upload, 'li')).rejects.toThrow(refused)
  })

  it('is one of a few, and none that is larger than a bundle may be', async () => {
    await uploads.begin(BUNDLE_LIMITS.bundleBytesMax, 'zhou')
    await expect(uploads.begin(BUNDLE_LIMITS.bundleBytesMax + 1, 'li')).rejects.toMatchObject({
      context: { fault: 'too-large' },
    })
    await uploads.begin(1, 'zhou')
    await expect(uploads.begin(1, 'zhou')).rejects.toMatchObject({ code: 'rate-limited' })
    const { upload } = await uploads.begin(1, 'li')
    await uploads.begin(1, 'sun')
    await expect(uploads.begin(1, 'qian')).rejects.toMatchObject({ code: 'rate-limited' })
    await uploads.abandon(upload, 'li')
    expect((await uploads.begin(1, 'qian')).received).toBe(0)
  })

  it('is one of two of an account, also where several begin at the same moment', async () => {
    const begun = await Promise.allSettled([1, 2, 3, 4].map((bytes) => uploads.begin(bytes, 'zhou')))
    expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(UPLOAD_LIMITS.openOfAccountMax)
    expect((await uploads.begin(1, 'li')).received).toBe(0)
  })

  it('that is left is removed, and so is what an earlier run left', async () => {
    const { upload } = await uploads.begin(3, 'zhou')
    await uploads.part(upload, part(0, Buffer.from('ab')), 'zhou')
    clock.now += UPLOAD_LIMITS.idleMsMax + 1
    await uploads.begin(1, 'li')
    expect(() => uploads.state(upload, 'zhou')).toThrow('begin anew')
    expect(await left()).toHaveLength(1)
    await uploads.close()
    await writeFile(join(folder, `${'a'.repeat(32)}.incoming`), 'half')
    uploads = await opened()
    expect(await left()).toEqual([])
  })

  it('that drips for hours is removed at last', async () => {
    const { upload } = await uploads.begin(1_000, 'zhou')
    for (let at = 0; clock.now < UPLOAD_LIMITS.wholeMsMax; at += 1) {
      await uploads.part(upload, part(at, Buffer.from('x')), 'zhou')
      clock.now += UPLOAD_LIMITS.idleMsMax
    }
    clock.now += 2_000
    await uploads.begin(1, 'li')
    expect(() => uploads.state(upload, 'zhou')).toThrow(ShoukouError)
  })

  it('says so where the console can’t take it, and is over', async () => {
    fault = new ShoukouError('store-unavailable')
    const { upload } = await uploads.begin(3, 'zhou')
    await uploads.part(upload, part(0, Buffer.from('abc')), 'zhou')
    uploads.finish(upload, 'zhou', ended)
    await expect.poll(stateOf(upload)).toBe('failed')
    expect(uploads.state(upload, 'zhou').failure).toBe('store-unavailable')
    expect(outcomes).toEqual([{ kind: 'failed', code: 'store-unavailable' }])
  })
})
