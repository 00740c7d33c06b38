/**
 * The report form of a suspected leak: the fields that the provisions on reporting ask for, filled in from what the console
 * knows. Pure. Nothing of any file's content; what only people can know is left open and marked so.
 */
import { LEVEL_NAMES, type Level } from '@shoukou/protocol'
import type { HandlingRow, StatementRow } from '../../store/handling-ports.ts'
import type { ViolationRow } from '../../store/ports.ts'
import type { ClockNow } from './clocks.ts'

/** Head, the seven points of article 4, and who signs. */
export const LEAK_FORM_FIELDS = [
  'recipient',
  'number',
  'date',
  'reporter',
  'phone',
  'items',
  'discovery',
  'person',
  'course',
  'harm',
  'investigation',
  'remedies',
] as const
export type LeakFormField = (typeof LEAK_FORM_FIELDS)[number]

/** What no computer can know: open until a person writes it. */
export const MUST_FILL: ReadonlySet<LeakFormField> = new Set([
  'recipient',
  'number',
  'date',
  'reporter',
  'phone',
  'items',
  'person',
  'harm',
])

export const LEAK_FIELD_CHARACTERS_MAX = 4_000

export interface Bilingual {
  readonly zh: string
  readonly en: string
}

export interface LeakFormKnown {
  readonly violation: ViolationRow
  readonly headline: Bilingual
  readonly basis: readonly Bilingual[]
  /** The clock of the report, where one runs or ran. */
  readonly clock: ClockNow | null
  /** Who has the medium by the register, or the computer where it is about none. */
  readonly custodian: string
  /** Where it happened: the computer's place; the medium's department where no computer is told. */
  readonly department: string
  readonly room: string
  /** By the register; the level is null where the register has it not. */
  readonly medium: { readonly number: string; readonly level: Level | null } | null
  readonly steps: readonly HandlingRow[]
  readonly statements: readonly StatementRow[]
  readonly zone: string
}

/** Returns what each field begins with; empty where nothing is known. */
export function prefillLeakForm(known: LeakFormKnown): Readonly<Record<LeakFormField, Bilingual>> {
  const none = { zh: '', en: '' }
  return {
    recipient: none,
    number: none,
    date: none,
    reporter: none,
    phone: none,
    items: items(known),
    discovery: discovery(known),
    person: person(known),
    course: course(known),
    harm: none,
    investigation: investigation(known),
    remedies: remedies(known),
  }
}

/** Computer and medium each with its own level: which of them carried what, people find out. */
function items({ violation, medium }: LeakFormKnown): Bilingual {
  const carriers: Bilingual[] = []
  const add = (zh: string, en: string, level: Level | null): void => {
    const name = level === null ? { zh: '未登记', en: 'not registered' } : LEVEL_NAMES[level]
    carriers.push({
      zh: `载体形式：${zh}，密级：${name.zh}（登记密级）`,
      en: `Carrier: ${en}; level: ${name.en} ${name.zh} (as registered)`,
    })
  }
  if (violation.number !== '')
    add(`计算机 ${violation.number}`, `computer ${violation.number}`, violation.level)
  if (medium !== null) add(`介质 ${medium.number}`, `medium ${medium.number}`, medium.level)
  return lines([...carriers, { zh: '事项内容：\n数量：', en: 'Matter: \nQuantity: ' }])
}

function discovery({ violation, clock, zone }: LeakFormKnown): Bilingual {
  const said = (clock?.candidates ?? []).map(({ what, at, account, counts }) => {
    const words = candidateWords[what]
    const who = account === '' ? { zh: '', en: '' } : { zh: `（${account}）`, en: ` (${account})` }
    return {
      zh: `${timeIn(at, zone, 'zh')} ${words.zh}${who.zh}${counts ? '，时限由此起算' : ''}`,
      en: `${timeIn(at, zone, 'en')} ${words.en}${who.en}${counts ? '; the term runs from here' : ''}`,
    }
  })
  const number = { zh: `违规记录编号 ${violation.id}`, en: `Violation no. ${violation.id}` }
  return lines([number, ...said])
}

const candidateWords: Readonly<Record<ClockNow['candidates'][number]['what'], Bilingual>> = {
  receipt: { zh: '保密监管控制台收到', en: 'received by the console' },
  confirmation: { zh: '人工确认', en: 'confirmed by a person' },
  incident: { zh: '列为泄密事件', en: 'called a leak incident' },
  'found-missing': { zh: '报告载体下落不明', en: 'carrier reported missing' },
  agreed: { zh: '约定', en: 'agreed' },
}

/** Custody is what the register says; who is to answer, people find out. */
function person({ custodian, department, statements }: LeakFormKnown): Bilingual {
  const written = statements.map(({ writer }) => ({
    zh: `已提交书面说明：${writer}`,
    en: `Statement in writing: ${writer}`,
  }))
  const kept =
    custodian === ''
      ? []
      : [{ zh: `登记责任人：${custodian}`, en: `Custodian by the register: ${custodian}` }]
  const office = department === '' ? [] : [{ zh: `所属部门：${department}`, en: `Department: ${department}` }]
  return lines([...kept, ...office, ...written])
}

function course({ violation, headline, room, department, zone, basis }: LeakFormKnown): Bilingual {
  const place = [department, room].filter((part) => part !== '').join(' ')
  const rules = {
    zh: basis.map((one) => one.zh).join('；'),
    en: basis.map((one) => one.en).join('; '),
  }
  return lines([
    {
      zh: `时间：${timeIn(violation.occurredAt, zone, 'zh')}`,
      en: `Time: ${timeIn(violation.occurredAt, zone, 'en')}`,
    },
    { zh: `地点：${place}`, en: `Place: ${place}` },
    { zh: `经过：${headline.zh}`, en: `Course: ${headline.en}` },
    { zh: `涉及规定：${rules.zh}`, en: `Rules concerned: ${rules.en}` },
  ])
}

const investigated: ReadonlySet<string> = new Set(['confirm', 'incident', 'dispose', 'statement', 'comment'])
const remedied: ReadonlySet<string> = new Set(['remedy', 'rectify'])

function investigation({ steps, zone }: LeakFormKnown): Bilingual {
  return lines(told(steps, investigated, zone))
}

function remedies({ steps, zone }: LeakFormKnown): Bilingual {
  return lines(told(steps, remedied, zone))
}

const toldMax = 20

function told(steps: readonly HandlingRow[], kinds: ReadonlySet<string>, zone: string): Bilingual[] {
  return steps
    .filter(({ kind, reason }) => kinds.has(kind) && reason !== '')
    .slice(-toldMax)
    .map(({ at, account, reason }) => ({
      zh: `${timeIn(at, zone, 'zh')} ${reason}（${account}）`,
      en: `${timeIn(at, zone, 'en')} ${reason} (${account})`,
    }))
}

function lines(parts: readonly Bilingual[]): Bilingual {
  const cut = (text: string): string => text.slice(0, LEAK_FIELD_CHARACTERS_MAX)
  return {
    zh: cut(parts.map(({ zh }) => zh).join('\n')),
    en: cut(parts.map(({ en }) => en).join('\n')),
  }
}

function timeIn(ms: number, zone: string, language: 'zh' | 'en'): string {
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: zone,
    dateStyle: 'long',
    timeStyle: 'short',
  }).format(ms)
}
