/**
 * From "what was known, what the kernel's events said, what is there now" to what happened, in order. Pure.
 *
 * The snapshot decides what is there. The events decide how it came to that: a thing that came and went between two
 * snapshots, or went and came back in the same place, is told and not lost. An event may reach us after the snapshot
 * that already shows its effect, so each is checked against what has been told.
 */
export interface Seen<T> {
  /** Where it is: a USB port path, a disk's name. One thing at a time. */
  readonly place: string
  /** Which stay at that place: differs after a re-plug wherever the kernel lets us tell. */
  readonly instance: string
  readonly thing: T
  readonly sighting: 'snapshot' | 'event-only'
}

export interface PlugHint<T> {
  readonly action: 'add' | 'remove'
  readonly place: string
  readonly instance: string
  readonly atMs: number
  /** What the event itself says of the thing; null where it says too little. */
  readonly thing: T | null
}

export type PlugChange<T> =
  | { readonly kind: 'attached'; readonly seen: Seen<T> }
  | { readonly kind: 'detached'; readonly seen: Seen<T> }

export interface ReplayInput<T> {
  readonly known: ReadonlyMap<string, Seen<T>>
  readonly hints: readonly PlugHint<T>[]
  readonly present: ReadonlyMap<string, Seen<T>>
  /** Stays whose end was told before their remove event came: instance → ms. */
  readonly ended: ReadonlyMap<string, number>
  /** An instance never comes twice (USB device numbers run on); else a second add is a new stay. */
  readonly instancesAreUnique: boolean
  /** Before the first snapshot was told: a remove event alone speaks of something never told. */
  readonly isStarting: boolean
  readonly nowMs: number
  /** How long to wait for the rest of the events of a thing that can't be read any more, ms. */
  readonly graceMs: number
}

export interface ReplayResult<T> {
  readonly changes: readonly PlugChange<T>[]
  readonly known: ReadonlyMap<string, Seen<T>>
  readonly ended: ReadonlyMap<string, number>
  /** Places to judge again shortly: their events are handed in once more. */
  readonly deferred: ReadonlySet<string>
}

/** Ended stays are remembered for this long, for events that are late, ms. */
const endedMsMax = 30_000
const endedMax = 1_024

export function replaySightings<T>(input: ReplayInput<T>): ReplayResult<T> {
  const changes: PlugChange<T>[] = []
  const known = new Map(input.known)
  const ended = new Map(
    [...input.ended].filter(([, atMs]) => input.nowMs - atMs < endedMsMax).slice(-endedMax),
  )
  const deferred = new Set(deferredPlaces(input))

  const detach = (seen: Seen<T>, byEvent: boolean): void => {
    changes.push({ kind: 'detached', seen })
    known.delete(seen.place)
    if (byEvent && !input.instancesAreUnique) ended.delete(seen.instance)
    else ended.set(seen.instance, input.nowMs)
  }
  const attach = (seen: Seen<T>): void => {
    const before = known.get(seen.place)
    if (before !== undefined) detach(before, false)
    changes.push({ kind: 'attached', seen })
    known.set(seen.place, seen)
  }

  for (const hint of input.hints) {
    if (deferred.has(hint.place)) continue
    const current = known.get(hint.place)
    const now = input.present.get(hint.place)
    if (hint.action === 'add') {
      if (current?.instance === hint.instance) continue
      if (now?.instance === hint.instance) attach(now)
      else if (input.instancesAreUnique && ended.has(hint.instance)) continue
      else if (hint.thing !== null) attach(eventOnly(hint, hint.thing))
      continue
    }
    if (current?.instance === hint.instance) {
      detach(current, true)
    } else if (ended.has(hint.instance)) {
      if (!input.instancesAreUnique) ended.delete(hint.instance)
    } else if (!input.isStarting && hint.thing !== null && now?.instance !== hint.instance) {
      // Its add event was lost: that it was there is known from its end alone.
      const seen = eventOnly(hint, hint.thing)
      changes.push({ kind: 'attached', seen }, { kind: 'detached', seen })
      if (input.instancesAreUnique) ended.set(seen.instance, input.nowMs)
    }
  }

  for (const [place, seen] of [...known]) {
    if (deferred.has(place)) continue
    const now = input.present.get(place)
    if (now === undefined) detach(seen, false)
    else if (now.instance !== seen.instance) attach(now)
    else known.set(place, now)
  }
  for (const [place, now] of input.present) {
    if (!known.has(place) && !deferred.has(place)) attach(now)
  }
  return { changes, known, ended, deferred }
}

function eventOnly<T>(hint: PlugHint<T>, thing: T): Seen<T> {
  return { place: hint.place, instance: hint.instance, thing, sighting: 'event-only' }
}

/** A thing that came but can't be read, and whose end has not been heard yet: more of its events are on their way. */
function deferredPlaces<T>(input: ReplayInput<T>): string[] {
  const waiting = new Set<string>()
  for (const hint of input.hints) {
    const isFresh = input.nowMs - hint.atMs < input.graceMs
    if (hint.action === 'remove') waiting.delete(hint.place)
    else if (isFresh && !isAccountedFor(input, hint)) waiting.add(hint.place)
    else waiting.delete(hint.place)
  }
  return [...waiting]
}

function isAccountedFor<T>(input: ReplayInput<T>, hint: PlugHint<T>): boolean {
  return (
    input.present.get(hint.place)?.instance === hint.instance ||
    input.known.get(hint.place)?.instance === hint.instance ||
    (input.instancesAreUnique && input.ended.has(hint.instance))
  )
}
