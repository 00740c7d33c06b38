/** Numbers that no longer exist here, and whether the journal has said so: `gaps.json` of an epoch. */
import { RawTextSchema, rawTextOf } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { stateFile } from '../base/state-file.ts'

const seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

const GapSchema = Type.Object(
  {
    reason: Type.Union([
      Type.Literal('segment-damaged'),
      Type.Literal('segment-missing'),
      Type.Literal('chain-mismatch'),
    ]),
    firstSeq: seq,
    lastSeq: seq,
    /** The file where the damaged bytes are kept. */
    setAside: Type.Union([RawTextSchema, Type.Null()]),
    /** A `journal.gap` record about it is in the journal, synced. */
    isDeclared: Type.Boolean(),
  },
  { additionalProperties: false },
)
export type Gap = Static<typeof GapSchema>

export const gapsFile = stateFile(
  Type.Object({ v: Type.Literal(1), gaps: Type.Array(GapSchema) }, { additionalProperties: false }),
)

export interface Hole {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly reason: Gap['reason']
  readonly setAside: string | null
}

/** Returns the parts of the holes that no known gap covers, as new gaps. Pure. */
export function newGaps(holes: readonly Hole[], known: readonly Gap[]): Gap[] {
  return holes.flatMap((hole) =>
    subtract(hole, known).map((part) => ({
      reason: hole.reason,
      firstSeq: part.firstSeq,
      lastSeq: part.lastSeq,
      setAside: hole.setAside === null ? null : rawTextOf(Buffer.from(hole.setAside)),
      isDeclared: false,
    })),
  )
}

interface Range {
  readonly firstSeq: number
  readonly lastSeq: number
}

function subtract(hole: Range, known: readonly Range[]): Range[] {
  let parts: Range[] = [{ firstSeq: hole.firstSeq, lastSeq: hole.lastSeq }]
  for (const gap of known) {
    parts = parts.flatMap((part) => {
      if (gap.lastSeq < part.firstSeq || gap.firstSeq > part.lastSeq) return [part]
      const left: Range[] = []
      if (part.firstSeq < gap.firstSeq) left.push({ firstSeq: part.firstSeq, lastSeq: gap.firstSeq - 1 })
      if (part.lastSeq > gap.lastSeq) left.push({ firstSeq: gap.lastSeq + 1, lastSeq: part.lastSeq })
      return left
    })
  }
  return parts
}
