/** Many sightings of one thing to one trace with its first and last time. Pure. */
import { rawTextKey, type Trace } from '@shoukou/protocol'

/** Sources that tell the same lines: the journal and the text logs that are made from it. */
const LOG_SOURCES: ReadonlySet<string> = new Set(['systemd-journal', 'syslog', 'kernel-log'])

export interface TraceSpan {
  readonly fromWallMs: number | null
  readonly toWallMs: number
}

/** Gathers traces; what lies wholly outside the span is left out, and so is what is beyond `max`. */
export class TraceCollection {
  readonly #span: TraceSpan
  readonly #max: number
  readonly #isOwn: (trace: Trace) => boolean
  readonly #traces = new Map<string, Trace>()
  #omitted = 0

  constructor(span: TraceSpan, max: number, isOwn: (trace: Trace) => boolean) {
    this.#span = span
    this.#max = max
    this.#isOwn = isOwn
  }

  /** Different traces that did not find room. */
  get omitted(): number {
    return this.#omitted
  }

  add(trace: Trace): void {
    if (!isWithin(trace, this.#span)) return
    const key = keyOf(trace)
    const known = this.#traces.get(key)
    if (known !== undefined) {
      this.#traces.set(key, united(known, trace))
      return
    }
    if (this.#isOwn(trace)) return
    if (this.#traces.size >= this.#max) this.#omitted += 1
    else this.#traces.set(key, trace)
  }

  /** By their last time, the latest first; those without any last. */
  all(): Trace[] {
    return [...this.#traces.values()].sort((a, b) => (b.lastWallMs ?? -1) - (a.lastWallMs ?? -1))
  }
}

/** What has no time can't be said to lie in a span: it belongs to the first report, which goes back without end. */
function isWithin(trace: Trace, { fromWallMs, toWallMs }: TraceSpan): boolean {
  if (trace.lastWallMs === null) return fromWallMs === null
  if (fromWallMs !== null && trace.lastWallMs < fromWallMs) return false
  return (trace.firstWallMs ?? trace.lastWallMs) <= toWallMs
}

function keyOf(trace: Trace): string {
  const isLog = LOG_SOURCES.has(trace.source)
  const text = rawTextKey(trace.text)
  const name = trace.interfaceName === null ? null : rawTextKey(trace.interfaceName)
  const place = isLog ? 'log' : `${trace.source} ${trace.path === null ? '' : rawTextKey(trace.path)}`
  return JSON.stringify([trace.kind, place, text, name, trace.peer])
}

function united(a: Trace, b: Trace): Trace {
  return {
    ...a,
    firstWallMs: least(a.firstWallMs, b.firstWallMs),
    lastWallMs: least(a.lastWallMs, b.lastWallMs, Math.max),
    certainty: rank(b.certainty) > rank(a.certainty) ? b.certainty : a.certainty,
  }
}

function least(
  a: number | null,
  b: number | null,
  choose: (...values: number[]) => number = Math.min,
): number | null {
  if (a === null) return b
  return b === null ? a : choose(a, b)
}

function rank(certainty: Trace['certainty']): number {
  return certainty === 'certain' ? 2 : certainty === 'likely' ? 1 : 0
}
