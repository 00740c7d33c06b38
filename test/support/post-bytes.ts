/** Posts bytes as they are to a test's console, as a page does that brings a file; null posts nothing. */
import { request as httpsRequest } from 'node:https'
import { CSRF_HEADER } from '../../console/api/contract.ts'
import { type ApiClient, ApiFailure, type TestConsole } from './console.ts'

export function postBytes(
  { address, authority }: TestConsole,
  { cookie }: ApiClient,
  path: string,
  bytes: Uint8Array | null,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      `${address}${path}`,
      {
        method: 'POST',
        ca: authority,
        headers: {
          cookie,
          [CSRF_HEADER]: '1',
          ...(bytes === null
            ? {}
            : { 'content-type': 'application/octet-stream', 'content-length': bytes.length }),
        },
      },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const answer = Buffer.concat(parts)
          const status = response.statusCode ?? 0
          if (status < 300) resolve(answer)
          else reject(new ApiFailure(status, answer.toString('utf8')))
        })
      },
    )
    request.on('error', reject)
    request.end(bytes ?? undefined)
  })
}
