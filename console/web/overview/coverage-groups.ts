/** How well computers are watched, worst first, and the ring that shows it: pure. */
import type { Computer } from '../../api/contract.ts'

export type WatchState = Computer['watch']['state']
export const watchStates = ['broken', 'unproven', 'proven'] as const satisfies readonly WatchState[]

export interface RingArc {
  readonly state: WatchState
  readonly path: string
}

/**
 * Returns the arcs of a ring of radius 1 around 0,0, from the top, clockwise, in the order of `watchStates`. A group of
 * one among thousands still gets an arc that can be seen.
 */
export function arcsOf(counts: Readonly<Record<WatchState, number>>, inner: number): RingArc[] {
  const present = watchStates.filter((state) => counts[state] > 0)
  const total = present.reduce((sum, state) => sum + counts[state], 0)
  if (total === 0) return []
  if (present.length === 1 && present[0] !== undefined) return [{ state: present[0], path: wholeRing(inner) }]
  const shares = present.map((state) => Math.max(counts[state] / total, 0.02))
  const sum = shares.reduce((all, share) => all + share, 0)
  let from = 0
  return present.map((state, at) => {
    const to = from + (shares[at] ?? 0) / sum
    const path = arc(from, to, inner)
    from = to
    return { state, path }
  })
}

function arc(from: number, to: number, inner: number): string {
  const isLarge = to - from > 0.5 ? 1 : 0
  const [x1, y1] = onCircle(from)
  const [x2, y2] = onCircle(to)
  const at = (x: number, y: number) => `${round(x * inner)} ${round(y * inner)}`
  return `M${round(x1)} ${round(y1)}A1 1 0 ${isLarge} 1 ${round(x2)} ${round(y2)}L${at(x2, y2)}A${inner} ${inner} 0 ${isLarge} 0 ${at(x1, y1)}Z`
}

function wholeRing(inner: number): string {
  return `M0-1A1 1 0 1 1 0 1A1 1 0 1 1 0-1ZM0-${inner}A${inner} ${inner} 0 1 0 0 ${inner}A${inner} ${inner} 0 1 0 0-${inner}Z`
}

function onCircle(turn: number): readonly [number, number] {
  const angle = turn * 2 * Math.PI - Math.PI / 2
  return [Math.cos(angle), Math.sin(angle)]
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
