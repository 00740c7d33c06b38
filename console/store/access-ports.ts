/**
 * What the store keeps of who may do what: the history of accounts, departments of computers, acts that two people must
 * want. Part of the store's interface: see `ports.ts`. All of it is added to, never changed.
 */
import type { Role, TwoPersonAct } from '@shoukou/protocol'
import type { AccountRow, ComputerRow, NewAccount } from './ports.ts'

/** `waiting`: made with a role that a second person must agree to; nobody signs in with it. */
export type AccountState = 'active' | 'disabled' | 'waiting'

export type AccountEventKind = 'made' | 'disabled' | 'enabled' | 'role' | 'person'

export interface AccountEvent {
  readonly at: number
  /** Who did it; empty: the console itself, at its first start. */
  readonly by: string
  readonly kind: AccountEventKind
  /** JSON of what differed: field → [before, after]. */
  readonly changes: string
  readonly reason: string
}
export type AccountEventRow = AccountEvent & { readonly account: string }

export type AccountWrite =
  | { readonly kind: 'done'; readonly account: AccountRow }
  | { readonly kind: 'name-taken' | 'too-many' | 'not-found' | 'last-of-role' | 'changed-meanwhile' }
  /** The person holds a role already that may not be held together with this one, by the account named. */
  | { readonly kind: 'role-conflict'; readonly account: string; readonly role: Role }

export interface AccountChange {
  readonly state?: AccountState
  readonly role?: Role
  readonly department?: string | null
  readonly person?: string
}

/** Something to do for which a second person is asked. */
export interface NewProposal {
  readonly act: TwoPersonAct
  readonly askedBy: string
  readonly person: string
  readonly askedAt: number
  readonly reason: string
  /** What it is about, by name: an agent, an account, a violation; several are separated by spaces. */
  readonly object: string
  /** Two languages of what will happen and to whom, as JSON. */
  readonly words: string
  /** JSON, as it was asked: it is carried out as it stands here. */
  readonly payload: string
  /** SHA-256, hex, of what the second person agrees to. */
  readonly hash: string
  /** How the object stood: where it stands otherwise, nobody agreed to that. */
  readonly basis: string
  readonly expiresAt: number
}

/** `outdated`: the console itself, since the object had changed; `expired`: nobody decided in time. */
export type DecisionKind = 'agreed' | 'refused' | 'withdrawn' | 'expired' | 'outdated'

export interface ProposalDecision {
  readonly kind: DecisionKind
  readonly at: number
  /** Empty: the console itself. */
  readonly by: string
  readonly person: string
  readonly reason: string
}

export interface ProposalOutcome {
  readonly at: number
  readonly result: 'done' | 'failed'
  readonly detail: string
}

export interface ProposalRow extends NewProposal {
  readonly id: number
  readonly decision: ProposalDecision | null
  readonly outcome: ProposalOutcome | null
}

export interface ProposalFilter {
  readonly acts: readonly TwoPersonAct[]
  /** Those that nobody has decided, or those that somebody has. */
  readonly isOpen?: boolean
  readonly object?: string
  /** Newest first; rows before this id. */
  readonly beforeId?: number
  readonly limit: number
}

/** What belongs to a department. */
export type ObjectKind = 'computer' | 'violation' | 'medium'

export interface AccessStore {
  /** Adds an account with the first line of its history, or says why not. */
  makeAccount(account: NewAccount, event: AccountEvent): Promise<AccountWrite>
  /** Changes one that still is as `expected` says, with a line in its history; or says why not. */
  changeAccount(
    name: string,
    expected: Pick<AccountRow, 'state' | 'role' | 'person'>,
    change: AccountChange,
    event: AccountEvent,
  ): Promise<AccountWrite>
  /** Newest first. */
  accountHistory(name: string, limit: number): Promise<readonly AccountEventRow[]>
  /** Reports whether the console ever had accounts: then it never makes its first ones again. */
  hadAccounts(): Promise<boolean>

  /** Null: no such computer. */
  setDepartment(
    agent: string,
    department: string | null,
    by: { readonly at: number; readonly account: string; readonly reason: string },
  ): Promise<ComputerRow | null>
  /** The department of an object; null where there is no such object. A violation is where its computer is. */
  departmentOf(kind: ObjectKind, id: string): Promise<{ readonly department: string | null } | null>
  /** Those that computers and media are given to, sorted. */
  departments(limit: number): Promise<readonly string[]>

  /** Null where an open one of the same act and object is there already. */
  addProposal(proposal: NewProposal): Promise<ProposalRow | null>
  proposal(id: number): Promise<ProposalRow | null>
  proposals(filter: ProposalFilter): Promise<readonly ProposalRow[]>
  countOpenProposals(acts: readonly TwoPersonAct[], notOf: string): Promise<number>
  /** Decides one that nobody has decided; false where somebody has. */
  decideProposal(id: number, decision: ProposalDecision): Promise<boolean>
  /** Says what came of it, once; false where it was said. */
  endProposal(id: number, outcome: ProposalOutcome): Promise<boolean>
  /** Agreed, and nothing came of it yet. */
  unfinishedProposals(): Promise<readonly ProposalRow[]>
  /** Open ones whose time is over. */
  overdueProposals(now: number, limit: number): Promise<readonly ProposalRow[]>
}
