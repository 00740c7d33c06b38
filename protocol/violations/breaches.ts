/**
 * Breaches of process and posture: what people did not do, rather than what a computer was seen doing. Kept apart
 * from the numbered violations, because they come from registers and calendars and never from a record.
 */
import { Type } from 'typebox'
import { law, regulation, unitRule } from './legal-basis.ts'
import {
  type CatalogueEntry,
  closed,
  count,
  identifier,
  list,
  nullable,
  rawText,
  timeMs,
  word,
} from './violation.ts'

const overdue = { dueAtMs: timeMs, daysLate: count }

export const BREACHES = {
  'repair-unsupervised': {
    name: { zh: '维修无人监督', en: 'Repair without supervision' },
    source: 'console',
    severity: 'high',
    basis: [unitRule('repair')],
    evidence: closed({ ticket: identifier, supervisors: list(rawText, 16), startedAtMs: timeMs }),
  },
  'offsite-repair-disk-not-retained': {
    name: { zh: '外送维修未拆留硬盘', en: 'Disk not kept back for off-site repair' },
    source: 'console',
    severity: 'high',
    basis: [unitRule('off-site-repair')],
    evidence: closed({ ticket: identifier, diskSerials: list(rawText, 64), sentAtMs: timeMs }),
  },
  'disposal-without-sanitising': {
    name: { zh: '未经销密处置', en: 'Disposed of without sanitising' },
    source: 'console',
    severity: 'critical',
    basis: [law(31, 5), unitRule('retire-and-destroy')],
    evidence: closed({ item: identifier, disposal: word, disposedAtMs: timeMs }),
  },
  'inspection-overdue': {
    name: { zh: '保密检查逾期', en: 'Inspection overdue' },
    source: 'console',
    severity: 'medium',
    basis: [unitRule('inspection')],
    evidence: closed({ lastInspectedAtMs: nullable(timeMs), ...overdue }),
  },
  'leak-report-overdue': {
    name: { zh: '泄密报告逾期', en: 'Leak report overdue' },
    source: 'console',
    severity: 'critical',
    basis: [regulation(61)],
    evidence: closed({ incident: identifier, discoveredAtMs: timeMs, dueAtMs: timeMs }),
  },
  'role-conflict': {
    name: { zh: '三员职责冲突', en: 'Conflicting administrator roles' },
    source: 'console',
    severity: 'high',
    basis: [unitRule('role-separation')],
    evidence: closed({ person: rawText, roles: list(word, 8) }),
  },
  'unapproved-relocation': {
    name: { zh: '擅自移位', en: 'Relocated without approval' },
    source: 'both',
    severity: 'medium',
    basis: [unitRule('location')],
    evidence: closed({ registeredLocation: rawText, observedHint: rawText, seenAtMs: timeMs }),
  },
  'antivirus-outdated': {
    name: { zh: '防病毒软件过期', en: 'Virus protection outdated' },
    source: 'agent',
    severity: 'medium',
    basis: [unitRule('virus-protection')],
    evidence: closed({
      product: nullable(rawText),
      isRunning: nullable(Type.Boolean()),
      signaturesAtMs: nullable(timeMs),
    }),
  },
  'prohibited-software': {
    name: { zh: '安装禁用软件', en: 'Prohibited software installed' },
    source: 'agent',
    severity: 'medium',
    basis: [unitRule('forbidden-software')],
    evidence: closed({ product: rawText, path: nullable(rawText), category: word }),
  },
  'risk-assessment-overdue': {
    name: { zh: '风险评估逾期', en: 'Risk assessment overdue' },
    source: 'console',
    severity: 'medium',
    basis: [regulation(35)],
    evidence: closed({ lastAssessedAtMs: nullable(timeMs), ...overdue }),
  },
  'offboarding-incomplete': {
    name: { zh: '离岗手续未办结', en: 'Off-boarding incomplete' },
    source: 'console',
    severity: 'high',
    basis: [unitRule('authorized-users')],
    evidence: closed({
      person: rawText,
      leftAtMs: timeMs,
      openAccounts: list(rawText, 64),
      unreturnedItems: list(identifier),
    }),
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>

export type BreachId = keyof typeof BREACHES
