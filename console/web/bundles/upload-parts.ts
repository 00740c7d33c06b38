/**
 * Sends a bundle in parts that are each checked, and goes on where a broken connection left off. Then asks until the console
 * has taken it.
 */
import type { PART_HASH_HEADER as PartHashHeader, Taken, Upload } from '../../api/contract-bundles.ts'
import { ApiError, request } from '../server/request.ts'
import { sendBytes } from './upload-file.ts'

const partHashHeader: typeof PartHashHeader = 'x-part-sha256'
/** Broken connections in a row that are borne; a wait of up to half a minute each. */
const triesMax = 8
const waitMsMax = 30_000
const askMs = 500

/** Null: all parts are there. */
export type Progress = { readonly sent: number; readonly all: number } | null

/** Resolves to the slips. @throws ApiError; the half-sent upload is left to the console then, which removes it. */
export async function uploadInParts(file: Blob, onProgress: (progress: Progress) => void): Promise<Taken> {
  let upload = await again(() => request<Upload>('POST', '/api/bundles/uploads', { bytes: file.size }))
  const path = `/api/bundles/uploads/${upload.upload}`
  const state = () => request<Upload>('GET', path)
  while (upload.state === 'receiving' && upload.received < upload.bytes) {
    onProgress({ sent: upload.received, all: upload.bytes })
    const { received, partBytesMax } = upload
    const part = await file.slice(received, received + partBytesMax).arrayBuffer()
    const headers = { [partHashHeader]: await hashOf(part) }
    upload = await again(
      () => sendBytes<Upload>('PUT', `${path}/parts/${received}`, part, headers),
      // What arrived of it, the console knows.
      state,
    )
  }
  onProgress(null)
  upload = await again(() => request<Upload>('POST', `${path}/finish`), state)
  while (upload.state === 'taking') {
    await waited(askMs)
    upload = await again(state)
  }
  if (upload.state === 'done') return { slips: upload.slips }
  throw new ApiError(upload.failure ?? 'internal-error', 0, 'the upload failed', false)
}

/** Tries, and after a wait asks `instead` where that is given: an answer may be lost although the act was done. */
async function again(
  act: () => Promise<Upload>,
  instead: () => Promise<Upload> = act,
  tries = 0,
): Promise<Upload> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof ApiError) || !error.retryable || tries >= triesMax) throw error
    await waited(Math.min(waitMsMax, 500 * 2 ** tries))
    return again(instead, instead, tries + 1)
  }
}

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function waited(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
