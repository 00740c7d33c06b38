/** Which lane of a timeline a record belongs to, and how a span is cut into steps. Pure. */
import type { FactKind } from '@shoukou/protocol'
import {
  TIMELINE_BUCKETS_MAX,
  TIMELINE_SPAN_MS_MAX,
  TIMELINE_SPAN_MS_MIN,
  TIMELINE_STEPS,
  type TimelineLane,
} from '../contract-timeline-lanes.ts'

/** Returns the lane of a kind of record; null where it says nothing of the computer: seals, heartbeats of lists. */
export function laneOf(kind: FactKind): TimelineLane | null {
  switch (kind) {
    case 'usb.attached':
    case 'usb.detached':
    case 'usb.acted':
    case 'usb.re-enumerated':
    case 'usb.storm':
    case 'block.attached':
    case 'block.changed':
    case 'block.detached':
    case 'mount.added':
    case 'mount.removed':
    case 'media.examined':
    case 'media.access':
    case 'media.sealed':
    case 'guard.refused':
    case 'grant.changed':
      return 'media'
    case 'network.interface-added':
    case 'network.interface-changed':
    case 'network.interface-removed':
    case 'network.routes-changed':
    case 'network.changed-while-away':
    case 'network.condition':
    case 'network.connections':
    case 'network.hardware':
    case 'network.acted':
    case 'network.traces':
    case 'network.probed':
      return 'network'
    case 'file.activity':
      return 'files'
    case 'session.opened':
    case 'session.closed':
      return 'sessions'
    case 'agent.started':
    case 'agent.stopping':
    case 'agent.coverage':
    case 'agent.paused':
    case 'agent.altered':
    case 'agent.removal':
    case 'sensor.overflow':
    case 'host.inventory':
    case 'clock.stepped':
    case 'control.state':
    case 'control.tampered':
    case 'identity.renewed':
    case 'bundle.exported':
    case 'bundle.returned':
    case 'journal.opened':
    case 'command.done':
      return 'agent'
    case 'policy.applied':
    case 'policy.refused':
    case 'ceiling.applied':
    case 'ceiling.refused':
      return 'policy'
    case 'journal.gap':
    case 'journal.loss':
      return 'gaps'
    // Of each second, and of each hour: they would hide what happened.
    case 'journal.sealed':
    case 'network.counted':
    case 'network.picture':
      return null
  }
}

export interface Steps {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/**
 * Returns a span in whole steps of the smallest kind that fits. `offsetMs`: how far local time is ahead of UTC, so that
 * days begin at midnight here.
 */
export function stepsOf(fromMs: number, toMs: number, offsetMs: number): Steps {
  const lengthMs = Math.min(TIMELINE_SPAN_MS_MAX, Math.max(TIMELINE_SPAN_MS_MIN, toMs - fromMs))
  const stepMs = TIMELINE_STEPS.find((step) => lengthMs / step <= TIMELINE_BUCKETS_MAX) ?? 86_400_000
  const startMs = stepStart(fromMs, stepMs, offsetMs)
  const count = Math.ceil((fromMs + lengthMs - startMs) / stepMs)
  return { fromMs: Math.max(0, startMs), toMs: startMs + count * stepMs, stepMs }
}

/** Returns the beginning of the step that a moment is in. */
export function stepStart(atMs: number, stepMs: number, offsetMs: number): number {
  const local = stepMs >= 3_600_000 ? offsetMs : 0
  return Math.floor((atMs + local) / stepMs) * stepMs - local
}
