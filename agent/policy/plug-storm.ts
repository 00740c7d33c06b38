/**
 * Storms: more attachments on one port than a person makes. They are counted in facts of their own, and the devices are
 * no longer examined one by one; the records of the attachments themselves are none of its business and stay. A step
 * machine; pure.
 */
import type { FactNamed } from '@shoukou/protocol'

/** Attachments on one port within `STORM_WINDOW_MS`: one more is a storm. */
export const STORM_ATTACHES_MAX = 20
export const STORM_WINDOW_MS = 60_000
/** While a storm lasts, how often it is told. */
export const STORM_TELL_MS = 10_000
/** More ports than a computer has; beyond, the one that was quiet longest is told and forgotten. */
export const STORM_PORTS_MAX = 1_024

/** `atMs` is of the boot clock and orders; `wallMs` is what people read. `tick` is due every few seconds. */
export type StormEvent =
  | { readonly kind: 'attached'; readonly port: string; readonly atMs: number; readonly wallMs: number }
  | { readonly kind: 'tick'; readonly atMs: number; readonly wallMs: number }

interface Attach {
  readonly atMs: number
  readonly wallMs: number
}

interface PortCount {
  /** The last attachments, at most one more than a person makes. */
  readonly recent: readonly Attach[]
  /** What was not told yet, while a storm lasts; null while none does. */
  readonly storm: {
    readonly attaches: number
    readonly first: Attach | null
    readonly last: Attach | null
    readonly toldAtMs: number
  } | null
}

export interface PlugStorms {
  /** By port, the one that was quiet longest first. */
  readonly ports: ReadonlyMap<string, PortCount>
}

export const NO_PLUG_STORMS: PlugStorms = { ports: new Map() }

export interface StormStep {
  readonly state: PlugStorms
  readonly facts: readonly FactNamed<'usb.storm'>[]
  /** Of an attachment: its port storms, so the device is kept out and not examined. */
  readonly isStorming: boolean
}

/** Takes one attachment, or the time. A storm is told at once when it is found, then each ten seconds, then its rest. */
export function stepPlugStorm(state: PlugStorms, event: StormEvent): StormStep {
  const ports = new Map(state.ports)
  const facts: FactNamed<'usb.storm'>[] = []
  let isStorming = false
  if (event.kind === 'attached') {
    const port = event.port.slice(0, 64)
    const counted = withAttach(ports.get(port), event)
    ports.delete(port)
    ports.set(port, counted)
    isStorming = counted.recent.length > STORM_ATTACHES_MAX
  }
  for (const [port, count] of ports) {
    const next = afterTime(port, count, event.atMs, facts)
    if (next === null) ports.delete(port)
    else ports.set(port, next)
  }
  const quietest = ports.entries().next()
  if (ports.size > STORM_PORTS_MAX && quietest.done !== true) {
    const [port, { storm }] = quietest.value
    if (storm !== null) facts.push(...factsOf(port, storm))
    ports.delete(port)
  }
  return { state: { ports }, facts, isStorming }
}

function withAttach(before: PortCount | undefined, { atMs, wallMs }: Attach): PortCount {
  const attach = { atMs, wallMs }
  const within = (before?.recent ?? []).filter((one) => atMs - one.atMs < STORM_WINDOW_MS)
  const recent = [...within, attach].slice(-(STORM_ATTACHES_MAX + 1))
  const storm = before?.storm ?? null
  if (storm !== null) {
    const { attaches, first, toldAtMs } = storm
    return { recent, storm: { attaches: attaches + 1, first: first ?? attach, last: attach, toldAtMs } }
  }
  if (recent.length <= STORM_ATTACHES_MAX) return { recent, storm: null }
  const first = recent[0] ?? attach
  return {
    recent,
    storm: { attaches: recent.length, first, last: attach, toldAtMs: Number.NEGATIVE_INFINITY },
  }
}

/** Tells what is due; null where nothing of this port needs to be remembered. */
function afterTime(
  port: string,
  count: PortCount,
  nowMs: number,
  facts: FactNamed<'usb.storm'>[],
): PortCount | null {
  const recent = count.recent.filter((one) => nowMs - one.atMs < STORM_WINDOW_MS)
  const { storm } = count
  if (storm === null) return recent.length === 0 ? null : { recent, storm }
  const isOver = recent.length <= STORM_ATTACHES_MAX
  if (!isOver && nowMs - storm.toldAtMs < STORM_TELL_MS) return { recent, storm }
  facts.push(...factsOf(port, storm))
  if (isOver) return recent.length === 0 ? null : { recent, storm: null }
  return { recent, storm: { attaches: 0, first: null, last: null, toldAtMs: nowMs } }
}

function factsOf(port: string, storm: NonNullable<PortCount['storm']>): FactNamed<'usb.storm'>[] {
  const { attaches, first, last } = storm
  if (first === null || last === null) return []
  // The wall clock may be set back meanwhile: the earlier of the two stands first.
  const firstWallMs = Math.min(first.wallMs, last.wallMs)
  return [{ kind: 'usb.storm', port, attaches, firstWallMs, lastWallMs: Math.max(first.wallMs, last.wallMs) }]
}
