/** Decides where a thing found at the start stood before. Pure. */
import type { Origin } from '@shoukou/protocol'

export interface StartKnowledge {
  /** Keys that an earlier run in this same boot had told of; empty after a reboot. */
  readonly toldInThisBoot: ReadonlySet<string>
  /** Keys of the signed baseline. */
  readonly baseline: ReadonlySet<string>
  /** No run of this journal has told of anything yet. */
  readonly isFirstStart: boolean
}

/**
 * Returns the origin of a thing that was there when the sensor started.
 *
 * Baseline holds for the first start alone: a thing of the baseline that is there again after a reboot is
 * `present-at-start`, and rules compare it with the baseline themselves.
 */
export function originAtStart(key: string, knowledge: StartKnowledge): Origin {
  if (knowledge.toldInThisBoot.has(key)) return 'still-present'
  if (knowledge.isFirstStart && knowledge.baseline.has(key)) return 'baseline'
  return 'present-at-start'
}

/** What a thing is known by: `identity` across boots and re-plugs, `instance` for this one stay alone. */
export interface ThingKeys {
  readonly identity: string
  /** What a sensor remembers: the same stick drawn and put back while no agent ran is another instance. */
  readonly instance: string
}

/** Returns the origin of a thing with both keys: told before only as this instance, baseline by its identity. */
export function originOfThing(keys: ThingKeys, originOfKey: (key: string) => Origin): Origin {
  return originOfKey(keys.instance) === 'still-present' ? 'still-present' : originOfKey(keys.identity)
}
