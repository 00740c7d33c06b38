/** The parts of a record's one line: texts that others chose stay apart from words of ours. Pure. */
import type { RawText } from '@shoukou/protocol/raw-text.ts'
import type { NetworkCountedKey } from './summarize-network.ts'

/** What identifies a fact in one line: texts that others chose, and words of ours. */
export type SummaryPart =
  | { readonly kind: 'raw'; readonly text: RawText }
  | { readonly kind: 'code'; readonly text: string }
  /** `otherwise`: a code of the agent, where there are no words for it. */
  | { readonly kind: 'words'; readonly key: string; readonly otherwise?: string }
  /** Words around a number. */
  | { readonly kind: 'counted'; readonly key: CountedKey; readonly count: number }
  | { readonly kind: 'bytes' | 'duration'; readonly value: number }

export type CountedKey =
  | 'fact.count.changes'
  | 'fact.count.facts'
  | 'fact.count.version'
  | 'fact.count.routes-added'
  | 'fact.count.routes-removed'
  | 'fact.count.opens'
  | 'fact.count.attaches'
  | 'fact.count.minutes'
  | NetworkCountedKey

export function raw(text: RawText | null): SummaryPart[] {
  return text === null || text === '' ? [] : [{ kind: 'raw', text }]
}

export function code(text: string): SummaryPart {
  return { kind: 'code', text }
}

export function counted(key: CountedKey, count: number): SummaryPart {
  return { kind: 'counted', key, count }
}

export function words(key: string, otherwise?: string): SummaryPart {
  return otherwise === undefined ? { kind: 'words', key } : { kind: 'words', key, otherwise }
}
