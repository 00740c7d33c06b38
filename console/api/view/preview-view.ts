/** A preview of a file, as the API answers it. */
import type { SheetPreview } from '../../workflows/sheets/previews.ts'
import type { ImportPreview } from '../contract-sheets.ts'

export function previewView(preview: SheetPreview): ImportPreview {
  return {
    ...preview,
    faults: preview.faults.map((one) => ({ ...one })),
    sample: preview.sample.map(({ cells, ...one }) => ({
      ...one,
      cells: cells.map((cell) => ({ ...cell })),
    })),
    notes: { ...preview.notes },
  }
}
