/** A trace as a parser finds it, and the small steps that all parsers share. Pure. */
import { type RawText, rawTextOf, type Trace } from '@shoukou/protocol'
import { HISTORY_LIMITS } from './history-limits.ts'

/** What a parser says: where it stands is added by whoever read the file. */
export interface FoundTrace {
  readonly kind: Trace['kind']
  /** One character per byte (Latin-1). */
  readonly text: string
  readonly interfaceName?: string | null
  readonly peer?: string | null
  /** By the source's own clock; null or absent where it does not say: then the file's time is taken. */
  readonly firstWallMs?: number | null
  readonly lastWallMs?: number | null
  readonly certainty: Trace['certainty']
}

export interface TracePlace {
  readonly source: string
  readonly path: string | null
  /** When the file was written; null for a stream. */
  readonly writtenMs: number | null
}

/** Returns the trace as the protocol wants it. */
export function traceOf(found: FoundTrace, place: TracePlace): Trace {
  const first = wallMs(found.firstWallMs ?? found.lastWallMs ?? place.writtenMs)
  const last = wallMs(found.lastWallMs ?? found.firstWallMs ?? place.writtenMs)
  return {
    kind: found.kind,
    source: place.source,
    path: place.path === null ? null : textOf(place.path),
    text: textOf(found.text),
    interfaceName: found.interfaceName ? textOf(found.interfaceName) : null,
    peer: peerOf(found.peer ?? null),
    firstWallMs: first === null || last === null ? first : Math.min(first, last),
    lastWallMs: first === null || last === null ? last : Math.max(first, last),
    certainty: found.certainty,
  }
}

/** Keeps the bytes as they are: text where they are UTF-8, cut between characters where they are too many. */
export function textOf(latin1: string): RawText {
  const bytes = Buffer.from(latin1, 'latin1')
  const limit = HISTORY_LIMITS.textBytesMax
  if (bytes.length <= limit) return rawTextOf(bytes)
  const end = [limit, limit - 1, limit - 2].find((at) => ((bytes[at] ?? 0) & 0xc0) !== 0x80) ?? limit
  return rawTextOf(bytes.subarray(0, end))
}

/** An address or host name of the source's own; what could not be one is left out. */
function peerOf(peer: string | null): string | null {
  return peer !== null && /^[0-9A-Za-z][0-9A-Za-z.:%_-]{0,63}$/.test(peer) ? peer : null
}

function wallMs(value: number | null): number | null {
  if (value === null || !Number.isFinite(value) || value <= 0) return null
  return Number.isSafeInteger(Math.round(value)) ? Math.round(value) : null
}
