/** Spreadsheets in and out, as the API speaks of them: what a file would do, what it did, what an export takes. Part of the contract. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const id = Type.String({ minLength: 1, maxLength: 64 })

// POST /api/media/import, POST /api/registers/:kind/import (body: .xlsx or .csv, base64)
export const ImportRequestSchema = Type.Object(
  { name: Type.String({ maxLength: 200 }), file: Type.String({ maxLength: 6_000_000 }) },
  closed,
)
export type ImportRequest = Static<typeof ImportRequestSchema>
export const ImportFaultSchema = Type.Object(
  {
    /** As the spreadsheet counts: the header is row 1. */
    row: count,
    column: Type.String(),
    /** What stands there. */
    value: Type.String(),
    /** `console/workflows/sheets/cells.ts` and the table's own: each has words and a remedy on the page. */
    code: Type.String(),
  },
  closed,
)
export type ImportFault = Static<typeof ImportFaultSchema>
export const ImportPreviewSchema = Type.Object(
  {
    id,
    rows: count,
    added: count,
    changed: count,
    unchanged: count,
    /** Every faulty cell. While there is one, nothing can be confirmed. */
    faults: Type.Array(ImportFaultSchema),
    badRows: count,
    /** Rows that would be written, those that change an entry first; no more than can be read. */
    sample: Type.Array(
      Type.Object(
        {
          row: count,
          /** Empty: given by the console. */
          number: Type.String(),
          act: Type.Enum(['add', 'change']),
          cells: Type.Array(
            Type.Object(
              { column: Type.String(), before: nullable(Type.String()), after: Type.String() },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
    /** What a reader of the file may not have seen. */
    notes: Type.Object(
      {
        sheet: nullable(Type.String()),
        encoding: nullable(Type.String()),
        hiddenRows: count,
        hiddenColumns: count,
        otherSheets: count,
        hiddenSheets: count,
      },
      closed,
    ),
  },
  closed,
)
export type ImportPreview = Static<typeof ImportPreviewSchema>

// POST …/import/:id/confirm
export const ImportConfirmSchema = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 300 }) },
  closed,
)
export const ImportDoneSchema = Type.Object(
  { added: count, changed: count, unchanged: count, firstNumber: Type.String(), lastNumber: Type.String() },
  closed,
)
export type ImportDone = Static<typeof ImportDoneSchema>

// GET /api/export/… : beside the filter of the list itself
export const exportQuery = {
  format: Type.Optional(Type.Enum(['xlsx', 'csv'])),
  language: Type.Optional(Type.Enum(['zh-CN', 'en'])),
  /** Comma-separated, in order; left out: all of the table's. */
  columns: Type.Optional(Type.String({ maxLength: 2_000 })),
}
