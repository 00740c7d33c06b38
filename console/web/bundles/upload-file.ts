/** Bytes to the console, and files from it. */
import type { CSRF_HEADER as CsrfHeader, ErrorAnswer } from '../../api/contract.ts'
import { ApiError } from '../server/request.ts'

const csrfHeader: typeof CsrfHeader = 'x-shoukou-request'

/** A part at the slowest that the console waits for. */
const partMsMax = 60_000

/** Sends bytes as they are; returns the answer's body. @throws ApiError */
export async function sendBytes<Answer>(
  method: 'POST' | 'PUT',
  path: string,
  bytes: ArrayBuffer,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const response = await fetch(path, {
    method,
    headers: {
      accept: 'application/json',
      'content-type': 'application/octet-stream',
      [csrfHeader]: '1',
      ...headers,
    },
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.timeout(partMsMax),
    body: bytes,
  }).catch((cause: unknown) => {
    throw new ApiError('unreachable', 0, String(cause), true)
  })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw errorOf(response.status, body as ErrorAnswer | null)
  return body as Answer
}

/** Asks for a file and hands it to the browser to be saved under the name that the console gave. @throws ApiError */
export async function downloadFile(path: string): Promise<void> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { [csrfHeader]: '1' },
    credentials: 'same-origin',
    cache: 'no-store',
  }).catch((cause: unknown) => {
    throw new ApiError('unreachable', 0, String(cause), true)
  })
  if (!response.ok) {
    const body = (await response.json().catch(() => null)) as ErrorAnswer | null
    throw errorOf(response.status, body)
  }
  const name = /filename="([A-Za-z0-9._-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  saveBlob(await response.blob(), name ?? 'shoukou-return.skr')
}

/** Lets the browser save bytes. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to read by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function errorOf(status: number, body: ErrorAnswer | null): ApiError {
  if (body === null) return new ApiError('internal-error', status, `HTTP ${status}`, status >= 500)
  const { code, message, retryable } = body.error
  return new ApiError(code, status, message, retryable)
}
