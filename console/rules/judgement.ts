/** What every rule gets and gives. Rules are pure: a record and what was in force, nothing else. */
import type { EvidenceOf, FactKind, FactNamed, Picture, Policy, Record, ViolationId } from '@shoukou/protocol'
import type { PortStory } from './port-stories.ts'
import type { RegisterVerdict } from './register-rules.ts'
import type { Stay } from './stays.ts'

export interface JudgeContext {
  /** The policy of the version that the record names. */
  readonly policy: Policy
  /** The computer had another journal before the one that this record is in. */
  readonly hasEarlierJournal: boolean
  /** The stay that the record is about, where it is about one; and whether this record is the first of it. */
  readonly stay?: Stay | null
  readonly isNewStay?: boolean
  /** The register has a medium that the attached device could be: only an examination can tell. */
  readonly mayBeRegistered?: boolean
  /** What the register says of a medium that the agent took for a stranger. */
  readonly register?: RegisterVerdict
  /** What stands at the USB port that the record is about, and what stood there just before. */
  readonly story?: PortStory | null
  /** The newest picture before the record, where the record is proof of something and brings none itself. */
  readonly picture?: Picture | null
}

export type Judgement = {
  readonly [Id in ViolationId]: {
    readonly type: Id
    readonly evidence: EvidenceOf<Id>
    /** What it is about, where several records may tell of the same: `network-incidents.ts`. */
    readonly incident?: Incident
  }
}[ViolationId]

/**
 * `lasting`: one violation of a type while it lasts; then it ends, and may begin anew. `once`: one of a type, ever; none
 * at all where the `unless` of the same incident was told.
 */
export type Incident =
  | { readonly kind: 'lasting'; readonly subject: string }
  | { readonly kind: 'once'; readonly subject: string; readonly unless?: ViolationId }

/** A record whose fact is of one kind. */
export type RecordOf<K extends FactKind> = Record & { readonly fact: FactNamed<K> }
export type RecordOfAny<K extends FactKind> = { readonly [Kind in K]: RecordOf<Kind> }[K]
