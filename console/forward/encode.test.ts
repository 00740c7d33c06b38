import { describe, expect, it } from 'vitest'
import { HOSTILE_TEXTS } from '../../protocol/fixtures/hostile-texts.ts'
import { encodeJson } from './encode-json.ts'
import { encodeMail } from './encode-mail.ts'
import { encodeSyslog, frameSyslog } from './encode-syslog.ts'
import { FORWARD_LIMITS } from './limits.ts'
import { type ForwardMessage, messageOf } from './message.ts'
import { readFrames } from './test-receivers.ts'

/** Controls, separators, marks of direction, zero-width and tag characters: none may reach a receiver as itself. */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that they are not there is what is tested
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const texts = HOSTILE_TEXTS.map(({ name, bytes }) => ({ name, text: decoder.decode(bytes) }))

function hostile(text: string, content: 'headline' | 'facts' = 'facts'): ForwardMessage {
  return messageOf(
    {
      id: 7,
      at: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
      kind: 'violation',
      agent: 'a-1',
      number: text.slice(0, 64),
      ref: 3,
      severity: 'critical',
      type: 'unregistered-media-inserted',
      body: null,
      violation: {
        id: 3,
        agent: 'a-1',
        number: text.slice(0, 64),
        key: 'k',
        type: 'agent-silent',
        severity: 'critical',
        level: 'secret',
        policyVersion: 1,
        evidence: JSON.stringify({ product: text, [text.slice(0, 30)]: 1 }),
        epoch: null,
        seq: null,
        occurredAt: 1,
        receivedAt: 2,
        endedAt: null,
      },
    },
    { console: 'c0ffee', content, language: 'zh', headlineOf: () => ({ zh: `接入：${text}`, en: text }) },
  )
}

describe('hostile text', () => {
  it('is one syslog message of one line, well-formed, whatever a device was called', () => {
    for (const { name, text } of texts) {
      const bytes = encodeSyslog(hostile(text), 'console.example')
      const message = bytes.toString('utf8')
      expect(bytes.length, name).toBeLessThanOrEqual(FORWARD_LIMITS.syslogBytesMax)
      expect(message.replace('\ufeff', ''), name).not.toMatch(hidden)
      // RFC 5424 §6: one element whose values have `"`, `\` and `]` escaped, then the byte order mark and the text.
      expect(message, name).toMatch(
        /^<106>1 2026-01-02T03:04:05\.006Z console\.example shoukou - violation \[shoukou@32473(?: [A-Za-z]+="(?:[^"\\\]]|\\["\\\]])*")*\] \ufeff接入/u,
      )
      expect(readFrames(Buffer.concat([frameSyslog(bytes), frameSyslog(bytes)])), name).toEqual([
        message,
        message,
      ])
    }
  })

  it('is one line of JSON that reads back to the very evidence', () => {
    for (const { name, text } of texts) {
      const line = encodeJson(hostile(text))
      expect(line, name).not.toMatch(hidden)
      const read = JSON.parse(line) as { facts?: { evidence: { product: string } }; factsLeftOut?: string }
      if (read.facts === undefined) expect(read.factsLeftOut, name).toMatch(/bytes$/)
      else expect(read.facts.evidence.product, name).toBe(text)
    }
  })

  it('never begins a header of a mail, and never fills its subject', () => {
    for (const { name, text } of texts) {
      const {
        subject,
        text: body,
        messageId,
      } = encodeMail([hostile(text), hostile(text)], 'zh', 'unit.example')
      expect(subject, name).not.toMatch(hidden)
      expect(Buffer.byteLength(subject), name).toBeLessThanOrEqual(260)
      expect(subject).toContain('另有 1 条')
      expect(body.replaceAll('\n', ''), name).not.toMatch(hidden)
      expect(messageId).toBe('c0ffee-7@unit.example')
    }
  })
})

describe('a target of content "headline"', () => {
  it('gets no byte of the evidence, in whatever encoding', () => {
    const message = hostile('SECRET-SERIAL-1', 'headline')
    const plain = { ...message, headline: 'x', computer: 'JM-0001' }
    expect(encodeJson(plain)).not.toContain('SECRET-SERIAL-1')
    expect(encodeSyslog(plain, 'h').toString()).not.toContain('SECRET-SERIAL-1')
    expect(encodeMail([plain], 'zh', 'd').text).not.toContain('SECRET-SERIAL-1')
    expect(encodeJson(hostile('SECRET-SERIAL-1'))).toContain('SECRET-SERIAL-1')
  })
})

describe('what is too long', () => {
  it('leaves out its facts and says so, at the limit and one past it', () => {
    const sized = (bytes: number): ForwardMessage => ({
      ...hostile('x', 'headline'),
      facts: { x: 'y'.repeat(bytes) },
    })
    const empty = Buffer.byteLength(encodeJson(sized(0)))
    const room = FORWARD_LIMITS.jsonBytesMax - empty
    expect(encodeJson(sized(room))).toContain('"facts"')
    expect(encodeJson(sized(room + 1))).not.toContain('"facts"')
    expect(encodeJson(sized(room + 1))).toContain('factsLeftOut')
    const long = encodeSyslog(sized(FORWARD_LIMITS.syslogBytesMax), 'h')
    expect(long.length).toBeLessThan(1_000)
    expect(long.toString()).toContain('factsLeftOut="true"')
  })
})
