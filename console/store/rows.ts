/** Turns rows of either engine into what the store's interface promises, and back. */
import type { Level, MediumState, NetworkMode, PolicySettings, ViolationId } from '@shoukou/protocol'
import type { Selectable } from 'kysely'
import type { Disposition, HandlingState, ViolationStanding } from './handling-ports.ts'
import type { DueRow, MediumEventKind, MediumEventRow, MediumRow } from './media-ports.ts'
import type {
  AccountRow,
  ComputerRow,
  ComputerStatus,
  GapRow,
  PolicyRow,
  Role,
  Severity,
  StoredRecord,
  TokenRow,
  ViolationRow,
} from './ports.ts'
import type { Tables } from './schema.ts'

type ComputerColumns = Selectable<Tables['computers']> & {
  readonly epoch: string | null
  readonly seq: number | null
  readonly head: string | null
  readonly revoked_at: number | null
}

/** `coverage`: what the row's own text says, where it was read before. */
export function computerRow(
  row: ComputerColumns,
  coverage: ComputerRow['coverage'] = coverageOf(row.coverage),
): ComputerRow {
  const hasJournal = row.epoch !== null && row.seq !== null && row.head !== null
  return {
    agent: row.agent,
    number: row.number,
    hostname: row.hostname,
    status: row.status as ComputerStatus,
    level: row.level as Level,
    networkMode: row.network_mode as NetworkMode,
    department: row.department,
    policyVersion: Number(row.policy_version),
    appliedPolicyVersion: numberOrNull(row.applied_policy_version),
    agentVersion: row.agent_version,
    enrolledAt: Number(row.enrolled_at),
    lastSeenAt: numberOrNull(row.last_seen_at),
    position: hasJournal ? { epoch: row.epoch, seq: Number(row.seq), head: row.head } : null,
    coverage,
    coverageAt: numberOrNull(row.coverage_at),
    behindSince: numberOrNull(row.behind_since),
    clockSkewMs: numberOrNull(row.clock_skew_ms),
    silentMs: Number(row.silent_ms),
    revokedAt: numberOrNull(row.revoked_at),
    retiredAt: numberOrNull(row.retired_at),
  }
}

export function coverageOf(text: string): ComputerRow['coverage'] {
  return JSON.parse(text) as ComputerRow['coverage']
}

export function storedRecord(
  row: Omit<Selectable<Tables['records']>, 'id' | 'journal'> & { agent: string; epoch: string },
): StoredRecord {
  return {
    agent: row.agent,
    epoch: row.epoch,
    seq: Number(row.seq),
    kind: row.kind as StoredRecord['kind'],
    sensor: row.sensor,
    wallMs: Number(row.wall_ms),
    receivedAt: Number(row.received_at),
    policyVersion: Number(row.policy_version),
    raw: row.raw,
    head: Buffer.from(row.head).toString('hex'),
  }
}

export type ViolationColumns = Selectable<Tables['violations']> & {
  readonly number: string
  readonly exception_until: number | null
  /** 1 where a repeat of it still lasts. */
  readonly ongoing: number
}

export function violationRow(row: ViolationColumns): ViolationRow {
  return {
    id: Number(row.id),
    agent: row.agent,
    number: row.number,
    key: row.key,
    type: row.type as ViolationId,
    severity: row.severity as Severity,
    level: row.level as Level,
    policyVersion: Number(row.policy_version),
    evidence: row.evidence,
    epoch: row.epoch,
    seq: numberOrNull(row.seq),
    occurredAt: Number(row.occurred_at),
    receivedAt: Number(row.received_at),
    endedAt: numberOrNull(row.ended_at),
    standing: violationStanding(row),
  }
}

function violationStanding(row: ViolationColumns): ViolationStanding {
  const { exception, exception_until: until } = row
  return {
    state: row.state as HandlingState,
    disposition: row.disposition as Disposition | null,
    isIncident: Number(row.is_incident) !== 0,
    assignee: row.assignee,
    subject: row.subject,
    repeatOf: numberOrNull(row.repeat_of),
    repeats: Number(row.repeats),
    lastAt: Number(row.last_at ?? row.received_at),
    place: numberOrNull(row.place),
    isOngoing: (row.lasting !== null && row.ended_at === null) || Number(row.ongoing) !== 0,
    exception: exception === null || until === null ? null : { id: Number(exception), until: Number(until) },
  }
}

export function gapRow(row: Selectable<Tables['gaps']>): GapRow {
  return {
    agent: row.agent,
    epoch: row.epoch,
    firstSeq: Number(row.first_seq),
    lastSeq: Number(row.last_seq),
    noticedAt: Number(row.noticed_at),
    declareBySeq: Number(row.declare_by_seq),
    state: row.state as GapRow['state'],
  }
}

export function policyRow(row: Selectable<Tables['policies']>): PolicyRow {
  return {
    agent: row.agent,
    version: Number(row.version),
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    reason: row.reason,
    envelope: row.envelope,
    settings: JSON.parse(row.settings) as PolicySettings,
  }
}

export function accountRow(row: Selectable<Tables['accounts']>): AccountRow {
  return {
    name: row.name,
    role: row.role as Role,
    passwordHash: row.password_hash,
    mustChange: Number(row.must_change) !== 0,
    failures: Number(row.failures),
    lockedUntil: numberOrNull(row.locked_until),
    createdAt: Number(row.created_at),
    person: row.person,
    department: row.department,
    state: row.state as AccountRow['state'],
  }
}

export function tokenRow(row: Selectable<Tables['tokens']>): TokenRow {
  return {
    id: row.id,
    number: row.number,
    settings: JSON.parse(row.settings) as PolicySettings,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    expiresAt: Number(row.expires_at),
    usedAt: numberOrNull(row.used_at),
    usedBy: row.used_by,
    replaces: row.replaces,
  }
}

export function mediumRow(row: Selectable<Tables['media']>): MediumRow {
  return {
    id: Number(row.id),
    number: row.number,
    level: row.level as Level,
    kind: row.kind,
    custodian: row.custodian,
    department: row.department,
    computers: jsonOrNull(row.computers),
    users: jsonOrNull(row.users),
    right: row.right as MediumRow['right'],
    validFromMs: Number(row.valid_from_ms),
    validUntilMs: numberOrNull(row.valid_until_ms),
    note: row.note,
    state: row.state as MediumState,
    version: Number(row.version),
    registeredAt: Number(row.registered_at),
    registeredBy: row.registered_by,
    changedAt: Number(row.changed_at),
    passport: jsonOrNull(row.passport),
    seal: jsonOrNull(row.seal),
    sealsVoidBeforeMs: numberOrNull(row.seals_void_before_ms),
    sealWrittenAt: numberOrNull(row.seal_written_at),
    dueBackMs: numberOrNull(row.due_back_ms),
  }
}

export function mediumEventRow(row: Selectable<Tables['medium_events']>): MediumEventRow {
  return {
    at: Number(row.at),
    account: row.account,
    kind: row.kind as MediumEventKind,
    changes: row.changes,
    reason: row.reason,
  }
}

export function dueRow(row: Selectable<Tables['media_due']>): DueRow {
  const { id, computer, account, reason } = row
  return { id: Number(id), computer: computer === EVERY_COMPUTER ? null : computer, account, reason }
}

/** Stands for every computer of the unit where a row names one; no computer can be called so. */
export const EVERY_COMPUTER = '*'

function jsonOrNull<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

/** PostgreSQL hands bigint over as a string. */
function numberOrNull(value: number | string | null): number | null {
  return value === null ? null : Number(value)
}
