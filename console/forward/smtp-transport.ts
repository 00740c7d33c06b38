/**
 * Hands a batch to a mail server as one message: STARTTLS or TLS from the beginning, AUTH PLAIN or LOGIN.
 *
 * nodemailer speaks SMTP and writes MIME (RFC 5322, 2047, 6532): what a device was called can't begin a header there,
 * and `encode-mail.ts` gives it one line without control characters to begin with.
 */
import { isIP } from 'node:net'
import { createTransport } from 'nodemailer'
import { allowedAddresses } from './allowed-address.ts'
import { encodeMail } from './encode-mail.ts'
import { type FailureCode, ForwardError, failureOf, shownAnswer } from './failures.ts'
import { FORWARD_LIMITS } from './limits.ts'
import type { SmtpSettings } from './ports.ts'
import type { Transport } from './transport.ts'
import type { TransportParts } from './transport-parts.ts'

/** Returns the way to a mail server. */
export function smtpTransport(settings: SmtpSettings, parts: TransportParts): Transport {
  return {
    async send(messages, { signal }) {
      const [address = settings.host] = await allowedAddresses(settings.host, parts.prefixes)
      const { hostname, language } = parts
      const mail = encodeMail(messages, language, settings.from.split('@')[1] ?? hostname)
      const server = createTransport({
        host: address,
        port: settings.port,
        name: mailName(hostname),
        secure: settings.protection === 'tls',
        requireTLS: settings.protection === 'starttls',
        ignoreTLS: settings.protection === 'none',
        opportunisticTLS: false,
        connectionTimeout: FORWARD_LIMITS.connectMsMax,
        greetingTimeout: FORWARD_LIMITS.connectMsMax,
        socketTimeout: FORWARD_LIMITS.sendMsMax,
        disableFileAccess: true,
        disableUrlAccess: true,
        tls: {
          minVersion: 'TLSv1.2',
          rejectUnauthorized: true,
          ...(isIP(settings.host) === 0 ? { servername: settings.host } : {}),
          ...(settings.ca === '' ? {} : { ca: settings.ca }),
        },
        ...(settings.user === ''
          ? {}
          : { auth: { user: settings.user, pass: parts.secret('password') ?? '' } }),
      })
      const stop = (): void => server.close()
      signal.addEventListener('abort', stop, { once: true })
      try {
        const sent = await server.sendMail({
          from: settings.from,
          to: [...settings.to],
          subject: mail.subject,
          text: mail.text,
          messageId: `<${mail.messageId}>`,
          date: new Date(parts.now()),
          headers: { 'auto-submitted': 'auto-generated' },
          textEncoding: 'base64',
        })
        if (sent.rejected.length > 0)
          throw new ForwardError('recipient-refused', sent.rejected.map(String).join(', '))
        return { answer: shownAnswer(sent.response) }
      } catch (error) {
        throw mailFailure(error)
      } finally {
        signal.removeEventListener('abort', stop)
        server.close()
      }
    },
  }
}

/** RFC 5321 §4.1.1.1: a domain, or an address literal. */
function mailName(hostname: string): string {
  const name = hostname.replaceAll(/[^A-Za-z0-9.-]/g, '')
  return name === '' ? 'shoukou' : name
}

function mailFailure(error: unknown): ForwardError {
  if (error instanceof ForwardError) return error
  const {
    code,
    response = '',
    message = '',
  } = error as { code?: string; response?: string; message?: string }
  switch (code) {
    case 'EAUTH':
    case 'ENOAUTH':
      return new ForwardError('sign-in-refused', response, error)
    case 'EENVELOPE':
      return new ForwardError('recipient-refused', response, error)
    case 'EMESSAGE':
      return new ForwardError('refused-by-receiver', response, error)
    case 'ETLS':
    case 'ECONNECTION':
    case 'ESOCKET':
      return new ForwardError(bySentence(message, code), message, error)
    case 'ETIMEDOUT':
      return new ForwardError('timeout', message, error)
    case undefined:
    default:
      return failureOf(error)
  }
}

/** nodemailer puts its own code in the place of the system's and keeps the sentence. */
function bySentence(message: string, code: string): FailureCode {
  if (/altnames|does not match certificate/i.test(message)) return 'certificate-other-name'
  if (/certificate has expired|not yet valid/i.test(message)) return 'certificate-expired'
  if (/certificate|issuer/i.test(message)) return 'certificate-not-trusted'
  if (/ECONNREFUSED/.test(message)) return 'refused-connection'
  if (/EHOSTUNREACH|ENETUNREACH/.test(message)) return 'unreachable'
  if (/STARTTLS/i.test(message)) return 'starttls-missing'
  return code === 'ETLS' ? 'tls-failed' : 'closed-early'
}
