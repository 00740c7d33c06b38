/**
 * How a violation stands when it is added: what it is about, whether it repeats another one, whether an exception allows it.
 * In the transaction that adds it. On SQLite.
 */
import type { DatabaseSync } from 'node:sqlite'
import { isGraver, violationSubject, type Weighed } from '@shoukou/protocol'
import { REPEAT_WINDOW_MS } from '../handling-ports.ts'
import type { NewViolation } from '../ports.ts'

export type Stand = (
  id: number,
  violation: NewViolation & { readonly agent: string },
  receivedAt: number,
) => void

/**
 * What an exception covers: what lasts, while it is in force; what happened once, where it happened and arrived in its
 * time. A computer's clock alone proves neither. What is worse than what it was made from is not covered: nobody allowed that.
 */
export function standingWriter(connection: DatabaseSync): Stand {
  const exception = connection.prepare(
    'select x.id, v.severity, v.level, v.evidence from exceptions x join violations v on v.id = x.violation where x.agent = ? and x.type = ? and x.subject = ? and x.from_ms <= ? and x.from_ms <= ? and x.until_ms > ? and not exists (select 1 from exception_ends where exception = x.id) order by x.until_ms desc',
  )
  const alike = connection.prepare(
    "select id from violations where agent = ? and type = ? and alike = ? and alike is not null and place is not null and last_at between ? and ? and state = 'detected' and severity = ? and level = ? and exception is ? order by last_at desc, id desc limit 1",
  )
  const stand = connection.prepare(
    'update violations set subject = ?, alike = ?, exception = ?, repeat_of = ?, place = ?, last_at = ?, assignee = (select assignee from violations l where l.id = ?) where id = ?',
  )
  const repeat = connection.prepare(
    'update violations set repeats = repeats + 1, last_at = max(last_at, ?), place = ? where id = ?',
  )
  return (id, violation, receivedAt) => {
    const { agent, type, occurredAt, severity, level } = violation
    const evidence: unknown = JSON.parse(violation.evidence)
    const about = violationSubject(type, evidence)
    const began = violation.lasting === undefined ? occurredAt : receivedAt
    const allowed =
      about.subject === null
        ? undefined
        : exception
            .all(agent, type, about.subject, began, receivedAt, receivedAt)
            .find((made) => !isGraver({ severity, level, evidence }, weighed(made)))
    const exceptionId = allowed === undefined ? null : Number(allowed['id'])
    const since = receivedAt - REPEAT_WINDOW_MS
    const first =
      about.alike === null
        ? undefined
        : alike.get(agent, type, about.alike, since, receivedAt, severity, level, exceptionId)
    const lead = first === undefined ? null : Number(first['id'])
    const place = lead === null ? id : null
    stand.run(about.subject, about.alike, exceptionId, lead, place, receivedAt, lead, id)
    if (lead !== null) repeat.run(receivedAt, id, lead)
  }
}

/** A violation's row, or one that has its columns. */
export function weighed(row: Readonly<Record<string, unknown>>): Weighed {
  const { severity, level, evidence } = row
  return {
    severity: String(severity),
    level: String(level),
    evidence: JSON.parse(String(evidence)) as unknown,
  }
}
