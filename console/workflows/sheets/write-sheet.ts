/** Writes small spreadsheets as a whole: templates. Every cell is text, whatever it begins with. Long tables are `export-table.ts`. */
import { type WriteSheet, writeXlsx } from 'hucre/xlsx'

/** Writes one sheet of texts. */
export async function writeSheet(
  name: string,
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): Promise<Uint8Array> {
  return writeSheets([{ name, rows, widths }])
}

export interface SheetOfTexts {
  readonly name: string
  readonly rows: readonly (readonly string[])[]
  readonly widths: readonly number[]
  /** By column: the texts that its cells are chosen from. */
  readonly choices?: readonly (readonly string[] | null)[]
}

/** Writes several sheets of texts; the first row of each stays in sight. */
export async function writeSheets(sheets: readonly SheetOfTexts[]): Promise<Uint8Array> {
  return writeXlsx({ sheets: sheets.map(sheetOf) })
}

/** A list in a cell's validation has so many characters at most (ECMA-376, 18.3.1.33, as programs keep it). */
const listCharactersMax = 255
const chosenRows = 2_000

function sheetOf({ name, rows, widths, choices = [] }: SheetOfTexts): WriteSheet {
  const dataValidations = choices.flatMap((values, at) => {
    if (values === null || values.join(',').length > listCharactersMax) return []
    const column = String.fromCharCode(65 + (at % 26))
    const letters = at < 26 ? column : `${String.fromCharCode(64 + Math.floor(at / 26))}${column}`
    return [{ type: 'list' as const, range: `${letters}2:${letters}${chosenRows}`, values: [...values] }]
  })
  return {
    name,
    columns: widths.map((width) => ({ width })),
    rows: rows.map((row) => [...row]),
    freezePane: { rows: 1 },
    dataValidations,
  }
}
