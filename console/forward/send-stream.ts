/**
 * Sends bytes over TLS or plain TCP to a receiver that never answers, and learns as much as can be learned.
 *
 * Neither syslog nor JSON lines has an acknowledgement: what a socket took may die in a receiver's buffer. The one thing
 * that such a receiver says is that it closes after us, and it does that once it has read to the end. So a batch is a
 * connection of its own: written, ended, and sent only when the other side ended too. A reset is a failure, and the batch
 * comes again.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { ForwardError, failureOf, shownAnswer } from './failures.ts'
import { FORWARD_LIMITS } from './limits.ts'

export interface StreamTarget {
  readonly host: string
  /** Where the host was found; tried in order. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly tls: StreamTls | null
}

export interface StreamTls {
  /** PEM; empty: the system's authorities. */
  readonly ca: string
  readonly clientCertificate: string
  readonly clientKey: string | null
}

/** Sends and ends; returns what the receiver said meanwhile, mostly nothing. @throws ForwardError */
export async function sendStream(target: StreamTarget, bytes: Buffer, signal: AbortSignal): Promise<string> {
  const socket = await openStream(target, signal)
  try {
    return await deliver(socket, bytes, signal)
  } finally {
    socket.destroy()
  }
}

async function openStream(target: StreamTarget, signal: AbortSignal): Promise<Socket> {
  let failed: ForwardError | undefined
  for (const address of target.addresses) {
    try {
      return await openAt(target, address, signal)
    } catch (error) {
      failed = failureOf(error)
      if (signal.aborted) break
    }
  }
  throw failed ?? new ForwardError('name-unknown', target.host)
}

function openAt({ host, port, tls }: StreamTarget, address: string, signal: AbortSignal): Promise<Socket> {
  const socket =
    tls === null
      ? connectTcp({ host: address, port, allowHalfOpen: true })
      : connectTls({ ...tlsOptions(tls, host), host: address, port })
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown): void => {
      socket.destroy()
      reject(error)
    }
    const abort = (): void => refuse(new ForwardError('stopped'))
    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.setTimeout(FORWARD_LIMITS.connectMsMax, () =>
      refuse(new ForwardError('timeout', `${address}:${port}`)),
    )
    socket.once('error', refuse)
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      signal.removeEventListener('abort', abort)
      socket.removeListener('error', refuse)
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

/** What TLS is asked for: 1.2 at least, the receiver's certificate checked against the unit's authority and its name. */
export function tlsOptions(tls: StreamTls, host: string) {
  return {
    minVersion: 'TLSv1.2' as const,
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : { host }),
    ...(tls.ca === '' ? {} : { ca: tls.ca }),
    ...(tls.clientCertificate === '' || tls.clientKey === null
      ? {}
      : { cert: tls.clientCertificate, key: tls.clientKey }),
  }
}

function deliver(socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<string> {
  let said = ''
  let [isWritten, hasEnded] = [false, false]
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      socket.destroy()
      reject(failureOf(error))
    }
    socket.setTimeout(FORWARD_LIMITS.sendMsMax, () => fail(new ForwardError('timeout', shownAnswer(said))))
    signal.addEventListener('abort', () => fail(new ForwardError('stopped')), { once: true })
    socket.on('data', (chunk: Buffer) => {
      if (said.length < FORWARD_LIMITS.answerBytesMax) said += chunk.toString('utf8')
    })
    socket.once('end', () => {
      hasEnded = true
      // It closed before it can have read all.
      if (!isWritten) fail(new ForwardError('closed-early', said))
    })
    socket.once('error', fail)
    socket.once('close', () => {
      if (isWritten && hasEnded) resolve(shownAnswer(said))
      else fail(new ForwardError('closed-early', said))
    })
    socket.end(bytes, () => {
      isWritten = true
    })
  })
}
