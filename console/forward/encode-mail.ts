/** A batch as one mail: the first sentence in the subject, all of them in the text. Pure. Encoding is nodemailer's. */
import { FORWARD_LIMITS } from './limits.ts'
import { type ForwardMessage, levelWord } from './message.ts'
import { cutToBytes, visibleJson } from './visible.ts'

export interface MailText {
  readonly subject: string
  readonly text: string
  /** Without angle brackets. */
  readonly messageId: string
}

const subjectBytesMax = 240

/** Returns subject and text. `domain` is the right half of the message's id. */
export function encodeMail(
  messages: readonly ForwardMessage[],
  language: 'zh' | 'en',
  domain: string,
): MailText {
  const zh = language === 'zh'
  const [first] = messages
  const more = messages.length - 1
  const rest = more > 0 ? (zh ? `（另有 ${more} 条）` : ` (and ${more} more)`) : ''
  const gravest = order.find((severity) => messages.some((one) => one.severity === severity)) ?? 'info'
  const head = zh ? `[守口 ${words[gravest].zh}] ` : `[Shoukou ${words[gravest].en}] `
  const room = subjectBytesMax - Buffer.byteLength(head) - Buffer.byteLength(rest)
  const shown = messages.slice(0, FORWARD_LIMITS.mailMessagesMax)
  return {
    subject: `${head}${cutToBytes(first?.headline ?? '', room)}${rest}`,
    text: `${shown.map((message) => block(message, language)).join('\n\n')}\n`,
    messageId: `${messages.at(-1)?.id ?? 'none'}@${domain.replaceAll(/[^A-Za-z0-9.-]/g, '') || 'shoukou'}`,
  }
}

function block(message: ForwardMessage, language: 'zh' | 'en'): string {
  const zh = language === 'zh'
  const level = levelWord(message.level, language)
  const facts = message.facts === null ? null : visibleJson(message.facts)
  const lines = [
    message.headline,
    `${zh ? '时间' : 'Time'}: ${new Date(message.atMs).toISOString()}`,
    `${zh ? '级别' : 'Severity'}: ${words[message.severity][language]}`,
    ...(message.computer === null ? [] : [`${zh ? '计算机' : 'Computer'}: ${message.computer}`]),
    ...(level === null ? [] : [`${zh ? '密级' : 'Level'}: ${level}`]),
    ...(message.violation === null ? [] : [`${zh ? '违规编号' : 'Violation'}: ${message.violation}`]),
    `${zh ? '消息编号' : 'Message'}: ${message.id}`,
    ...(facts === null ? [] : [`${zh ? '事实' : 'Facts'}: ${cutToBytes(facts, 16_384)}`]),
  ]
  return lines.join('\n')
}

const order = ['critical', 'high', 'medium', 'low', 'info'] as const
const words = {
  critical: { zh: '特别严重', en: 'critical' },
  high: { zh: '严重', en: 'high' },
  medium: { zh: '一般', en: 'medium' },
  low: { zh: '轻微', en: 'low' },
  info: { zh: '提示', en: 'information' },
} as const
