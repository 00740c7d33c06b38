/** Reasons of one computer, told once each: pure. Seven sensors with one trouble are one line, not seven. */
import type { WatchReason } from '../../api/contract.ts'

export interface ReasonGroup extends Omit<WatchReason, 'sensor'> {
  readonly sensors: readonly string[]
}

/** Returns the reasons in their order, those that differ by the sensor alone as one. */
export function groupReasons(reasons: readonly WatchReason[]): ReasonGroup[] {
  const isNeverHeard = reasons.some(({ code }) => code === 'never-heard')
  const groups = new Map<string, ReasonGroup>()
  for (const { sensor, ...reason } of reasons) {
    // Of a computer that never spoke nothing else can be known: that is said by the first reason already.
    if (isNeverHeard && reason.code === 'sensor-unknown') continue
    const key = JSON.stringify([reason.code, reason.detail, reason.remedy])
    const sensors = sensor === null ? [] : [sensor]
    groups.set(key, { ...reason, sensors: [...(groups.get(key)?.sensors ?? []), ...sensors] })
  }
  return [...groups.values()]
}
