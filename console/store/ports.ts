/**
 * What the console keeps, and the one way to it. Embedded SQLite stands behind it now; PostgreSQL joins with the same
 * interface and the same test suite. Only this folder knows SQL.
 *
 * Values are plain (numbers, strings, null, Uint8Array), so that a store may live in a thread of its own. Times are
 * Unix ms of the console's clock unless a name says otherwise.
 */
import type {
  Coverage,
  FactKind,
  Level,
  NetworkMode,
  PolicySettings,
  Position,
  Role,
  ViolationId,
} from '@shoukou/protocol'
import type { AccessStore, AccountState } from './access-ports.ts'
import type { ArchiveStore } from './archive-ports.ts'
import type { BundleStore } from './bundles-ports.ts'
import type { CeilingStore } from './ceiling-ports.ts'
import type { ClockStore } from './clock-ports.ts'
import type { CoverageStore } from './coverage-ports.ts'
import type { DemonstrationStore } from './demonstration-ports.ts'
import type { FindingsStore } from './findings-ports.ts'
import type { ForwardStore } from './forward-ports.ts'
import type { HandlingState, HandlingStore, ViolationStanding } from './handling-ports.ts'
import type { IdentityStore } from './identity-ports.ts'
import type { KeepingStore } from './keeping-ports.ts'
import type { LedgerStore } from './ledger-ports.ts'
import type { MediaStore } from './media-ports.ts'
import type { NetworkChanges, NetworkStore, NewEnding } from './network-ports.ts'
import type { PrintStore } from './print-ports.ts'
import type { ProtectionChanges, SealStore } from './seals-ports.ts'
import type { SessionStore } from './session-ports.ts'
import type { SightingStore, StayRow } from './sighting-ports.ts'
import type { SignInStore } from './sign-in-ports.ts'
import type { TrailStore } from './trail-ports.ts'
import type { WallStore } from './wall-ports.ts'

export type { Role } from '@shoukou/protocol'
export type {
  AgentCertificateRow,
  CertificateState,
  ClockJumpRow,
  EndedCertificate,
  EnrolmentRow,
  HardwareRow,
  IdentityStore,
  KnownHardware,
  NewAgentCertificate,
  RevocationRow,
} from './identity-ports.ts'
export type {
  ConditionRow,
  IsolationEffect,
  IsolationRow,
  NetworkChanges,
  NetworkFact,
  NetworkFactRow,
  NetworkStandingRow,
  NewEnding,
  NewNetworkFact,
  StoredCondition,
} from './network-ports.ts'
export type {
  NewSpan,
  ProtectionChanges,
  ProtectionStandingRow,
  SealRow,
  SealUpdate,
  SpanRow,
  StopRow,
  ToldStopRow,
} from './seals-ports.ts'
export type { SightingRow, SightingStore, StayRow } from './sighting-ports.ts'
export type { SessionRow } from './sign-in-ports.ts'
export type { ActionRow } from './trail-ports.ts'
export type Severity = 'critical' | 'high' | 'medium' | 'low'

/** `pending`: enrolled, never heard. `online`, `stopped` (clean), `silent` are what the console itself observed. */
export type ComputerStatus = 'pending' | 'online' | 'offline' | 'stopped' | 'standalone' | 'silent'

export interface ComputerRow {
  readonly agent: string
  /** The unit's number: `JM-0001`. */
  readonly number: string
  readonly hostname: string
  readonly status: ComputerStatus
  readonly level: Level
  readonly networkMode: NetworkMode
  /** Null: given to none, and seen by nobody who sees one department alone. */
  readonly department: string | null
  readonly policyVersion: number
  /** The version that the agent says it obeys; null before its first hello. */
  readonly appliedPolicyVersion: number | null
  readonly agentVersion: string | null
  readonly enrolledAt: number
  readonly lastSeenAt: number | null
  /** The journal's end, as stored here. */
  readonly position: Position | null
  /** What the agent last said of each sensor. */
  readonly coverage: readonly Coverage[]
  readonly coverageAt: number | null
  /** Since when the agent has had records that are not stored here; null where it has none. */
  readonly behindSince: number | null
  /** Wall clock of the agent minus the console's, ms, at the last heartbeat. */
  readonly clockSkewMs: number | null
  /** ms of silence counted while the console ran; 0 while heard. */
  readonly silentMs: number
  /** When its identity was taken away; when a later enrolment took its place. Null or left out: never. */
  readonly revokedAt?: number | null
  readonly retiredAt?: number | null
}

export interface NewComputer {
  readonly agent: string
  readonly number: string
  readonly hostname: string
  readonly certificateSerial: string
  readonly certificate: string
  /** When it runs out, Unix ms, and whose key it is for; left out where it is not known. */
  readonly certificateNotAfter?: number
  readonly certificateKeyHash?: string
  readonly enrolledAt: number
}

export interface StoredRecord {
  readonly agent: string
  readonly epoch: string
  readonly seq: number
  readonly kind: FactKind
  readonly sensor: string
  readonly wallMs: number
  readonly receivedAt: number
  readonly policyVersion: number
  readonly raw: Uint8Array
  /** Chain head after this record, hex. */
  readonly head: string
}

export interface NewRecord {
  readonly seq: number
  readonly kind: FactKind
  readonly sensor: string
  readonly wallMs: number
  readonly policyVersion: number
  readonly raw: Uint8Array
  readonly head: string
}

export interface NewViolation {
  /** Unique per computer: the same draft made twice is one violation. */
  readonly key: string
  readonly type: ViolationId
  readonly severity: Severity
  readonly level: Level
  readonly policyVersion: number
  /** JSON of the evidence, as the catalogue's schema has it. */
  readonly evidence: string
  /** The record that made it; null where the console itself observed. */
  readonly epoch: string | null
  readonly seq: number | null
  /** When it happened by the computer's clock; by the console's where it observed itself. */
  readonly occurredAt: number
  /** Names what lasts: none is added while one of this type and name is open. */
  readonly lasting?: string
  /** None is added where one of this key is there already. */
  readonly unlessKey?: string
}

export interface ViolationRow extends NewViolation {
  readonly id: number
  readonly agent: string
  readonly number: string
  readonly receivedAt: number
  /** For those that last: when it ended; silence by the console's clock, what a record told by the computer's. */
  readonly endedAt: number | null
  /** How it is handled. Left out: by nobody yet. */
  readonly standing?: ViolationStanding
}

export interface NewGap {
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly noticedAt: number
  /** The journal's end that the agent claimed then: declared before that, or never. */
  readonly declareBySeq: number
  /** Chain head before the first record that follows, hex, as the agent claimed it: what makes that record provable. */
  readonly headBefore?: string
}

export interface GapRow extends NewGap {
  readonly agent: string
  readonly state: 'pending' | 'declared' | 'undeclared'
}

/** One batch of one agent, all or nothing. */
export interface IngestBatch {
  readonly agent: string
  readonly receivedAt: number
  readonly epoch: string
  /** Where the journal must stand for the batch to fit; null at its beginning. */
  readonly expected: Position | null
  readonly records: readonly NewRecord[]
  readonly position: Position
  readonly violations: readonly NewViolation[]
  /** Stays of media that the records opened, changed or ended, as they are after the batch. Left out: none. */
  readonly stays?: readonly StayRow[]
  /** What the records say of the network and of isolation. Left out: nothing. */
  readonly network?: NetworkChanges
  /** What the records say of the agent itself: its seals, its stops, spans that are not proved. Left out: nothing. */
  readonly protection?: ProtectionChanges
  /** Violations that lasted and are over, in the order of the records. Left out: none. */
  readonly endings?: readonly NewEnding[]
  readonly gaps: readonly NewGap[]
  readonly settledGaps: readonly { readonly firstSeq: number; readonly state: 'declared' | 'undeclared' }[]
  readonly status: ComputerStatus | null
  /** What each sensor vouches for after the batch; null where the batch says nothing of it. */
  readonly coverage: readonly Coverage[] | null
  /** Everything that the agent said it has is stored with this batch. */
  readonly isCaughtUp: boolean
  /** The policy version that the batch says is obeyed; null where it says nothing of it. */
  readonly appliedPolicyVersion: number | null
}

export interface IngestResult {
  readonly violations: readonly ViolationRow[]
  /** Violations that the batch ended. */
  readonly ended: readonly ViolationRow[]
}

export interface PolicyRow {
  readonly agent: string
  readonly version: number
  readonly createdAt: number
  readonly createdBy: string
  readonly reason: string
  readonly envelope: string
  readonly settings: PolicySettings
}

export interface ViolationFilter {
  readonly severity?: readonly Severity[]
  readonly type?: readonly string[]
  readonly level?: readonly Level[]
  readonly agent?: string
  /** Of computers of this department alone. */
  readonly department?: string
  readonly sinceMs?: number
  readonly untilMs?: number
  readonly state?: readonly HandlingState[]
  readonly assignee?: string
  /** Those that fall under an exception, or those that do not. */
  readonly isExcepted?: boolean
  /** Repeats are one row, newest repeat first; `beforeId` is then the place of the last row. */
  readonly isGrouped?: boolean
  /** Newest first; rows before this id. */
  readonly beforeId?: number
  readonly limit: number
}

export interface RecordFilter {
  readonly agent: string
  readonly receivedFrom?: number
  readonly receivedTo?: number
  readonly wallFrom?: number
  readonly wallTo?: number
  readonly kinds?: readonly string[]
  /** Newest first; rows before this one. */
  readonly before?: { readonly receivedAt: number; readonly seq: number }
  readonly limit: number
}

export interface AccountRow {
  readonly name: string
  readonly role: Role
  /** The human being, by name or staff number; null: not named yet, which no second person may be. */
  readonly person: string | null
  /** Where the role sees one department alone. */
  readonly department: string | null
  readonly state: AccountState
  readonly passwordHash: string
  readonly mustChange: boolean
  readonly failures: number
  readonly lockedUntil: number | null
  readonly createdAt: number
}

export type NewAccount = Omit<AccountRow, 'person' | 'department' | 'state'> &
  Partial<Pick<AccountRow, 'person' | 'department' | 'state'>>

export interface TokenRow {
  /** SHA-256 of the secret, hex. */
  readonly id: string
  readonly number: string
  readonly settings: PolicySettings
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number
  readonly usedAt: number | null
  readonly usedBy: string | null
  /** The agent that this enrolment takes the place of, under the same number. Left out: none. */
  readonly replaces?: string | null
}

export interface ViolationCounts {
  readonly severity: Severity
  readonly count: number
}

export interface Store
  extends MediaStore,
    BundleStore,
    SealStore,
    IdentityStore,
    SightingStore,
    NetworkStore,
    AccessStore,
    TrailStore,
    SignInStore,
    ForwardStore,
    CeilingStore,
    CoverageStore,
    SessionStore,
    FindingsStore,
    KeepingStore,
    LedgerStore,
    ArchiveStore,
    HandlingStore,
    ClockStore,
    PrintStore,
    WallStore,
    DemonstrationStore {
  /** Opens, migrates and asserts durability (`synchronous=FULL`); what is asserted is in the answer. */
  readonly durability: string

  // computers
  /** Uses the token in the same transaction. @throws ShoukouError `token-refused` where it, or its number, was used meanwhile. */
  addComputer(computer: NewComputer, policy: PolicyRow, tokenId: string): Promise<void>
  /** All in force: not those that an enrolment of the same computer has taken the place of. */
  computers(): Promise<readonly ComputerRow[]>
  /** As much of them as a choice needs, by number. */
  computerNames(): Promise<
    readonly Pick<ComputerRow, 'agent' | 'number' | 'hostname' | 'level' | 'department'>[]
  >
  computer(agent: string): Promise<ComputerRow | null>
  /** Whose certificate it is, or was, whatever its state. */
  computerByCertificate(serial: string): Promise<ComputerRow | null>
  /** Records a sign of life; returns the violations of silence that it ended. */
  heard(agent: string, seen: HeardUpdate): Promise<readonly ViolationRow[]>
  setStatus(agent: string, status: ComputerStatus): Promise<void>
  /** At a start: who was online when the console ended is not known to be so now. */
  forgetOnline(): Promise<void>
  /** Computers whose silence is counted: heard once, and not yet called silent. */
  watchedForSilence(): Promise<readonly WatchedForSilence[]>
  /** Writes counted silence down, except of computers that were heard meanwhile. */
  setSilence(counted: readonly CountedSilence[]): Promise<void>
  /**
   * Adds the violation and calls the computer silent, both or neither; null where it was heard since `lastSeenAt`, or
   * its status is no longer the given one.
   */
  becomeSilent(
    silent: { readonly agent: string; readonly lastSeenAt: number | null; readonly status: ComputerStatus },
    violation: NewViolation,
    receivedAt: number,
  ): Promise<ViolationRow | null>

  // records
  ingest(batch: IngestBatch): Promise<IngestResult>
  position(agent: string, epoch: string): Promise<Position | null>
  epochs(agent: string): Promise<readonly string[]>
  record(agent: string, epoch: string, seq: number): Promise<StoredRecord | null>
  records(filter: RecordFilter): Promise<readonly StoredRecord[]>
  recordRange(agent: string, epoch: string, fromSeq: number, toSeq: number): Promise<readonly StoredRecord[]>
  pendingGaps(agent: string, epoch: string): Promise<readonly GapRow[]>
  gaps(agent: string): Promise<readonly GapRow[]>
  /** Of all computers: gaps that nobody declared, or not yet. */
  openGaps(): Promise<readonly GapRow[]>

  // violations
  addViolation(agent: string, violation: NewViolation, receivedAt: number): Promise<ViolationRow | null>
  violations(filter: ViolationFilter): Promise<readonly ViolationRow[]>
  violation(id: number): Promise<ViolationRow | null>
  countViolations(filter: Omit<ViolationFilter, 'limit' | 'beforeId'>): Promise<readonly ViolationCounts[]>

  // policies
  policies(agent: string): Promise<readonly PolicyRow[]>
  policy(agent: string, version: number): Promise<PolicyRow | null>
  /** Adds version `policy.version`; false where that version exists already. */
  addPolicy(policy: PolicyRow): Promise<boolean>

  // accounts
  accounts(): Promise<readonly AccountRow[]>
  account(name: string): Promise<AccountRow | null>
  addAccount(account: NewAccount): Promise<boolean>
  /** Adds all of them where there was never an account at all; false, and none, where there once was one. */
  addFirstAccounts(accounts: readonly NewAccount[]): Promise<boolean>
  updateAccount(
    name: string,
    change: Partial<Pick<AccountRow, 'passwordHash' | 'mustChange' | 'failures' | 'lockedUntil'>>,
  ): Promise<void>
  addToken(token: TokenRow): Promise<void>
  token(id: string): Promise<TokenRow | null>
  nextComputerNumber(): Promise<string>
  /** Open counts by computer, for lists. */
  countViolationsByComputer(): Promise<readonly (ViolationCounts & { readonly agent: string })[]>

  close(): Promise<void>
}

/** As much of a computer as counting its silence needs. */
export interface WatchedForSilence {
  readonly agent: string
  readonly status: 'online' | 'offline' | 'stopped' | 'standalone'
  readonly lastSeenAt: number | null
  readonly enrolledAt: number
  readonly silentMs: number
  readonly policyVersion: number
}

export interface CountedSilence {
  readonly agent: string
  readonly lastSeenAt: number | null
  readonly silentMs: number
}

export interface HeardUpdate {
  readonly at: number
  readonly status: ComputerStatus
  readonly agentVersion?: string
  readonly appliedPolicyVersion?: number
  readonly coverage?: readonly Coverage[]
  readonly clockSkewMs?: number
  /** The agent has records that are not stored here. */
  readonly isBehind: boolean
}
