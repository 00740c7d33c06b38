/** Exports: what a list shows, as a file. One route a table, all by one mechanism; that it was asked for is noted first. */
import { Type } from 'typebox'
import {
  chosenColumns,
  type ExportFormat,
  exportTable,
  refuseTooMany,
} from '../../workflows/sheets/export-table.ts'
import type { NoteAction } from '../action-note.ts'
import { exportQuery } from '../contract-sheets.ts'
import { demonstrationColumn } from '../demonstration.ts'
import type { ExportTable } from '../export/table.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { scopeOf } from '../scope.ts'
import { mayReadViolations } from './computers.ts'

export const SHEET_TYPES: Readonly<Record<ExportFormat, string>> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
}
/** Of a page of the list, and of no export. */
const pageParameters = new Set(['after', 'before', 'limit'])
const detailMax = 500

interface ExportQuery {
  readonly format?: ExportFormat
  readonly language?: 'zh-CN' | 'en'
  readonly columns?: string
}

export function registerExports(
  api: Api,
  {
    tables,
    note,
    isDemonstration = false,
  }: {
    readonly tables: readonly ExportTable[]
    readonly note: NoteAction
    readonly isDemonstration?: boolean
  },
): void {
  for (const table of tables) {
    const own = Object.fromEntries(Object.entries(table.query).filter(([name]) => !pageParameters.has(name)))
    api.get(
      `/api/export/${table.name}`,
      {
        config: { access: table.access, scope: 'filtered' },
        schema: {
          summary: `${table.words.en}: what the filter finds, as .xlsx or CSV, in the reader’s language`,
          querystring: Type.Object({ ...own, ...exportQuery }, { additionalProperties: false }),
        },
      },
      async (request, reply) => {
        const asked = request.query as ExportQuery & Record<string, unknown>
        const { format = 'xlsx', language: tag = 'zh-CN', columns: keys, ...query } = asked
        const language = tag === 'en' ? 'en' : 'zh'
        const columns = chosenColumns(table.columns(language), keys)
        const { count, pages } = await table.find({
          ...{ query, language, scope: scopeOf(request), account: signedInOf(request).account.name },
          mayReadViolations: mayReadViolations(request),
        })
        refuseTooMany(count)
        const words = new URLSearchParams()
        for (const [name, value] of Object.entries(query)) words.set(name, String(value))
        await note(request, {
          action: 'table-export',
          object: table.name,
          detail: `${count} rows, ${format}, ${words.toString()}`.slice(0, detailMax),
        })
        return reply
          .type(SHEET_TYPES[format])
          .header('content-disposition', `attachment; filename="${table.name}.${format}"`)
          .send(
            exportTable(format, {
              name: table.words[language],
              columns: isDemonstration ? [...columns, demonstrationColumn(language)] : columns,
              pages: pages as AsyncIterable<never[]>,
            }),
          )
      },
    )
  }
}
