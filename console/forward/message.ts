/**
 * What a target is told of one event: the sentence, and what it stands on. Pure.
 *
 * The minimum by default: a target of content `headline` gets no evidence. The id is the same at each try, so that a
 * receiver can drop what comes twice.
 */
import { LEVEL_NAMES } from '@shoukou/protocol'
import type { ForwardEventKind, ForwardEventRow } from '../store/forward-ports.ts'
import type { ViolationRow } from '../store/ports.ts'
import { visible } from './visible.ts'

export type MessageKind = ForwardEventKind | 'test'
export type MessageSeverity = 'critical' | 'high' | 'medium' | 'low' | 'info'

export interface ForwardMessage {
  /** `CONSOLE-EVENT`. */
  readonly id: string
  /** The event's number; 0 for a test. */
  readonly event: number
  readonly kind: MessageKind
  readonly atMs: number
  readonly severity: MessageSeverity
  /** One line, safe to show. */
  readonly headline: string
  readonly computer: string | null
  readonly level: string | null
  /** The violation's type, the act of the log, the state of watching. */
  readonly type: string | null
  readonly violation: number | null
  /** Null where the target does not get them, or there are none. */
  readonly facts: Readonly<Record<string, unknown>> | null
}

export interface MessageOptions {
  /** What the console is called among others: letters, digits and dashes. */
  readonly console: string
  readonly content: 'headline' | 'facts'
  readonly language: 'zh' | 'en'
  readonly headlineOf: (row: ViolationRow) => { readonly zh: string; readonly en: string }
}

/** Returns the message of an event. */
export function messageOf(event: ForwardEventRow, options: MessageOptions): ForwardMessage {
  const base = {
    id: `${options.console}-${event.id}`,
    event: event.id,
    kind: event.kind,
    atMs: event.at,
    computer: event.number === null ? null : visible(event.number),
    violation: event.violation?.id ?? null,
    level: event.violation === null ? null : event.violation.level,
  }
  const body = bodyOf(event)
  switch (event.kind) {
    case 'violation':
    case 'violation-ended':
    case 'violation-handled':
      return { ...base, ...ofViolation(event, body, options) }
    case 'clock':
      return { ...base, ...ofClock(event, body, options) }
    case 'watch':
      return { ...base, ...ofWatch(event, body, options) }
    case 'log':
      return { ...base, ...ofLog(body, options) }
  }
}

/** Returns the message that a test sends. */
export function testMessage(console: string, language: 'zh' | 'en', now: number): ForwardMessage {
  return {
    id: `${console}-test-${now}`,
    event: 0,
    kind: 'test',
    atMs: now,
    severity: 'info',
    headline:
      language === 'zh'
        ? '守口控制台的测试消息，无须处置。'
        : 'Test message of the Shoukou console; nothing is to be done.',
    computer: null,
    level: null,
    type: null,
    violation: null,
    facts: null,
  }
}

type Part = Pick<ForwardMessage, 'severity' | 'headline' | 'type' | 'facts'>
type Body = Readonly<Record<string, unknown>>

function ofViolation(event: ForwardEventRow, body: Body, options: MessageOptions): Part {
  const { violation: row } = event
  const zh = options.language === 'zh'
  const sentence =
    row === null
      ? zh
        ? `计算机 ${event.number ?? event.agent ?? ''}：${event.type ?? ''}`
        : `${event.type ?? ''}: ${event.number ?? event.agent ?? ''}`
      : options.headlineOf(row)[options.language]
  const severity = event.severity ?? 'info'
  const type = event.type
  const facts = options.content === 'facts' ? factsOf(row, body) : null
  if (event.kind === 'violation') return { severity, type, facts, headline: visible(sentence) }
  if (event.kind === 'violation-ended')
    return { severity: 'info', type, facts, headline: visible(`${zh ? '已结束：' : 'Ended: '}${sentence}`) }
  const act = text(body['kind'])
  const words = handlingWords[act]?.[options.language] ?? act
  return { severity: 'info', type, facts, headline: visible(`${words}${zh ? '：' : ': '}${sentence}`) }
}

/** A deadline comes near, or is over: who is to know. */
function ofClock(event: ForwardEventRow, body: Body, options: MessageOptions): Part {
  const { violation: row, severity, type } = event
  const clock = clockWords[text(body['clock'])]?.[options.language] ?? text(body['clock'])
  const left = typeof body['leftMs'] === 'number' ? body['leftMs'] : 0
  const hours = Math.floor(Math.abs(left) / 3_600_000)
  const about = row === null ? '' : options.headlineOf(row)[options.language]
  const zh = options.language === 'zh'
  const words =
    left <= 0
      ? zh
        ? `${clock}已逾期`
        : `${clock}: overdue`
      : zh
        ? `${clock}剩余不足 ${hours + 1} 小时`
        : `${clock}: less than ${hours + 1} h left`
  return {
    severity: severity ?? 'high',
    type,
    headline: visible(`${words}${zh ? '：' : ': '}${about}`),
    facts: options.content === 'facts' ? body : null,
  }
}

const clockWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  'leak-report': { zh: '泄密报告时限', en: 'Report of a suspected leak' },
  'leak-result': { zh: '查处结果报告时限', en: 'Report of the result' },
  'missing-carrier': { zh: '查找载体时限', en: 'Search for a missing carrier' },
  rectification: { zh: '整改期限', en: 'Rectification' },
}

function factsOf(row: ViolationRow | null, body: Body): Body | null {
  if (row === null) return null
  return {
    occurredAt: new Date(row.occurredAt).toISOString(),
    policyVersion: row.policyVersion,
    record: row.epoch === null || row.seq === null ? null : { epoch: row.epoch, seq: row.seq },
    evidence: JSON.parse(row.evidence) as unknown,
    ...(Object.keys(body).length === 0 ? {} : { handling: body }),
  }
}

function ofWatch(event: ForwardEventRow, body: Body, { content, language }: MessageOptions): Part {
  const [from, to] = [text(body['from']), text(body['to'])]
  const word = (state: string): string => watchWords[state]?.[language] ?? state
  const computer = event.number ?? event.agent ?? ''
  const severity = to === 'broken' ? 'high' : to === 'proven' ? 'info' : 'medium'
  const headline =
    language === 'zh'
      ? `计算机 ${computer} 的监控状态由“${word(from)}”变为“${word(to)}”`
      : `Watching ${computer} went from ${word(from)} to ${word(to)}`
  return {
    severity,
    type: to,
    headline: visible(headline),
    facts: content === 'facts' ? { from, to, reasons: body['reasons'] ?? [] } : null,
  }
}

function ofLog(body: Body, { content, language }: MessageOptions): Part {
  const [account, action, object] = [text(body['account']), text(body['action']), text(body['object'])]
  const head = language === 'zh' ? '管理日志：' : 'Administrators’ log: '
  return {
    severity: 'info',
    type: action,
    headline: visible(`${head}${[account, action, object].filter((part) => part !== '').join(' · ')}`),
    facts: content === 'facts' ? body : null,
  }
}

function bodyOf({ body }: ForwardEventRow): Body {
  if (body === null) return {}
  const parsed: unknown = JSON.parse(body)
  return typeof parsed === 'object' && parsed !== null ? (parsed as Body) : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

const watchWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  proven: { zh: '已证实', en: 'proven' },
  unproven: { zh: '未证实', en: 'unproven' },
  broken: { zh: '中断', en: 'broken' },
}

/** By the kinds of `violation_handling`. */
const handlingWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  acknowledge: { zh: '已知悉', en: 'Acknowledged' },
  comment: { zh: '有备注', en: 'Commented' },
  confirm: { zh: '已确认', en: 'Confirmed' },
  'false-positive': { zh: '判为误报', en: 'Called a false positive' },
  close: { zh: '已结案', en: 'Closed' },
  unacknowledge: { zh: '撤回知悉', en: 'No longer acknowledged' },
  incident: { zh: '列为泄密事件', en: 'Called a leak incident' },
  remedy: { zh: '已采取补救措施', en: 'Remedied' },
  rectify: { zh: '已整改', en: 'Rectified' },
  dispose: { zh: '已作处理', en: 'What came of it was told' },
  reopen: { zh: '重新打开', en: 'Opened again' },
  assign: { zh: '已指派', en: 'Assigned' },
  attach: { zh: '已附文件', en: 'A file was attached' },
  'ask-statement': { zh: '已要求说明', en: 'A statement was asked for' },
  statement: { zh: '已收到说明', en: 'A statement came in' },
  merge: { zh: '已合并', en: 'Merged' },
  unmerge: { zh: '已拆分', en: 'Let stand for itself again' },
}

/** Returns the word of a level in both languages, for a receiver that shows it. */
export function levelWord(level: string | null, language: 'zh' | 'en'): string | null {
  return level === null ? null : (LEVEL_NAMES[level as keyof typeof LEVEL_NAMES]?.[language] ?? level)
}
