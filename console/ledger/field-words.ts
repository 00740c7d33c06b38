/** Short ways to write the definitions of registers: words, and the fields that several of them have. */
import type { CoreField, Field, LedgerKindName, Words } from './fields.ts'

type Loose<T extends Field['type']> = Omit<Extract<Field, { type: T }>, 'group'>

/** A pair of words, Chinese first. */
export function w(zh: string, en: string): Words {
  return { zh, en }
}

export function text(key: string, words: Words, max: number): Loose<'text'> {
  return { key, type: 'text', words, max }
}

export function day(key: string, words: Words): Loose<'day'> {
  return { key, type: 'day', words }
}

export function presence(key: string, words: Words): Loose<'presence'> {
  return { key, type: 'presence', words }
}

export function flag(key: string, words: Words): Loose<'flag'> {
  return { key, type: 'flag', words }
}

export function link(key: string, words: Words, to: LedgerKindName, itemsMax: number): Loose<'link'> {
  return { key, type: 'link', words, to, itemsMax }
}

export const coreWords: Readonly<Record<CoreField, Words>> = {
  number: w('编号', 'Number'),
  level: w('密级', 'Level'),
  department: w('部门', 'Department'),
  custodian: w('责任人', 'Custodian'),
  state: w('状态', 'State'),
}
