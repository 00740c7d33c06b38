import { describe, expect, it } from 'vitest'
import { HOSTILE_TEXTS } from '../../protocol/fixtures/hostile-texts.ts'
import { failureOf } from './failures.ts'
import { type ForwardMessage, testMessage } from './message.ts'
import type { SmtpSettings } from './ports.ts'
import { smtpTransport } from './smtp-transport.ts'
import { testPki } from './test-receivers.ts'
import { type SmtpOptions, startSmtpServer } from './test-smtp.ts'
import { visible } from './visible.ts'

const password = '口令-with spaces'

async function send(
  server: Partial<SmtpOptions>,
  settings: Partial<SmtpSettings> = {},
  messages: readonly ForwardMessage[] = [testMessage('c0ffee', 'zh', 1_000)],
) {
  const pki = await testPki()
  const smtp = await startSmtpServer({ pki, user: 'shoukou', password, ...server })
  const transport = smtpTransport(
    {
      host: 'localhost',
      port: smtp.port,
      protection: 'starttls',
      ca: pki.authority.certificate,
      user: 'shoukou',
      from: 'shoukou@unit.example',
      to: ['office@unit.example', 'duty@unit.example'],
      ...settings,
    },
    {
      hostname: 'console',
      prefixes: [],
      ownFolder: '/',
      secret: () => password,
      now: () => 1_000,
      language: 'zh',
    },
  )
  const outcome = await transport
    .send(messages, { signal: AbortSignal.timeout(20_000), sequence: 0, lastHash: null })
    .catch(failureOf)
  await smtp.close()
  return { outcome, mails: smtp.mails, commands: smtp.commands }
}

/** Header fields as a reader unfolds them (RFC 5322 §2.2.3), encoded words decoded (RFC 2047). */
function headersOf(mail: string): Map<string, string> {
  const lines = (mail.split('\r\n\r\n')[0] ?? '').replaceAll(/\r\n(?=[ \t])/g, '').split('\r\n')
  return new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      decodeWords(line.slice(line.indexOf(':') + 1).trim()),
    ]),
  )
}

function decodeWords(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(word, 'base64').toString('latin1')
        : word
            .replaceAll('_', ' ')
            .replaceAll(/=([0-9A-F]{2})/g, (_hex, code: string) =>
              String.fromCharCode(Number.parseInt(code, 16)),
            ),
    )
}
const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

describe('mail', () => {
  it('goes over STARTTLS with AUTH PLAIN, to all recipients, with a Chinese subject', async () => {
    const { outcome, mails, commands } = await send({})
    expect(outcome).toEqual({ answer: '250 2.0.0 queued as 42' })
    expect(commands.filter((line) => line.startsWith('RCPT'))).toHaveLength(2)
    expect(commands.indexOf('STARTTLS')).toBeLessThan(
      commands.findIndex((line) => line.startsWith('AUTH PLAIN')),
    )
    const [mail = ''] = mails
    expect(utf8(headersOf(mail).get('subject') ?? '')).toBe('[守口 提示] 守口控制台的测试消息，无须处置。')
    expect(Buffer.from(mail.split('\r\n\r\n')[1] ?? '', 'base64').toString()).toContain(
      '守口控制台的测试消息',
    )
    // Nothing but ASCII travels: no server of any age mangles it.
    expect(mail).toMatch(/^[\r\n\u0020-\u007e]*$/)
  })

  it('goes over TLS from the beginning, with AUTH LOGIN', async () => {
    const { outcome } = await send({ isImplicit: true, methods: 'LOGIN' }, { protection: 'tls' })
    expect(outcome).toEqual({ answer: '250 2.0.0 queued as 42' })
  })

  it('is not sent without the TLS that was asked for, nor to a server that proves itself by another authority', async () => {
    const { outcome, commands, mails } = await send({ hasStartTls: false })
    expect(outcome).toMatchObject({ name: 'ForwardError' })
    expect(commands.some((line) => line.startsWith('AUTH'))).toBe(false)
    expect(mails).toEqual([])
    expect((await send({}, { ca: '' })).outcome).toMatchObject({ code: 'certificate-not-trusted' })
  })

  it('says what the server refused: the password, a recipient', async () => {
    expect((await send({ password: 'another' })).outcome).toMatchObject({ code: 'sign-in-refused' })
    const { outcome } = await send({ unknown: 'duty@' })
    expect(outcome).toMatchObject({ code: 'recipient-refused' })
  })

  it('has the headers that this console gave it, and no other, whatever a device was called', async () => {
    const texts = HOSTILE_TEXTS.filter(({ bytes }) => bytes.length < 400)
    const messages = texts.map(
      ({ bytes }): ForwardMessage => ({
        ...testMessage('c0ffee', 'zh', 1_000),
        headline: visible(Buffer.from(bytes).toString('utf8')),
      }),
    )
    const injection: ForwardMessage = {
      ...testMessage('c0ffee', 'zh', 1_000),
      headline: visible('x\r\nBcc: thief@else.example\r\n\r\nbody\r\n.\r\nMAIL FROM:<y>'),
    }
    const expected = [
      'auto-submitted',
      'content-transfer-encoding',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
    ]
    for (const batch of [[injection], messages]) {
      const { mails, commands } = await send({}, {}, batch)
      const [mail = ''] = mails
      expect([...headersOf(mail).keys()].toSorted()).toEqual(expected)
      expect(commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1)
      expect(commands.filter((line) => line.startsWith('RCPT'))).toHaveLength(2)
    }
  })
})
