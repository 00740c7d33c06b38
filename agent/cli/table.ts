/** Aligned columns on a terminal, Chinese included: a wide character takes two cells (UAX #11). Pure. */
import { showRawText } from '@shoukou/protocol'

/** Returns text that cannot move the cursor or its direction. */
export function printable(text: string): string {
  return showRawText(text)
}

/** Returns how many cells a text takes on a terminal. */
export function cellsOf(text: string): number {
  let cells = 0
  for (const char of text) cells += widthOf(char.codePointAt(0) ?? 0)
  return cells
}

/** Returns rows as lines, each column as wide as its widest cell; the last one is not padded. */
export function alignColumns(rows: readonly (readonly string[])[], gap = '  '): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cellsOf(cell))
    })
  }
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - cellsOf(cell)),
      )
      .join(gap)
      .trimEnd(),
  )
}

/**
 * Folds a text into lines of at most `cells` cells: at spaces, and between wide characters. A longer word is cut.
 */
export function foldText(text: string, cells: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(/\s+|[\u0020-\u2fff]+?(?=\s|[\u3000-\uffff]|$)|./gsu) ?? []) {
    if (cellsOf(line + piece.trimEnd()) > cells && line !== '') {
      lines.push(line.trimEnd())
      line = piece.trimStart()
    } else line += piece
  }
  if (line.trim() !== '') lines.push(line.trimEnd())
  return lines
}

function widthOf(code: number): number {
  if (code >= 0x300 && code <= 0x36f) return 0
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  return isWide ? 2 : 1
}
