/**
 * Whether one violation says worse of the same thing than another: what somebody allowed is the lesser one alone. Pure.
 * What evidence does not tell is the worse of what it might.
 */
import { LEVELS } from '../levels.ts'
import { SEVERITIES } from './violation.ts'

export interface Weighed {
  readonly severity: string
  readonly level: string
  /** As the catalogue's schema has it, of whatever version. */
  readonly evidence: unknown
}

/** From the least; a word that is none of these counts as the worst. */
const severities = SEVERITIES.toReversed()
const outcomes = ['blocked', 'detected', 'allowed']
const exposures = ['none', 'not-verified']
const confidences = ['attempt', 'link-up', 'confirmed-reachability']

/** Returns whether `one` is worse than `other` in severity, level, outcome, exposure, or in how sure its proof is. */
export function isGraver(one: Weighed, other: Weighed): boolean {
  const [worse, lesser] = [weightsOf(one), weightsOf(other)]
  return worse.some((weight, at) => weight > (lesser[at] ?? 0))
}

function weightsOf({ severity, level, evidence }: Weighed): readonly number[] {
  const told = fieldsOf(evidence)
  const found = fieldsOf(told['found'])
  return [
    placeIn(severities, severity),
    placeIn(LEVELS, level),
    placeIn(outcomes, told['outcome'] ?? found['outcome']),
    placeIn(exposures, told['exposure']),
    placeIn(confidences, told['confidence'] ?? found['confidence']),
  ]
}

function placeIn(words: readonly string[], word: unknown): number {
  const at = words.indexOf(String(word))
  return at === -1 ? words.length : at
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
