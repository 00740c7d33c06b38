/** Drafts of report forms, each version kept, and when they were printed. On SQLite, in the thread that opened it. */
import type { ClockStore } from '../clock-ports.ts'
import type { OpenDatabase } from './database.ts'

type Part = Pick<ClockStore, 'leakForm' | 'addLeakForm' | 'addLeakFormPrint' | 'leakFormPrints'>

const printsShown = 50

export function leakFormsIn({ connection }: OpenDatabase): Part {
  const statements = {
    newest: connection.prepare('select * from leak_forms where violation = ? order by version desc limit 1'),
    // The version after the newest, or none.
    add: connection.prepare(
      'insert into leak_forms (violation, version, at, account, fields) select ?1, ?2, ?3, ?4, ?5 where ?2 = 1 + coalesce((select max(version) from leak_forms where violation = ?1), 0)',
    ),
    print: connection.prepare(
      'insert into leak_form_prints (violation, version, at, account) values (?, ?, ?, ?)',
    ),
    prints: connection.prepare(
      'select version, at, account from leak_form_prints where violation = ? order by id desc limit ?',
    ),
  }
  return {
    async leakForm(violation) {
      const row = statements.newest.get(violation)
      if (row === undefined) return null
      return {
        violation,
        version: Number(row['version']),
        at: Number(row['at']),
        account: String(row['account']),
        fields: String(row['fields']),
      }
    },
    async addLeakForm({ violation, version, at, account, fields }) {
      return Number(statements.add.run(violation, version, at, account, fields).changes) === 1
    },
    async addLeakFormPrint({ violation, version, at, account }) {
      statements.print.run(violation, version, at, account)
    },
    async leakFormPrints(violation) {
      return statements.prints.all(violation, printsShown).map((row) => ({
        version: Number(row['version']),
        at: Number(row['at']),
        account: String(row['account']),
      }))
    },
  }
}
