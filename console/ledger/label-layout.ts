/**
 * Where labels stand on what they are printed on, in millimetres from the upper left corner. Pure.
 *
 * Sheets are those sold as 24 labels of 70 × 37 mm and 14 labels of 99.1 × 38.1 mm on A4. A sheet that was begun is used up:
 * the first label goes to a place of its own.
 */
export interface LabelSheet {
  readonly columns: number
  readonly rows: number
  /** Of the first label. */
  readonly leftMm: number
  readonly topMm: number
  /** From one label to the next. */
  readonly stepXMm: number
  readonly stepYMm: number
}

export interface LabelSize {
  readonly key: 'single-50x30' | 'single-70x40' | 'sheet-3x8' | 'sheet-2x7'
  readonly widthMm: number
  readonly heightMm: number
  /** Null: a label printer, one label a page. */
  readonly sheet: LabelSheet | null
}

export const LABEL_SIZES: readonly LabelSize[] = [
  { key: 'single-50x30', widthMm: 50, heightMm: 30, sheet: null },
  { key: 'single-70x40', widthMm: 70, heightMm: 40, sheet: null },
  {
    key: 'sheet-3x8',
    widthMm: 70,
    heightMm: 37,
    sheet: { columns: 3, rows: 8, leftMm: 0, topMm: 0.5, stepXMm: 70, stepYMm: 37 },
  },
  {
    key: 'sheet-2x7',
    widthMm: 99.1,
    heightMm: 38.1,
    sheet: { columns: 2, rows: 7, leftMm: 4.65, topMm: 15.15, stepXMm: 101.6, stepYMm: 38.1 },
  },
]
export type LabelSizeKey = LabelSize['key']
export const LABEL_SIZE_KEYS = ['single-50x30', 'single-70x40', 'sheet-3x8', 'sheet-2x7'] as const
/** A4. */
export const SHEET_WIDTH_MM = 210
export const SHEET_HEIGHT_MM = 297
/** Labels of one printing. */
export const LABELS_MAX = 200

export interface LabelPlace {
  /** Which of the labels: 0 is the first. */
  readonly label: number
  readonly leftMm: number
  readonly topMm: number
}

/** Returns a size by its name; null where there is none. */
export function labelSize(key: string): LabelSize | null {
  return LABEL_SIZES.find((one) => one.key === key) ?? null
}

/** Returns how many labels a page holds. */
export function labelsPerPage({ sheet }: LabelSize): number {
  return sheet === null ? 1 : sheet.columns * sheet.rows
}

/** Returns a first place that the sheet has: `start` counts from 1, row by row. */
export function startWithin(size: LabelSize, start: number): number {
  return Number.isInteger(start) ? Math.min(Math.max(start, 1), labelsPerPage(size)) : 1
}

/** Returns the pages and what stands where; `start` is the first free place of the first sheet. */
export function placeLabels(
  size: LabelSize,
  count: number,
  start: number,
): readonly (readonly LabelPlace[])[] {
  const perPage = labelsPerPage(size)
  const skipped = startWithin(size, start) - 1
  const pages: LabelPlace[][] = []
  for (let label = 0; label < count; label++) {
    const at = skipped + label
    const page = Math.floor(at / perPage)
    const places = (pages[page] ??= [])
    places.push({ label, ...placeAt(size, at % perPage) })
  }
  return pages
}

/** Returns the place after the last label on the last sheet, from 1; 1 where it is full. */
export function nextStart(size: LabelSize, count: number, start: number): number {
  return ((startWithin(size, start) - 1 + count) % labelsPerPage(size)) + 1
}

function placeAt({ sheet }: LabelSize, at: number): { readonly leftMm: number; readonly topMm: number } {
  if (sheet === null) return { leftMm: 0, topMm: 0 }
  const { columns, leftMm, topMm, stepXMm, stepYMm } = sheet
  return {
    leftMm: hundredths(leftMm + (at % columns) * stepXMm),
    topMm: hundredths(topMm + Math.floor(at / columns) * stepYMm),
  }
}

function hundredths(mm: number): number {
  return Math.round(mm * 100) / 100
}
