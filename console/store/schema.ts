/** The tables as Kysely sees them, for both engines. Times are Unix ms, JSON is text, bytes are blobs. */
import type { Generated } from 'kysely'
import type { AccessTables } from './access-schema.ts'
import type { ArchiveTables } from './archive-schema.ts'
import type { BundleTables } from './bundles-schema.ts'
import type { CeilingTables } from './ceiling-ports.ts'
import type { CoverageTables } from './coverage-schema.ts'
import type { FindingTables } from './findings-schema.ts'
import type { ForwardTables, KeepingTables } from './forward-tables.ts'
import type { HandlingColumns, HandlingTables } from './handling-schema.ts'
import type { IdentityTables } from './identity-schema.ts'
import type { LedgerTables } from './ledger-schema.ts'
import type { PrintTables } from './print-schema.ts'
import type { SealTables } from './seals-schema.ts'
import type { SignInTables } from './sign-in-schema.ts'
import type { TrailTables } from './trail-schema.ts'
import type { ViolationListTables } from './violation-lists-schema.ts'
import type { WallTables } from './wall-schema.ts'

export interface Tables
  extends AccessTables,
    ArchiveTables,
    BundleTables,
    SealTables,
    SignInTables,
    ForwardTables,
    CeilingTables,
    CoverageTables,
    FindingTables,
    HandlingTables,
    KeepingTables,
    IdentityTables,
    LedgerTables,
    PrintTables,
    TrailTables,
    ViolationListTables,
    WallTables {
  computers: {
    agent: string
    /** Of those that are not retired, each is there once. */
    number: string
    hostname: string
    certificate_serial: string
    certificate: string
    enrolled_at: number
    status: string
    last_seen_at: number | null
    agent_version: string | null
    policy_version: number
    applied_policy_version: number | null
    level: string
    network_mode: string
    department: string | null
    coverage: string
    coverage_at: number | null
    behind_since: number | null
    clock_skew_ms: number | null
    silent_ms: number
    /** The journal that grows now. */
    journal: number | null
    retired_at: number | null
    replaced_by: string | null
  }
  /** One row per agent and epoch: where the stored chain ends. */
  journals: { id: Generated<number>; agent: string; epoch: string; seq: number; head: string }
  records: {
    id: Generated<number>
    journal: number
    seq: number
    kind: string
    sensor: string
    wall_ms: number
    received_at: number
    policy_version: number
    raw: Uint8Array
    head: Uint8Array
  }
  violations: HandlingColumns & {
    id: Generated<number>
    agent: string
    key: string
    type: string
    severity: string
    level: string
    policy_version: number
    evidence: string
    epoch: string | null
    seq: number | null
    occurred_at: number
    received_at: number
    ended_at: number | null
    /** Names what lasts, where it does: one open violation of a type for each. */
    lasting: string | null
    /** Kept by the database itself: `violation-lists-schema.ts`. */
    class: number | null
  }
  gaps: {
    agent: string
    epoch: string
    first_seq: number
    last_seq: number
    noticed_at: number
    declare_by_seq: number
    /** Chain head before the record that follows, as claimed; null where it was not kept. */
    head_before: string | null
    state: string
  }
  policies: {
    agent: string
    version: number
    created_at: number
    created_by: string
    reason: string
    envelope: string
    settings: string
  }
  accounts: {
    name: string
    role: string
    password_hash: string
    must_change: number
    failures: number
    locked_until: number | null
    created_at: number
    person: string | null
    department: string | null
    state: Generated<string>
  }
  tokens: {
    id: string
    number: string
    settings: string
    created_at: number
    created_by: string
    expires_at: number
    used_at: number | null
    used_by: string | null
    replaces: string | null
  }
  media: {
    id: Generated<number>
    number: string
    level: string
    kind: string
    custodian: string
    department: string
    computers: string | null
    users: string | null
    right: string
    valid_from_ms: number
    valid_until_ms: number | null
    note: string
    state: string
    version: number
    registered_at: number
    registered_by: string
    changed_at: number
    passport: string | null
    seal: string | null
    seals_void_before_ms: number | null
    seal_written_at: number | null
    due_back_ms: number | null
  }
  medium_events: {
    id: Generated<number>
    number: string
    at: number
    account: string
    kind: string
    changes: string
    reason: string
  }
  /** Under which a medium is found from a passport. */
  medium_keys: { key: string; number: string }
  /** Which computers may use it; `*` is every one. */
  medium_computers: { computer: string; number: string }
  /** Computers whose next policy is due; `*` is every one. */
  media_due: { id: Generated<number>; computer: string; account: string; reason: string }
  media_sightings: {
    id: Generated<number>
    agent: string
    stay: string
    boot_id: string
    instance: string | null
    opened_by: string
    usb_path: string | null
    disk: string | null
    epoch: string
    seq: number
    is_examined: number
    at: number
    ended_at: number | null
    received_at: number
    opened_boot_ms: number
    number: string | null
    level: string | null
    keys: string
    passport: string | null
    seal_id: string | null
    right: string
    rule: string
    is_confirmed: number
    due_boot_ms: number | null
    pending: string | null
    mounts: string
  }
  media_sighting_keys: { key: string; sighting: number }
  network_conditions: {
    agent: string
    key: string
    condition: string
    type: string | null
    subject: string
    boot_id: string
    epoch: string
    seq: number
    wall_ms: number
    received_at: number
    interface_name: string | null
    text: string | null
    confidence: string
    outcome: string | null
  }
  network_facts: {
    agent: string
    kind: string
    slot: string
    epoch: string
    seq: number
    wall_ms: number
    received_at: number
    value: string
  }
  isolation_orders: {
    id: Generated<number>
    order_id: string
    agent: string
    act: string
    reason: string
    account: string
    at: number
  }
  isolation_effects: {
    id: Generated<number>
    agent: string
    order_id: string | null
    said: string
    failed: string | null
    cause: string
    epoch: string
    seq: number
    wall_ms: number
    at: number
  }
  /** How it stands now. */
  isolations: {
    agent: string
    order_id: string
    act: string
    state: string
    reason: string
    ordered_by: string
    ordered_at: number
    effect_at: number | null
    detail: string | null
    is_pending: number
    sends: number
  }
  counters: { name: string; value: number }
}
