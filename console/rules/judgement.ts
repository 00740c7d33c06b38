/** What every rule gets and gives. Rules are pure: a record and what was in force, nothing else. */
import type { EvidenceOf, FactKind, FactNamed, Policy, Record, ViolationId } from '@shoukou/protocol'

export interface JudgeContext {
  /** The policy of the version that the record names. */
  readonly policy: Policy
  /** The computer had another journal before the one that this record is in. */
  readonly hasEarlierJournal: boolean
}

export type Judgement = {
  readonly [Id in ViolationId]: { readonly type: Id; readonly evidence: EvidenceOf<Id> }
}[ViolationId]

/** A record whose fact is of one kind. */
export type RecordOf<K extends FactKind> = Record & { readonly fact: FactNamed<K> }
export type RecordOfAny<K extends FactKind> = { readonly [Kind in K]: RecordOf<Kind> }[K]
