/** What lies beside a violation: attached files, and statements of whoever sat at the computer. On SQLite. */
import type { RawText } from '@shoukou/protocol'
import type { Selectable } from 'kysely'
import type { AttachmentRow, HandlingStore, StatementRequestRow, StatementRow } from '../handling-ports.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'

type Part = Pick<
  HandlingStore,
  | 'addAttachment'
  | 'attachments'
  | 'attachment'
  | 'addStatementRequest'
  | 'statementRequests'
  | 'statementRequest'
  | 'openStatementRequests'
  | 'addStatement'
  | 'statements'
>

const attachmentFields = [
  'id',
  'violation',
  'at',
  'account',
  'name',
  'type',
  'bytes',
  'hash',
  'note',
] as const
/** Those of one violation that are read at once; the workflow adds no more than it allows. */
const papersMax = 200

export function handlingPapersIn({ query }: OpenDatabase): Part {
  const selectRequests = () =>
    query
      .selectFrom('statement_requests')
      .leftJoin('statements', 'statements.request', 'statement_requests.id')
      .selectAll('statement_requests')
      .select('statements.at as answered_at')

  return {
    async addAttachment({ name, ...attachment }, content) {
      const row = await query
        .insertInto('violation_attachments')
        .values({ ...attachment, name: JSON.stringify(name), content })
        .onConflict((c) => c.columns(['violation', 'hash']).doNothing())
        .returning(attachmentFields)
        .executeTakeFirst()
      return row === undefined ? null : attachmentRow(row)
    },
    async attachments(violation) {
      const rows = await query
        .selectFrom('violation_attachments')
        .select(attachmentFields)
        .where('violation', '=', violation)
        .orderBy('id')
        .limit(papersMax)
        .execute()
      return rows.map(attachmentRow)
    },
    async attachment(id) {
      const row = await query
        .selectFrom('violation_attachments')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : { row: attachmentRow(row), content: row.content }
    },
    async addStatementRequest(request) {
      const { violation, at, account, person, question, code, dueAt } = request
      const row = await query
        .insertInto('statement_requests')
        .values({ violation, at, account, person, question, code, due_at: dueAt })
        .onConflict((c) => c.column('code').doNothing())
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : requestRow({ ...row, answered_at: null })
    },
    async statementRequests(violation) {
      const rows = await selectRequests()
        .where('statement_requests.violation', '=', violation)
        .orderBy('statement_requests.id')
        .limit(papersMax)
        .execute()
      return rows.map(requestRow)
    },
    async statementRequest(code) {
      const row = await selectRequests().where('statement_requests.code', '=', code).executeTakeFirst()
      return row === undefined ? null : requestRow(row)
    },
    async openStatementRequests(department, limit) {
      let selected = selectRequests()
        .innerJoin('violations', 'violations.id', 'statement_requests.violation')
        .innerJoin('computers', 'computers.agent', 'violations.agent')
        .select('computers.number')
        .where('statements.id', 'is', null)
      if (department !== undefined) selected = selected.where('computers.department', '=', department)
      const rows = await selected
        .orderBy('statement_requests.due_at')
        .orderBy('statement_requests.id')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ ...requestRow(row), number: row.number }))
    },
    async addStatement({ writtenAt, ...statement }) {
      const row = await query
        .insertInto('statements')
        .values({ ...statement, written_at: writtenAt })
        .onConflict((c) => c.column('request').doNothing())
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : statementRow(row)
    },
    async statements(violation) {
      const rows = await query
        .selectFrom('statements')
        .selectAll()
        .where('violation', '=', violation)
        .orderBy('id')
        .limit(papersMax)
        .execute()
      return rows.map(statementRow)
    },
  }
}

function attachmentRow(row: Omit<Selectable<Tables['violation_attachments']>, 'content'>): AttachmentRow {
  return {
    id: Number(row.id),
    violation: Number(row.violation),
    at: Number(row.at),
    account: row.account,
    name: JSON.parse(row.name) as RawText,
    type: row.type,
    bytes: Number(row.bytes),
    hash: row.hash,
    note: row.note,
  }
}

function requestRow(
  row: Selectable<Tables['statement_requests']> & { readonly answered_at: number | null },
): StatementRequestRow {
  const { id, violation, at, account, person, question, code, due_at: dueAt, answered_at: answered } = row
  return {
    ...{ id: Number(id), violation: Number(violation), at: Number(at), dueAt: Number(dueAt) },
    ...{ account, person, question, code },
    answeredAt: answered === null ? null : Number(answered),
  }
}

function statementRow(row: Selectable<Tables['statements']>): StatementRow {
  return {
    id: Number(row.id),
    request: Number(row.request),
    violation: Number(row.violation),
    at: Number(row.at),
    writer: row.writer,
    writtenAt: Number(row.written_at),
    account: row.account,
    text: row.text,
  }
}
