/** Registered media as the pages see them. Pure. */
import type { MediumKind } from '../../ledger/medium-details.ts'
import type { MediumEventRow, MediumRow } from '../../store/media-ports.ts'
import type { MediumEvent, MediumItem, MediumSighting } from '../contract-media.ts'

/** Returns a medium with where it was seen last; `last` null: never. */
export function mediumView(row: MediumRow, last: Pick<MediumSighting, 'at' | 'computer'> | null): MediumItem {
  return {
    number: row.number,
    level: row.level,
    kind: row.kind as MediumKind,
    custodian: row.custodian,
    department: row.department,
    computers: row.computers === null ? null : [...row.computers],
    users: row.users === null ? null : [...row.users],
    right: row.right,
    validFromMs: row.validFromMs,
    validUntilMs: row.validUntilMs,
    note: row.note,
    state: row.state,
    version: row.version,
    registeredAt: row.registeredAt,
    registeredBy: row.registeredBy,
    passport: row.passport,
    sealId: row.seal?.id ?? null,
    sealWrittenAt: row.sealWrittenAt,
    dueBackMs: row.dueBackMs,
    lastSeenAt: last?.at ?? null,
    lastSeenComputer: last?.computer ?? null,
  }
}

export function mediumEventView({ at, account, kind, changes, reason }: MediumEventRow): MediumEvent {
  return { at, account, kind, changes, reason }
}
