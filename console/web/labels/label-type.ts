/** How large the letters are on each size of label, and how much room its columns have. Millimetres and points. Pure. */
import {
  fitNumber,
  fitText,
  type LabelContent,
  type LabelType,
  lineWidth,
  wrapText,
} from '../../ledger/label-content.ts'
import type { LabelSizeKey } from '../../ledger/label-layout.ts'

export interface SizeType extends LabelType {
  readonly unitPt: number
  /** Above text and code. */
  readonly unitMm: number
  /** Beside the number's first. */
  readonly linesMax: number
}

/** `styles/labels.css` gives the same measures to the boxes. */
export const LABEL_TYPES: Readonly<Record<LabelSizeKey, SizeType>> = {
  'single-50x30': { numberPt: 11, textPt: 6.5, textMm: 21.5, unitPt: 6.5, unitMm: 36.5, linesMax: 5 },
  'single-70x40': { numberPt: 15, textPt: 8.5, textMm: 31, unitPt: 8.5, unitMm: 52, linesMax: 5 },
  'sheet-3x8': { numberPt: 14, textPt: 8, textMm: 29.5, unitPt: 8, unitMm: 48.5, linesMax: 5 },
  'sheet-2x7': { numberPt: 19, textPt: 9.5, textMm: 52, unitPt: 9.5, unitMm: 74, linesMax: 4 },
}

export interface LabelTexts {
  readonly unit: string
  readonly number: ReturnType<typeof fitNumber>
  readonly lines: readonly string[]
  /** Something is left out, and … stands for it. */
  readonly isCut: boolean
}

/** Returns what of a label's texts stands on it. */
export function labelTexts(size: LabelSizeKey, label: LabelContent, unit: string): LabelTexts {
  const type = LABEL_TYPES[size]
  const line = lineWidth(type, type.textPt)
  const number = fitNumber(label.number, type)
  const room = type.linesMax - (number.lines.length - 1)
  const custodian = wrapText(label.custodian === '' ? '' : `责任人 ${label.custodian}`, line, 2)
  const department = wrapText(label.department, line, 1)
  // Who answers for it comes first; what it is takes the lines that are left.
  const left = room - custodian.lines.length - department.lines.length
  const name =
    left < 1 ? { lines: [], isCut: label.name !== '' } : wrapText(label.name, line, Math.min(2, left))
  const head = fitText(unit, lineWidth({ textMm: type.unitMm }, type.unitPt))
  return {
    unit: head.text,
    number,
    lines: [...name.lines, ...custodian.lines, ...department.lines],
    isCut: [head, name, custodian, department].some(({ isCut }) => isCut),
  }
}
