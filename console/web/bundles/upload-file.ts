/** Sends a file's bytes as they are, with how far it is: `fetch` can't tell that of what it sends. */
import type { CSRF_HEADER as CsrfHeader, ErrorAnswer } from '../../api/contract.ts'
import { ApiError } from '../server/request.ts'

const csrfHeader: typeof CsrfHeader = 'x-shoukou-request'

/** Resolves to the answer's body. @throws ApiError */
export function uploadFile<Answer>(
  path: string,
  file: Blob,
  onProgress: (share: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest()
    sending.open('POST', path)
    sending.setRequestHeader('content-type', 'application/octet-stream')
    sending.setRequestHeader('accept', 'application/json')
    sending.setRequestHeader(csrfHeader, '1')
    sending.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress(total === 0 ? 0 : loaded / total),
    )
    sending.addEventListener('error', () => reject(new ApiError('unreachable', 0, 'no answer', true)))
    sending.addEventListener('load', () => {
      try {
        const body: unknown = JSON.parse(sending.responseText)
        if (sending.status < 300) resolve(body as Answer)
        else reject(errorOf(sending.status, body as ErrorAnswer))
      } catch (cause) {
        reject(new ApiError('unreachable', sending.status, String(cause), true))
      }
    })
    sending.send(file)
  })
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
