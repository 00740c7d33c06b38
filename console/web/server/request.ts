/** One request to the console's API. Errors carry a code; what to say about it is the page's affair. */
import type {
  BACKGROUND_HEADER as BackgroundHeader,
  CSRF_HEADER as CsrfHeader,
  ErrorAnswer,
} from '../../api/contract.ts'
import { isRecentlyUsed } from './recent-use.ts'

const csrfHeader: typeof CsrfHeader = 'x-shoukou-request'
const backgroundHeader: typeof BackgroundHeader = 'x-shoukou-background'
const timeoutMs = 20_000

/** `unreachable`: no answer at all. Any other code is the console's own. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly retryable: boolean
  /** Of a form: which fields, and what is wrong with each. */
  readonly faults: readonly { readonly field: string; readonly code: string }[]

  constructor(
    code: string,
    status: number,
    message: string,
    ...[retryable, faults = []]: readonly [boolean, ApiError['faults']?]
  ) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status
    this.retryable = retryable
    this.faults = faults
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
let whenSignedOut: () => void = () => undefined
let consoleAheadMs = 0

/** Sets what happens when the console says that nobody is signed in. */
export function onSignedOut(callback: () => void): void {
  whenSignedOut = callback
}

/** Returns the console's clock now, Unix ms, as far as its answers have told: ages are counted by one clock. */
export function consoleNow(): number {
  return Date.now() + consoleAheadMs
}

/** Sends a request and returns the answer's body. @throws ApiError */
export async function request<Answer>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await send(method, path, body, signal)
  noteClock(response)
  if (response.ok) return response.status === 204 ? (undefined as Answer) : await readJson<Answer>(response)
  const error = await readError(response)
  if (error.code === 'not-signed-in') whenSignedOut()
  throw error
}

async function send(method: Method, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutMs)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (method !== 'GET') headers[csrfHeader] = '1'
  else if (!isRecentlyUsed()) headers[backgroundHeader] = '1'
  if (body !== undefined) headers['content-type'] = 'application/json'
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    throw new ApiError('unreachable', 0, String(cause), true)
  }
}

async function readJson<Answer>(response: Response): Promise<Answer> {
  try {
    return (await response.json()) as Answer
  } catch (cause) {
    throw new ApiError('unreachable', response.status, String(cause), true)
  }
}

async function readError(response: Response): Promise<ApiError> {
  const fallback =
    response.status === 401 ? 'not-signed-in' : response.status === 404 ? 'not-found' : 'internal-error'
  try {
    const { error } = (await response.json()) as ErrorAnswer
    return new ApiError(error.code, response.status, error.message, error.retryable, error.faults)
  } catch {
    // Something before the console answered (a proxy, a broken connection): the status is all there is.
    return new ApiError(fallback, response.status, `HTTP ${response.status}`, response.status >= 500)
  }
}

// The Date header has whole seconds: half a second is the fairest guess.
function noteClock(response: Response): void {
  const date = Date.parse(response.headers.get('date') ?? '')
  if (!Number.isNaN(date) && Math.abs(date + 500 - consoleNow()) > 1_500)
    consoleAheadMs = date + 500 - Date.now()
}
