/** The tables of forwarding and of backups as Kysely sees them; part of `schema.ts`. */
import type { Generated } from 'kysely'

export interface ForwardTables {
  forward_targets: {
    id: string
    name: string
    kind: string
    settings: string
    secrets: string
    content: string
    language: string
    events: string
    severities: string
    types: string
    is_paused: number
    version: number
    created_at: number
    created_by: string
  }
  forward_progress: {
    target: string
    cursor: number
    sequence: number
    planned_to: number | null
    last_hash: string | null
    sent: number
    last_sent_at: number | null
    last_answer: string | null
    failure: string | null
    failed_at: number | null
    failures: number
    next_try_at: number | null
  }
  forward_events: {
    id: Generated<number>
    at: number
    kind: string
    agent: string | null
    ref: number | null
    severity: string | null
    type: string | null
    body: string | null
  }
  /** The state that was told last, by computer. */
  forward_watch: { agent: string; state: string }
}

export interface KeepingTables {
  keeping_settings: {
    id: number
    version: number
    daily: string | null
    folder: string | null
    age_hours_max: number
    sealing: string | null
    retention_years: number
  }
  backups: {
    id: Generated<number>
    started_at: number
    ended_at: number
    by: string
    place: string
    bytes: number
    failure: string | null
    manifest: string | null
  }
}
