/** The span of a timeline in the address, and what zooming and moving make of it: pure. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export const spanMsMin = 1_000
export const spanMsMax = 366 * 86_400_000
const dayMs = 86_400_000

/** Steps of the buttons, the longest first. */
export const ZOOM_STEPS = [
  ['year', 365 * dayMs],
  ['month', 30 * dayMs],
  ['week', 7 * dayMs],
  ['day', dayMs],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** Returns the span that an address names; null where it names none that can be shown. */
export function spanOf(address: URLSearchParams): Span | null {
  const [fromMs, toMs] = [readMs(address.get('from')), readMs(address.get('to'))]
  if (fromMs === null || toMs === null || toMs - fromMs < spanMsMin || toMs - fromMs > spanMsMax) return null
  return { fromMs, toMs }
}

/** Returns a span that is `factor` as long; `anchorMs` stays where it is. */
export function zoomed({ fromMs, toMs }: Span, factor: number, anchorMs = (fromMs + toMs) / 2): Span {
  const length = Math.min(spanMsMax, Math.max(spanMsMin, (toMs - fromMs) * factor))
  const share = (Math.min(toMs, Math.max(fromMs, anchorMs)) - fromMs) / (toMs - fromMs)
  return starting(anchorMs - share * length, length)
}

/** Returns a span of another length around the same middle, or behind the same end where that is now. */
export function lasting({ fromMs, toMs }: Span, lengthMs: number, nowMs: number): Span {
  if (toMs >= nowMs) return starting(toMs - lengthMs, lengthMs)
  return starting((fromMs + toMs) / 2 - lengthMs / 2, lengthMs)
}

/** Returns the span moved by a part of itself: −1 is one whole back. */
export function moved({ fromMs, toMs }: Span, by: number): Span {
  return starting(fromMs + (toMs - fromMs) * by, toMs - fromMs)
}

function starting(fromMs: number, lengthMs: number): Span {
  const from = Math.max(0, Math.round(fromMs))
  return { fromMs: from, toMs: from + Math.round(Math.max(spanMsMin, lengthMs)) }
}

function readMs(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}
