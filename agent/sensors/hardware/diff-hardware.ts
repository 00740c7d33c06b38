/** Two looks at the hardware to what happened in between. Pure. */
import type { Hardware } from '@shoukou/protocol'
import type { HardwarePiece } from './hardware-piece.ts'

export type HardwareChange =
  | { readonly kind: 'found'; readonly after: HardwarePiece }
  | { readonly kind: 'gone'; readonly before: HardwarePiece }
  | { readonly kind: 'changed'; readonly before: HardwarePiece; readonly after: HardwarePiece }

/** Pieces by instance. */
export type KnownPieces = ReadonlyMap<string, HardwarePiece>

export function piecesByInstance(pieces: readonly HardwarePiece[]): Map<string, HardwarePiece> {
  return new Map(pieces.map((piece) => [piece.instance, piece]))
}

/** Returns what went, then what changed and what came: a re-plug reads in the order in which it happened. */
export function diffHardware(before: KnownPieces, after: KnownPieces): HardwareChange[] {
  const gone: HardwareChange[] = []
  const rest: HardwareChange[] = []
  for (const [instance, piece] of before) if (!after.has(instance)) gone.push({ kind: 'gone', before: piece })
  for (const [instance, piece] of after) {
    const earlier = before.get(instance)
    if (earlier === undefined) rest.push({ kind: 'found', after: piece })
    else if (marksOf(earlier.hardware) !== marksOf(piece.hardware))
      rest.push({ kind: 'changed', before: earlier, after: piece })
  }
  return [...gone, ...rest]
}

/**
 * What makes a change worth a record. Names of nodes are left out, for any program may rename an interface ten times a
 * second; what a Bluetooth radio is paired with counts.
 */
function marksOf(hardware: Hardware): string {
  const { names, ...rest } = hardware
  return JSON.stringify([rest, hardware.kind === 'bluetooth' ? names : null])
}
