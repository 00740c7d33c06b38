/** Printed labels and forms. On SQLite, in the thread that opened it. */
import { ShoukouError } from '@shoukou/protocol'
import type { Selectable } from 'kysely'
import type { NumberStem } from '../ledger-ports.ts'
import { plainLedgerNumber } from '../ledger-text.ts'
import type { FullPrint, NewRun, PrintItem, PrintRow, PrintStore } from '../print-ports.ts'
import type { PrintTables } from '../print-schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

const listedItemsMax = 4
const runsMax = 200

export function printsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): PrintStore {
  const add = connection.prepare(
    'insert into prints (what, number, number_plain, content, at, account) values (?, ?, ?, ?, ?, ?) returning id',
  )
  const addRun = connection.prepare(
    'insert into print_runs (print, at, account, person, reason) values (?, ?, ?, ?, ?) returning id',
  )
  const addItem = connection.prepare(
    'insert into print_items (run, place, print, is_label, kind, number, number_plain, copy) values (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const labels = connection.prepare(
    'select count(*) as n from print_items where kind = ? and number_plain = ? and is_label = 1',
  )
  const runs = connection.prepare('select count(*) as n from print_runs where print = ?')
  const whatOf = connection.prepare('select what from prints where id = ?')
  const itemsOf = connection.prepare(
    'select kind, number from print_items where run = (select min(id) from print_runs where print = ?) order by place',
  )
  const taken = connection.prepare('select 1 from prints where number_plain = ?')
  const counted = connection.prepare(
    'insert into print_counts (before, after, last) values (?, ?, 1) on conflict (before, after) do update set last = last + 1 returning last',
  )

  const numberOf = (stem: NumberStem): string => {
    for (;;) {
      const last = Number(counted.get(stem.before, stem.after)?.['last'])
      const number = `${stem.before}${String(last).padStart(stem.digits, '0')}${stem.after}`
      if (taken.get(plainLedgerNumber(number)) === undefined) return number
    }
  }
  /** Within a transaction. A label's copies are counted by entry, a form's by the form. */
  const run = (id: number, what: string, items: readonly PrintItem[], one: NewRun): void => {
    const isLabel = what === 'labels'
    const row = addRun.get(id, one.at, one.account, one.person, one.reason)
    const copyOfForm = Number(runs.get(id)?.['n'])
    for (const [place, { kind, number }] of items.entries()) {
      const plain = plainLedgerNumber(number)
      const copy = isLabel ? Number(labels.get(kind, plain)?.['n']) + 1 : copyOfForm
      addItem.run(...[Number(row?.['id']), place, id], isLabel ? 1 : 0, kind, number, plain, copy)
    }
  }

  const full = async (print: PrintRow | null): Promise<FullPrint | null> => {
    if (print === null) return null
    const [of, items, returns] = await Promise.all([
      query
        .selectFrom('print_runs')
        .selectAll()
        .where('print', '=', print.id)
        .orderBy('id')
        .limit(runsMax)
        .execute(),
      query
        .selectFrom('print_items')
        .select(['run', 'kind', 'number', 'copy'])
        .where('print', '=', print.id)
        .orderBy('run')
        .orderBy('place')
        .execute(),
      query
        .selectFrom('print_returns')
        .select(['at', 'account', 'place'])
        .where('print', '=', print.id)
        .orderBy('id')
        .execute(),
    ])
    return {
      print,
      returns,
      runs: of.map(({ id, at, account, person, reason }) => ({
        ...{ id, at, account, person, reason },
        items: items
          .filter((one) => one.run === id)
          .map(({ kind, number, copy }) => ({ kind, number, copy: Number(copy) })),
      })),
    }
  }
  const byId = async (id: number): Promise<FullPrint | null> => {
    const row = await query.selectFrom('prints').selectAll().where('id', '=', id).executeTakeFirst()
    return full(row === undefined ? null : printRow(row))
  }
  const known = async (id: number): Promise<FullPrint> => {
    const found = await byId(id)
    if (found === null) throw new ShoukouError('not-found', 'Nothing was printed under this number.')
    return found
  }

  return {
    async addPrint({ what, content, stem }, items, one) {
      const id = ingest.transaction(() => {
        const number = stem === null ? null : numberOf(stem)
        const plain = number === null ? null : plainLedgerNumber(number)
        const made = Number(add.get(what, number, plain, content, one.at, one.account)?.['id'])
        run(made, what, items, one)
        return made
      })
      return known(id)
    },
    async addPrintRun(id, one) {
      ingest.transaction(() => {
        const items = itemsOf.all(id) as unknown as PrintItem[]
        run(id, String(whatOf.get(id)?.['what']), items, one)
      })
      return known(id)
    },
    async addPrintReturn(id, { at, account, place }) {
      await query.insertInto('print_returns').values({ print: id, at, account, place }).execute()
    },
    print: byId,
    async printOfForm(number) {
      const row = await query
        .selectFrom('prints')
        .selectAll()
        .where('number_plain', '=', plainLedgerNumber(number))
        .executeTakeFirst()
      return full(row === undefined ? null : printRow(row))
    },
    async prints({ of, beforeId, limit }) {
      let selected = query.selectFrom('prints').select(['id', 'what', 'number', 'at', 'account'])
      if (beforeId !== undefined) selected = selected.where('id', '<', beforeId)
      if (of !== undefined)
        selected = selected.where('id', 'in', (e) =>
          e
            .selectFrom('print_items')
            .select('print')
            .where('kind', '=', of.kind)
            .where('number_plain', '=', plainLedgerNumber(of.number)),
        )
      const rows = await selected.orderBy('id', 'desc').limit(limit).execute()
      return Promise.all(
        rows.map(async (print) => {
          const items = itemsOf.all(print.id) as unknown as PrintItem[]
          const [last, back] = await Promise.all([
            query
              .selectFrom('print_runs')
              .select(({ fn }) => [fn.countAll<number>().as('n'), fn.max('at').as('at')])
              .where('print', '=', print.id)
              .executeTakeFirstOrThrow(),
            query.selectFrom('print_returns').select('id').where('print', '=', print.id).executeTakeFirst(),
          ])
          return {
            print,
            runs: Number(last.n),
            lastAt: Number(last.at),
            items: items.slice(0, listedItemsMax).map(({ kind, number }) => ({ kind, number })),
            itemsTotal: items.length,
            isReturned: back !== undefined,
          }
        }),
      )
    },
    async printingsOf({ kind, number }, limit) {
      const rows = await query
        .selectFrom('print_items as item')
        .innerJoin('print_runs as run', 'run.id', 'item.run')
        .innerJoin('prints as print', 'print.id', 'item.print')
        .select([
          'item.print',
          'item.copy',
          'print.what',
          'print.number',
          'run.at',
          'run.account',
          'run.reason',
        ])
        .where('item.kind', '=', kind)
        .where('item.number_plain', '=', plainLedgerNumber(number))
        .orderBy('run.id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        ...row,
        ...{ print: Number(row.print), copy: Number(row.copy), at: Number(row.at) },
      }))
    },
    async labelCopies(kind, numbers) {
      if (numbers.length === 0) return new Map()
      const rows = await query
        .selectFrom('print_items')
        .select(({ fn }) => ['number_plain', fn.countAll<number>().as('n')])
        .where('kind', '=', kind)
        .where('is_label', '=', 1)
        .where('number_plain', 'in', numbers.map(plainLedgerNumber))
        .groupBy('number_plain')
        .execute()
      const byPlain = new Map(rows.map((row) => [row.number_plain, Number(row.n)]))
      return new Map(
        numbers.flatMap((number) => {
          const n = byPlain.get(plainLedgerNumber(number))
          return n === undefined ? [] : [[number, n] as const]
        }),
      )
    },
  }
}

function printRow({ id, what, number, content, at, account }: Selectable<PrintTables['prints']>): PrintRow {
  return { id: Number(id), what, number, content, at: Number(at), account }
}
